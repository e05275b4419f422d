import { join } from 'node:path/posix';
import { z } from 'zod';
import { readRecord } from '../../switch/book.ts';
import type { Ground } from '../../switch/ground.ts';
import type { JournalLine } from '../../switch/journal.ts';
import { exists, type Move } from '../../switch/moves.ts';
import type { Recovery } from '../../switch/phases.ts';
import { stagedRecord } from '../../switch/stage/staged.ts';
import { recoveryOf } from '../../switch/recover/standing.ts';
import { openGround } from '../open.ts';
import { duration, table } from '../output.ts';
import { chooseRun, endingOf, readRun, type PastRun } from '../past-runs.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string().optional()]);

export const inspectCommand: CommandDefinition = {
  example: 'backstep inspect',
  readsOnly: true,
  arguments: { '[run]': 'a run of `backstep history` (default: the newest)' },
  run: (call, given) => {
    const [wanted] = parseGiven(named, given.args);
    const ground = openGround(call);
    const run = readRun(ground, chooseRun(ground, wanted));
    const units = unitsOf(ground, run);
    const recovery = recoveryOf(ground, { run: run.name, policy: run.plan?.policy ?? 'undo' });
    const commands = commandsFor(recovery, units);
    const pinned = pinnedBy(ground, run.name);
    const { name, plan, state, lines, report, phases } = run;
    call.output.result(
      {
        run: name,
        plan,
        state,
        recovery,
        phases,
        fault: report?.fault ?? null,
        lines,
        units,
        pinned,
        commands,
      },
      [
        `${name}: ${plan === null ? 'no plan was written' : `${plan.from} → ${plan.to}, ${plan.reason}`}`,
        `${endingOf(run)}; ${recovery === null ? unclear : meaningOf[recovery]}`,
        ...(report?.fault ? [`why: ${report.fault.message}`] : []),
        ...phases.map((phase) => `  ${phase.name} ${duration(phase.ms)}`),
        '',
        'journal:',
        ...lines.map((line) => `  ${line.ts}  ${lineText(line)}`),
        ...unitLines(units),
        ...pinned.map(({ id, what }) => `pinned: ${id}: ${what}`),
        ...commandLines(commands),
      ],
    );
    return Promise.resolve(recovery === 'none' ? 0 : 7);
  },
};

const unclear =
  'its journal is lost, and what lies where does not tell how far it came: see docs/operating/inconsistent.md';

/** Snapshots that are kept for the run, whatever is pruned. */
function pinnedBy(ground: Ground, run: string): { readonly id: string; readonly what: string }[] {
  const file = join(ground.folders.runs, run, 'staged.json');
  const record = readRecord(ground.host, file, stagedRecord);
  if (record === null) return [];
  const { settlement } = record;
  const departure = settlement.departure ?? settlement.book.departure;
  const steps = departure?.run === run ? departure.steps : [];
  return [
    { id: record.now, what: 'what was live when it began (the safety snapshot)' },
    ...settlement.pairs.flatMap(({ before, after, from, to }) => [
      { id: before, what: `before the upgrade from ${from} to ${to}` },
      { id: after, what: `right after the upgrade from ${from} to ${to}` },
    ]),
    ...steps.map(({ result }) => ({ id: result, what: 'what it made of it' })),
  ];
}

/** What `backstep resume` would do about a run that stands so. */
const meaningOf: Readonly<Record<Recovery, string>> = {
  discard: 'nothing live was touched; `backstep resume` throws its staging away',
  restart: 'nothing live was touched; `backstep resume` starts what was stopped',
  'rename-back': '`backstep resume` puts back what was displaced, and starts it',
  forward: 'it was committed; `backstep resume` finishes placing, starts and verifies',
  policy: 'the release is in its place and was not sound; `backstep resume` follows the policy',
  still: 'it was aborted before it started; `backstep resume` finishes placing and starts nothing',
  'take-back': 'another run takes it back; `backstep resume` brings that one to its end',
  none: 'there is nothing left to do',
};

/** Where the parts of one unit lie; true where something is there now. */
interface InspectedUnit extends Move {
  readonly isLive: boolean;
  readonly isStaged: boolean;
  readonly isDisplaced: boolean;
  readonly isStray: boolean;
}

function unitsOf(ground: Ground, run: PastRun): InspectedUnit[] {
  const { disk } = ground.host;
  const file = join(ground.folders.runs, run.name, 'staged.json');
  const record = readRecord(ground.host, file, stagedRecord);
  const isThere = (path: string | null): boolean => path !== null && exists(disk, path);
  const units = (record?.moves ?? []).map((move) => ({
    ...move,
    isLive: isThere(move.live),
    isStaged: isThere(move.staged),
    isDisplaced: isThere(move.displaced),
    isStray: isThere(move.stray),
  }));
  return units.filter((unit) => !isLogThatNeverCame(ground, unit));
}

/** Logs beside a database are moved with it where they appear; those that did not are nothing to tell of. */
function isLogThatNeverCame(ground: Ground, unit: InspectedUnit): boolean {
  const asset = ground.assets.find(({ name }) => name === unit.asset);
  const isSomewhere = unit.isLive || unit.isStaged || unit.isDisplaced || unit.isStray;
  return !isSomewhere && (asset?.mayAppear?.().includes(unit.unit) ?? false);
}

/** By hand, should `backstep resume` itself be in the way: one line of a shell each, in this order. */
interface ByHand {
  readonly forward: readonly string[];
  readonly back: readonly string[];
}

function commandsFor(recovery: Recovery | null, units: readonly InspectedUnit[]): ByHand {
  if (recovery === 'none') return { forward: [], back: [] };
  const forward = units.flatMap(({ isStaged, isLive, isDisplaced, ...move }) => {
    const aside = isLive && !isDisplaced && move.displaced !== null;
    return [
      ...(aside ? [renaming(move.live, move.displaced)] : []),
      ...(isStaged && move.staged !== null ? [renaming(move.staged, move.live)] : []),
    ];
  });
  const back = units.toReversed().flatMap(({ isDisplaced, isStaged, isLive, ...move }) => {
    const wasPlaced = move.staged !== null && !isStaged && isLive;
    return [
      ...(wasPlaced && move.staged !== null ? [renaming(move.live, move.staged)] : []),
      ...(isDisplaced && move.displaced !== null ? [renaming(move.displaced, move.live)] : []),
    ];
  });
  return { forward, back };
}

function renaming(from: string, to: string | null): string {
  return `mv -n -- ${quoted(from)} ${quoted(to ?? '')}`;
}

/** One word of a POSIX shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

function unitLines(units: readonly InspectedUnit[]): string[] {
  if (units.length === 0) return [];
  const mark = (isThere: boolean, path: string | null): string =>
    path === null ? '–' : isThere ? 'there' : 'not there';
  const rows = units.map((unit) => [
    `  ${unit.asset}/${unit.unit}`,
    mark(unit.isLive, unit.live),
    mark(unit.isStaged, unit.staged),
    mark(unit.isDisplaced, unit.displaced),
    unit.isStray ? unit.stray : '',
    unit.live,
  ]);
  return ['', ...table([['unit', 'live', 'staged', 'displaced', 'stray', 'path'], ...rows])];
}

function commandLines({ forward, back }: ByHand): string[] {
  if (forward.length + back.length === 0) return [];
  return [
    '',
    'with the application stopped, these would finish it by hand:',
    ...forward.map((command) => `  ${command}`),
    'and these would undo it:',
    ...back.map((command) => `  ${command}`),
  ];
}

function lineText(line: JournalLine): string {
  switch (line.event) {
    case 'begun':
      return `${line.phase} …`;
    case 'done':
      return `${line.phase} ✓ ${duration(line.ms)}`;
    case 'failed':
      return `${line.phase} ✗ ${line.code}: ${line.message}`;
    case 'undoing':
      return `undo: ${line.why}`;
    case 'taking-back':
      return `taken back by ${line.by}`;
    case 'ended':
      return `ended: ${line.result}`;
  }
}
