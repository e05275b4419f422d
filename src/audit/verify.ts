import type { Disk } from '../host/disk.ts';
import type { Anchor, Finding, FindingKind, Verdict } from './finding.ts';
import { isSigned } from './keys.ts';
import { noHash, parseLine, type AuditLine } from './line.ts';
import {
  checkpointData,
  checkpointText,
  keyData,
  keyText,
  ownActs,
  prunedData,
  type PrunedData,
  type PrunedKey,
} from './own-lines.ts';
import { linesOf, segmentsIn, type FoundLine } from './segments.ts';

export interface VerifyRequest {
  readonly folder: string;
  /** Base64, from elsewhere: any key that ever signed. Null: the log vouches for itself alone. */
  readonly publicKey: string | null;
  /** Written down elsewhere, in any order. */
  readonly anchors: readonly Anchor[];
}

/** Reads every line and follows the chain, its keys and its checkpoints. Changes nothing, and needs no key of its own. */
export function verifyAudit(disk: Disk, request: VerifyRequest): Verdict {
  const walk = new Walk(disk, request);
  const finding = walk.toTheEnd() ?? walk.afterTheEnd();
  return {
    finding,
    lineCount: walk.lineCount,
    months: walk.months,
    anchor:
      walk.seq === 0 || finding?.finding === 'altered' ? null : { size: walk.seq, hash: walk.hash },
    signedTo: walk.signedTo,
    keys: walk.keys,
    trust: request.publicKey === null ? 'own' : 'given',
  };
}

/** How far a log was followed, and what is known there. */
class Walk {
  lineCount = 0;
  months: readonly string[] = [];
  seq = 0;
  hash = noHash;
  signedTo = 0;
  readonly keys: string[] = [];
  readonly #disk: Disk;
  readonly #request: VerifyRequest;
  readonly #anchors: ReadonlyMap<number, string>;
  /** Keys that vouch for the ones in the log, and stand in none of its lines any more. */
  readonly #earlier: string[] = [];
  #at: Pick<FoundLine, 'month' | 'number'> = { month: '', number: 0 };
  /** The first line that no checkpoint covers yet. */
  #unsigned: Pick<FoundLine, 'month' | 'number'> | null = null;

  constructor(disk: Disk, request: VerifyRequest) {
    this.#disk = disk;
    this.#request = request;
    this.#anchors = new Map(request.anchors.map(({ size, hash }) => [size, hash]));
  }

  /** The first thing that is wrong with a line, null where none is. */
  toTheEnd(): Finding | null {
    const segments = segmentsIn(this.#disk, this.#request.folder);
    this.months = segments.map(({ month }) => month);
    for (const segment of segments) {
      for (const found of linesOf(this.#disk, segment)) {
        const before = this.#at;
        this.#at = found;
        const trouble = this.#follow(found, before);
        if (trouble !== null) return trouble;
      }
    }
    return null;
  }

  /** What only the end tells: is it the end that somebody knew, is it signed, and by whom? */
  afterTheEnd(): Finding | null {
    const missing = [...this.#anchors.keys()].filter((size) => size > this.seq);
    if (missing.length > 0) {
      const most = Math.max(...missing);
      return this.#finding(
        'cut',
        `the log ends with line ${this.seq}, and had ${most} when it was anchored`,
      );
    }
    const { publicKey } = this.#request;
    const known = [...this.#earlier, ...this.keys];
    if (publicKey !== null && this.lineCount > 0 && !known.includes(publicKey)) {
      return this.#finding(
        'forged',
        'no key of the log is the one that was given, or follows from it',
      );
    }
    if (this.#unsigned === null) return null;
    return this.#finding('unsigned', 'no checkpoint covers the lines from here on', this.#unsigned);
  }

  #follow(found: FoundLine, before: Pick<FoundLine, 'month' | 'number'>): Finding | null {
    if (!found.isWhole) {
      // A crash leaves such an end, and the next entry takes it away before anything is written elsewhere.
      if (found.month !== this.months.at(-1))
        return this.#finding('altered', 'the line is cut short');
      this.#unsigned ??= found;
      return null;
    }
    const line = parseLine(found.bytes);
    if (line === null) return this.#finding('altered', 'the line is not what its own hash says');
    this.lineCount += 1;
    return this.#place(line, before) ?? this.#anchored(line) ?? this.#signed(line);
  }

  /** Does the line follow the one before? */
  #place(line: AuditLine, before: Pick<FoundLine, 'month' | 'number'>): Finding | null {
    const wanted = this.seq + 1;
    if (this.seq === 0 && line.seq > 1) return this.#begin(line);
    if (line.seq > wanted && !this.#standsLater(wanted)) {
      return this.#finding('cut', `lines ${wanted} to ${line.seq - 1} are missing before this one`);
    }
    if (line.seq !== wanted) {
      return this.#finding('reordered', `line ${line.seq} stands where ${wanted} belongs`);
    }
    if (line.prev === this.hash) return this.#step(line);
    const where = before.number === 0 ? this.#at : before;
    return this.#finding(
      'replaced',
      'the line was written anew: the next one knows another',
      where,
    );
  }

  #step(line: AuditLine): null {
    this.seq = line.seq;
    this.hash = line.hash;
    return null;
  }

  /** The log begins later than with its first line: only a record of a prune makes that right. */
  #begin(line: AuditLine): Finding | null {
    const pruned = this.#prunedBefore(line);
    if (pruned === null) {
      return this.#standsLater(1)
        ? this.#finding('reordered', `line ${line.seq} stands where 1 belongs`)
        : this.#finding('cut', `lines 1 to ${line.seq - 1} are missing, and no prune is on record`);
    }
    const keys = pruned.keys.toSorted((a, b) => a.seq - b.seq);
    const isChain = keys.every(
      (each, n) => each.by === (keys[n - 1]?.key ?? null) && isVouched(each),
    );
    if (!isChain) {
      return this.#finding('forged', 'a key of the pruned part is signed by no key before it');
    }
    this.#earlier.push(...keys.map(({ key }) => key));
    this.signedTo = line.seq - 1;
    return this.#step(line);
  }

  /** All prunes together, if the last of them ends where this line begins. */
  #prunedBefore(line: AuditLine): PrunedData | null {
    const records = this.#linesWhere(({ act }) => act === ownActs.pruned).flatMap(({ data }) => {
      const read = prunedData.safeParse(data);
      return read.success ? [read.data] : [];
    });
    const segments = records.flatMap((record) => record.segments);
    const isEnd = segments.some(
      ({ lastSeq, lastHash }) => lastSeq === line.seq - 1 && lastHash === line.prev,
    );
    const keys = records.flatMap((record) => record.keys).filter(({ seq }) => seq < line.seq);
    return isEnd ? { segments, keys, archive: '' } : null;
  }

  #anchored({ seq, hash }: AuditLine): Finding | null {
    const known = this.#anchors.get(seq);
    if (known === undefined || known === hash) return null;
    return this.#finding('replaced', `line ${seq} was another one when it was anchored`);
  }

  #signed(line: AuditLine): Finding | null {
    if (line.act === ownActs.key) return this.#changeKey(line);
    if (line.act !== ownActs.checkpoint) {
      this.#unsigned ??= this.#at;
      return null;
    }
    const { signature } = checkpointData.safeParse(line.data).data ?? { signature: '' };
    const text = checkpointText({ seq: line.seq - 1, hash: line.prev });
    const publicKey = this.keys.at(-1) ?? this.#earlier.at(-1) ?? '';
    if (isSigned(text, { publicKey, signature })) {
      this.signedTo = line.seq - 1;
      this.#unsigned = null;
      return null;
    }
    const from = this.#unsigned ?? this.#at;
    return this.#finding('replaced', `line ${line.seq} signs other lines than these`, from);
  }

  #changeKey(line: AuditLine): Finding | null {
    this.#unsigned ??= this.#at;
    const read = keyData.safeParse(line.data);
    if (!read.success) return this.#finding('forged', 'the line names no key');
    const { key, by } = read.data;
    const last = this.keys.at(-1) ?? this.#earlier.at(-1) ?? null;
    const isFirst = line.seq === 1;
    const isGood = isFirst ? by === null : by === last && isVouched({ ...read.data, ...line });
    if (!isGood)
      return this.#finding('forged', 'a new key, and the one before does not vouch for it');
    this.keys.push(key);
    return null;
  }

  #standsLater(seq: number): boolean {
    return this.#linesWhere((line) => line.seq === seq).length > 0;
  }

  #linesWhere(isWanted: (line: AuditLine) => boolean): AuditLine[] {
    const wanted: AuditLine[] = [];
    for (const segment of segmentsIn(this.#disk, this.#request.folder)) {
      for (const { bytes } of linesOf(this.#disk, segment)) {
        const line = parseLine(bytes);
        if (line !== null && isWanted(line)) wanted.push(line);
      }
    }
    return wanted;
  }

  #finding(
    finding: FindingKind,
    text: string,
    { month, number }: Pick<FoundLine, 'month' | 'number'> = this.#at,
  ): Finding {
    return { finding, file: month === '' ? '' : `${month}.jsonl`, line: number, text };
  }
}

/** A key is vouched for by the one before it; the very first vouches for itself. */
function isVouched({ key, by, signature, seq, prev }: PrunedKey): boolean {
  if (by === null) return seq === 1;
  const text = keyText(key, { seq, prev });
  return signature !== null && isSigned(text, { publicKey: by, signature });
}
