import { join } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../fault/backstep-error.ts';
import { nearest } from '../form/nearest.ts';
import { readRecord } from '../switch/book.ts';
import type { Ground } from '../switch/ground.ts';
import {
  downtimeMs,
  phaseTimes,
  readJournal,
  stateOf,
  type JournalLine,
} from '../switch/journal.ts';
import type { RunState } from '../switch/phases.ts';
import { readPlan, type SwitchPlan } from '../switch/plan.ts';

/** What a report says that a plan and a journal do not. */
const report = z.object({
  undoneBy: z.string().nullable(),
  fault: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  assets: z.record(
    z.string(),
    z.object({
      parked: z.array(z.object({ what: z.string(), count: z.int(), why: z.string() })),
    }),
  ),
});

/** One run as its records have it. */
export interface PastRun {
  readonly name: string;
  /** Null where it ended before its plan was written. */
  readonly plan: SwitchPlan | null;
  readonly lines: readonly JournalLine[];
  readonly state: RunState | null;
  readonly downtimeMs: number | null;
  readonly phases: readonly { readonly name: string; readonly ms: number }[];
  /** Null where the run did not come to its end. */
  readonly report: z.output<typeof report> | null;
}

/** The names of all runs, oldest first. */
export function runNames(ground: Ground): readonly string[] {
  const { disk } = ground.host;
  const { journal, runs } = ground.folders;
  const listed = (folder: string): readonly string[] =>
    disk.lstat(folder) === null ? [] : disk.list(folder);
  const journals = listed(journal)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length));
  return [...new Set([...journals, ...listed(runs)])].sort((a, b) =>
    timeIn(a) < timeIn(b) ? -1 : 1,
  );
}

/** Throws `switch/journal` and `switch/record` where what is on record is damaged. */
export function readRun(ground: Ground, name: string): PastRun {
  const { host, folders } = ground;
  const lines = readJournal(host, folders.journal, name);
  return {
    name,
    plan: readPlan(ground, name),
    lines,
    state: stateOf(lines),
    downtimeMs: downtimeMs(lines),
    phases: phaseTimes(lines),
    report: readRecord(host, join(folders.runs, name, 'report.json'), report),
  };
}

/** The run that was asked for, or the newest one. Throws `switch/no-run`. */
export function chooseRun(ground: Ground, wanted: string | undefined): string {
  const names = runNames(ground);
  const found = wanted === undefined ? names.at(-1) : names.find((name) => name === wanted);
  if (found !== undefined) return found;
  const near = wanted === undefined ? null : nearest(wanted, names);
  throw new BackstepError('switch/no-run', {
    message: wanted === undefined ? 'no run is on record' : `there is no run ${wanted}`,
    hint: near === null ? 'see `backstep history`' : `did you mean ${near}?`,
  });
}

/** Names begin with the kind of the run; what follows sorts by time. */
function timeIn(run: string): string {
  return run.slice(run.indexOf('-') + 1);
}

/** How a run ended, or where it stands, in a word or two. */
export function endingOf({ state }: PastRun): string {
  if (state === null) return 'not begun';
  switch (state.kind) {
    case 'ended':
      return state.result;
    case 'in':
      return `INTERRUPTED in ${state.phase}`;
    case 'failed':
      return `INTERRUPTED after ${state.phase} failed`;
    case 'taking-back':
      return 'INTERRUPTED while another run took it back';
    case 'undoing':
      return 'INTERRUPTED while it was undone';
  }
}
