import { createHash } from 'node:crypto';
import { basename, join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import { makeDurableFolders, readWhole, removeTree } from '../host/whole-file.ts';
import { appendLines, type Pen } from './append.ts';
import { keyData, ownActs, type PrunedData, type PrunedKey } from './own-lines.ts';
import { parseLine, type AuditLine } from './line.ts';
import { linesOf, monthOf, segmentsIn, type Segment } from './segments.ts';
import { verifyAudit } from './verify.ts';

/** Months that end so long ago may go; the law of the operator may ask for more. */
export const keptMonths = 12;

/** The months whose last day is more than `months` months ago; never the newest one. */
export function prunable(
  disk: Disk,
  folder: string,
  { nowMs, months }: { readonly nowMs: number; readonly months: number },
): Segment[] {
  const now = new Date(nowMs);
  const oldest = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1));
  const cut = monthOf(oldest.toISOString());
  return segmentsIn(disk, folder)
    .slice(0, -1)
    .filter(({ month }) => month < cut);
}

/**
 * Copies whole months into a folder, writes down what goes, and removes them. The caller is the only writer.
 * Crash: they lie in both places, or only in the archive, and the log is whole in any case.
 * Throws `audit/unsound` where the log does not verify, `audit/archive` where the archive holds something else.
 */
export function pruneSegments(pen: Pen, segments: readonly Segment[], archive: string): PrunedData {
  const { host, folder } = pen;
  const { disk } = host;
  const { finding } = verifyAudit(disk, { folder, publicKey: null, anchors: [] });
  if (finding !== null && finding.finding !== 'unsigned') {
    throw new BackstepError('audit/unsound', {
      message: `${finding.file}:${finding.line}: ${finding.finding}: ${finding.text}`,
      hint: 'keep all of it, and find out what happened: `backstep audit verify`',
    });
  }
  makeDurableFolders(disk, archive, 0o700);
  for (const segment of segments) keepCopy(disk, segment, archive);
  disk.syncFolder(archive);
  const record: PrunedData = {
    segments: segments.map((segment) => describe(disk, segment)),
    keys: segments.flatMap((segment) => keysOf(disk, segment)),
    archive,
  };
  appendLines(pen, [{ act: ownActs.pruned, run: null, data: record }], { closes: true });
  for (const { path } of segments) disk.removeFile(path);
  disk.syncFolder(folder);
  return record;
}

function keepCopy(disk: Disk, { path }: Segment, archive: string): void {
  const copy = join(archive, basename(path));
  if (disk.lstat(copy) === null) {
    const fresh = join(archive, `.${basename(path)}.new`);
    removeTree(disk, fresh);
    disk.copy(path, fresh);
    disk.syncFile(fresh);
    disk.rename(fresh, copy);
  }
  if (sha256(readWhole(disk, copy)) === sha256(readWhole(disk, path))) return;
  throw new BackstepError('audit/archive', {
    message: `${copy} is there already, and is not the segment that would go`,
    hint: 'name another folder with --archive',
  });
}

function describe(disk: Disk, segment: Segment): PrunedData['segments'][number] {
  const lines = parsedLines(disk, segment);
  const bytes = readWhole(disk, segment.path);
  return {
    month: segment.month,
    firstSeq: lines.at(0)?.seq ?? 0,
    lastSeq: lines.at(-1)?.seq ?? 0,
    lastHash: lines.at(-1)?.hash ?? '',
    sha256: sha256(bytes),
    sizeBytes: bytes.length,
  };
}

function keysOf(disk: Disk, segment: Segment): PrunedKey[] {
  return parsedLines(disk, segment).flatMap(({ act, seq, prev, data }) => {
    const read = act === ownActs.key ? keyData.safeParse(data) : null;
    return read?.success === true ? [{ seq, prev, ...read.data }] : [];
  });
}

function parsedLines(disk: Disk, segment: Segment): AuditLine[] {
  return [...linesOf(disk, segment)].flatMap(({ bytes }) => parseLine(bytes) ?? []);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
