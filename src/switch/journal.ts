import { jsonOrNull } from '../form/json-text.ts';
import { join } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../fault/backstep-error.ts';
import type { DiskFile } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { makeDurableFolders, readWhole } from '../host/whole-file.ts';
import { phases, results, type Phase, type RunResult, type RunState } from './phases.ts';

/** One line: what is about to be done, or what came of it. Times are ISO 8601, UTC. */
const record = z.discriminatedUnion('event', [
  z.object({ event: z.literal('begun'), phase: z.enum(phases) }),
  z.object({ event: z.literal('done'), phase: z.enum(phases), ms: z.number() }),
  z.object({
    event: z.literal('failed'),
    phase: z.enum(phases),
    code: z.string(),
    message: z.string(),
  }),
  z.object({ event: z.literal('undoing'), why: z.string() }),
  z.object({ event: z.literal('taking-back'), by: z.string() }),
  z.object({ event: z.literal('ended'), result: z.enum(results) }),
]);
const line = z.intersection(z.object({ v: z.literal(1), seq: z.int(), ts: z.string() }), record);

export type JournalRecord = z.output<typeof record>;
export type JournalLine = z.output<typeof line>;

/** A run that changes its state more often than this is going round in circles. */
const maxStateChanges = 500;

/**
 * The journal of one run: JSON Lines, each synced before the act that it announces. A crash leaves whole
 * lines and at most one torn last line, which readers leave out and a writer cuts off.
 */
export class Journal {
  readonly #host: Host;
  readonly #file: DiskFile;
  #position: number;
  #seq: number;
  #stateChanges = 0;

  private constructor(host: Host, file: DiskFile, end: { position: number; seq: number }) {
    this.#host = host;
    this.#file = file;
    this.#position = end.position;
    this.#seq = end.seq;
  }

  /** Begins a run's journal, or goes on with it. */
  static open(host: Host, folder: string, run: string): Journal {
    const { disk } = host;
    makeDurableFolders(disk, folder, 0o700);
    const path = journalPath(folder, run);
    if (disk.lstat(path) === null) {
      const file = disk.create(path, 0o600);
      file.sync();
      disk.syncFolder(folder);
      return new Journal(host, file, { position: 0, seq: 0 });
    }
    const { lines, wholeBytes } = parse(readWhole(disk, path), path);
    const file = disk.openWrite(path);
    // Who made it may have been killed before its name was durable.
    if (lines.length === 0) disk.syncFolder(folder);
    if (file.stat().sizeBytes > wholeBytes) {
      file.truncate(wholeBytes);
      // Else a loss of power might leave a part of what was cut off within the line that is written there next.
      file.sync();
    }
    const seq = lines.at(-1)?.seq ?? 0;
    return new Journal(host, file, { position: wholeBytes, seq });
  }

  /** Durable when it returns. Throws `switch/endless` when the run goes round in circles. */
  write(entry: JournalRecord): void {
    this.#stateChanges += 1;
    if (this.#stateChanges > maxStateChanges) {
      throw new BackstepError('switch/endless', {
        message: `the run changed its state ${maxStateChanges} times without coming to an end`,
        hint: 'run `backstep inspect` and finish or undo it by hand',
      });
    }
    const ts = new Date(this.#host.clock.now()).toISOString();
    const bytes = Buffer.from(`${JSON.stringify({ v: 1, seq: this.#seq + 1, ts, ...entry })}\n`);
    this.#file.write(bytes, this.#position);
    this.#file.sync();
    this.#position += bytes.length;
    this.#seq += 1;
  }

  close(): void {
    this.#file.close();
  }
}

/** The whole lines of a run's journal, oldest first. Throws `switch/journal` for one that is damaged. */
export function readJournal(host: Host, folder: string, run: string): readonly JournalLine[] {
  const path = journalPath(folder, run);
  if (host.disk.lstat(path) === null) return [];
  return parse(readWhole(host.disk, path), path).lines;
}

/** Where a run stands by its journal; null where it has not begun anything. */
export function stateOf(lines: readonly JournalLine[]): RunState | null {
  let state: RunState | null = null;
  for (const entry of lines) state = after(entry);
  return state;
}

function after(entry: JournalLine): RunState {
  switch (entry.event) {
    case 'begun':
    case 'done':
      return { kind: 'in', phase: entry.phase };
    case 'failed':
      return { kind: 'failed', phase: entry.phase };
    case 'undoing':
      return { kind: 'undoing' };
    case 'taking-back':
      return { kind: 'taking-back' };
    case 'ended':
      return { kind: 'ended', result: entry.result };
  }
}

/** A run that ended as inconsistent is taken up again where it stood before it gave up. */
export function openEnded(lines: readonly JournalLine[]): readonly JournalLine[] {
  const last = lines.findLastIndex(
    (entry) => entry.event !== 'ended' || entry.result !== 'inconsistent',
  );
  return lines.slice(0, last + 1);
}

/** True once the target was started, or was about to be: users may have written to it. */
export function hasStarted(lines: readonly JournalLine[]): boolean {
  return lines.some((entry) => entry.event === 'begun' && entry.phase === 'start');
}

/** True once every unit was placed, durably: from then on, what stands at a live name is the application's own. */
export function isPlaced(lines: readonly JournalLine[]): boolean {
  return lines.some((entry) => entry.event === 'done' && entry.phase === 'place');
}

/** The opposite switches that were begun to take a run back, oldest first. */
export function takenBackBy(lines: readonly JournalLine[]): readonly string[] {
  return lines.flatMap((entry) => (entry.event === 'taking-back' ? [entry.by] : []));
}

/** How long each phase took, in its order. */
export function phaseTimes(lines: readonly JournalLine[]): { name: Phase; ms: number }[] {
  return lines.flatMap((entry) =>
    entry.event === 'done' ? [{ name: entry.phase, ms: entry.ms }] : [],
  );
}

/** Milliseconds between stopping the application and its being ready; null where it was not stopped. */
export function downtimeMs(lines: readonly JournalLine[]): number | null {
  const at = (event: string, phase: Phase): number | null => {
    const found = lines.find(
      (each) => each.event === event && 'phase' in each && each.phase === phase,
    );
    return found === undefined ? null : Date.parse(found.ts);
  };
  const [from, to] = [at('begun', 'quiesce'), at('done', 'start')];
  return from === null || to === null ? null : to - from;
}

/**
 * How a run ended, by the last line alone: a journal that something damaged further up does not stop the
 * next run. Null where it has not ended.
 */
export function lastResult(host: Host, folder: string, run: string): RunResult | null {
  const path = journalPath(folder, run);
  const bytes = readWhole(host.disk, path);
  const whole = bytes.subarray(0, wholeBytesOf(bytes));
  if (whole.length === 0) return null;
  const last = whole.subarray(lastLineBegin(whole), -1).toString('utf8');
  return endOf([parseLine(last, path)]);
}

export function endOf(lines: readonly JournalLine[]): RunResult | null {
  const last = lines.at(-1);
  return last?.event === 'ended' ? last.result : null;
}

function journalPath(folder: string, run: string): string {
  return join(folder, `${run}.jsonl`);
}

function parse(
  bytes: Buffer,
  path: string,
): { readonly lines: JournalLine[]; readonly wholeBytes: number } {
  const wholeBytes = wholeBytesOf(bytes);
  const texts = bytes.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1);
  return { lines: texts.map((text, n) => parseLine(text, `${path}:${n + 1}`)), wholeBytes };
}

/**
 * Up to the end of the last whole line. A loss of power may leave zeros in the place of the first blocks of a last line
 * whose end it keeps; such a line was never synced, so nothing was done on the strength of it.
 */
function wholeBytesOf(bytes: Buffer): number {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const begin = lastLineBegin(bytes.subarray(0, end));
  return bytes.subarray(begin, end).includes(0) ? begin : end;
}

/** Where the last of these whole lines begins. */
function lastLineBegin(lines: Buffer): number {
  return lines.length < 2 ? 0 : lines.lastIndexOf(0x0a, lines.length - 2) + 1;
}

function parseLine(text: string, where: string): JournalLine {
  const read = line.safeParse(jsonOrNull(text));
  if (read.success) return read.data;
  throw new BackstepError('switch/journal', {
    message: `${where}: this is no line of a journal: ${text.slice(0, 80)}`,
    hint: 'the file was changed by something else; `backstep inspect` shows what lies where',
  });
}
