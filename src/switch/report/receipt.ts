import { basename, join } from 'node:path/posix';
import { filesBelow, parkedFolder } from '../../asset/side.ts';
import { workingFile } from '../../asset/sqlite-file.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Disk } from '../../host/disk.ts';
import { isDiskError } from '../../host/disk-error.ts';
import { removeTree } from '../../host/whole-file.ts';
import type { CarriedCount } from '../../law/place.ts';
import {
  countParkedRows,
  differencesOf,
  tableStatesOf,
  type TableState,
  type TableStates,
} from '../../law/rows/proof/receipt.ts';
import { tableStatesSince, type KnownStates } from '../../law/rows/proof/receipt-since.ts';
import { isDamageError, isSqliteError } from '../../sqlite/database.ts';
import { foldName } from '../../sqlite/spelling.ts';
import { readPair, type Departure, type Step } from '../book.ts';
import type { Ground } from '../ground.ts';
import { isSameAsset, type CapturedState, type States } from '../stage/states.ts';
import { freshFolder, parkedFolderOf } from '../stage/workspace.ts';

/** What stood in one table before, and stands there now. A state is null where it has no such table. */
export interface ReceiptLine {
  readonly before: TableState | null;
  readonly after: TableState | null;
  /** When the rollback was made. */
  readonly now: TableState | null;
  readonly result: TableState | null;
  /** Rows in which the result differs from before; null where rows have no key, or the result has no such table. */
  readonly carried: CarriedCount | null;
  /** Rows and cells that were kept aside. */
  readonly parked: number;
}

/** One rollback step over one database, by table. */
export interface ReceiptStep {
  readonly pair: string;
  readonly tables: Readonly<Record<string, ReceiptLine>>;
}

/** Asset → its steps, newest pair first. */
export type Receipts = Readonly<Record<string, readonly ReceiptStep[]>>;

/** A step that went back through the pair of an upgrade. */
export type PairStep = Step & { readonly pair: string };

/** The step, if it went through a pair. */
export function throughPair({ pair, ...step }: Step): PairStep[] {
  return pair === null ? [] : [{ ...step, pair }];
}

export interface ReceiptRequest {
  readonly run: string;
  readonly steps: readonly PairStep[];
  readonly states: States;
  /** A working folder; what is made there is removed. */
  readonly folder: string;
  /** Databases of which a state is larger than their `receiptUpTo` have no receipt. */
  readonly isLimited: boolean;
}

/**
 * The receipts of a rollback that has just been made, over databases that are read quickly; `backstep prove` makes those
 * of any size. What keeps one from being written is a warning.
 */
export function tryReceipts(
  ground: Ground,
  parts: Pick<ReceiptRequest, 'states' | 'folder'> & { readonly departure: Departure },
): { readonly receipts: Receipts; readonly warnings: readonly string[] } {
  const { departure, states, folder } = parts;
  const steps = departure.steps.flatMap(throughPair);
  const request = { run: departure.run, steps, states, folder, isLimited: true };
  try {
    const left = databasesOf(ground).filter(({ database }) =>
      steps.some((step) => isLeftOut(ground, request, { database, step })),
    );
    const warnings = left.map(
      ({ database: { name } }) =>
        `no receipt of ${name} was written, which is larger than its receiptUpTo: \`backstep prove ${departure.run}\` writes one`,
    );
    return { receipts: receiptsOf(ground, request), warnings };
  } catch (error) {
    const isExpected = error instanceof BackstepError || isDiskError(error) || isSqliteError(error);
    if (!isExpected) throw error;
    return { receipts: {}, warnings: [`no receipt was written: ${error.message}`] };
  }
}

/** The receipts of one rollback, over every database that its upgrades touched. Reads captured states only. */
export function receiptsOf(ground: Ground, request: ReceiptRequest): Receipts {
  const folder = freshFolder(ground.host.disk, request.folder);
  try {
    const receipts = databasesOf(ground).map(({ database }): [string, ReceiptStep[]] => [
      database.name,
      request.steps.flatMap((step, index) =>
        receiptOf(ground, { ...request, folder }, { database, step, name: String(index + 1) }),
      ),
    ]);
    return Object.fromEntries(receipts.filter(([, steps]) => steps.length > 0));
  } finally {
    removeTree(ground.host.disk, folder);
  }
}

function databasesOf({ manifest }: Ground): readonly Pick<Receipting, 'database'>[] {
  return Object.values(manifest.assets).flatMap((asset) => {
    if (asset.kind !== 'sqlite') return [];
    const { name, path, receiptUpTo: limitBytes } = asset;
    return [{ database: { name, unit: basename(path), limitBytes } }];
  });
}

interface Receipting {
  readonly database: {
    readonly name: string;
    readonly unit: string;
    /** Larger ones take too long to be read through after each rollback. */
    readonly limitBytes: number;
  };
  readonly step: PairStep;
  /** Of the step: `1`, `2` … */
  readonly name: string;
}

/** Empty where the upgrade left the database alone, or it is too large. */
function receiptOf(ground: Ground, request: ReceiptRequest, parts: Receipting): ReceiptStep[] {
  const { database, step, name } = parts;
  const four = statesOfStep(ground, request, step);
  if (isSameAsset(database.name, four[0], four[1])) return [];
  if (request.isLimited && isLeftOut(ground, request, { database, step })) return [];
  const files = four.map((state, index) =>
    workingFile(ground.host.disk, state.side(database.name), {
      unit: database.unit,
      path: join(request.folder, database.name, `${name}-${index}.db`),
    }),
  );
  const [from, origin, latest, to] = files;
  const states = spelledAlike(fourStates(ground.host.disk, [from, origin, latest, to]));
  const changes =
    typeof from === 'string' && typeof to === 'string'
      ? differencesOf(from, to, [states[0], states[3]])
      : [];
  const parked = parkedIn(ground, join(parkedFolderOf(ground, request.run, database.name), name));
  const lines = namesIn(states).map((table): [string, ReceiptLine] => {
    const change = changes.find((each) => each.table === table);
    return [table, lineOf(table, states, { change, parked })];
  });
  return [{ pair: step.pair, tables: Object.fromEntries(lines) }];
}

function statesOfStep(
  ground: Ground,
  { states }: Pick<ReceiptRequest, 'states'>,
  step: PairStep,
): Four<CapturedState> {
  const pair = readPair(ground.host, ground.folders, step.pair);
  return [states(pair.before), states(pair.after), states(step.displaced), states(step.result)];
}

/** The upgrade touched it, and one of its states is larger than its limit. */
function isLeftOut(
  ground: Ground,
  request: Pick<ReceiptRequest, 'states'>,
  { database, step }: Pick<Receipting, 'database' | 'step'>,
): boolean {
  const four = statesOfStep(ground, request, step);
  if (isSameAsset(database.name, four[0], four[1])) return false;
  return four.some((state) => isTooLarge(state, database));
}

/** Of each state the file, where there is one. */
type Four<T> = readonly [before: T, after: T, now: T, result: T];

/** The states of the pair are read whole; those of the rollback hold most of what these hold. */
function fourStates(
  disk: Disk,
  [before, after, now, result]: Four<string | null | undefined>,
): Four<TableStates> {
  const [first, second] = [statesIn(disk, before, null), statesIn(disk, after, null)];
  const since = (file: string | null | undefined, states: TableStates): KnownStates | null =>
    typeof file === 'string' ? { file, states } : null;
  return [
    first,
    second,
    statesIn(disk, now, since(after, second)),
    statesIn(disk, result, since(before, first)),
  ];
}

/** The state now may be damaged, which is why there is a rollback: nothing is said of its tables then. */
function statesIn(
  disk: Disk,
  file: string | null | undefined,
  known: KnownStates | null,
): TableStates {
  if (file === null || file === undefined) return {};
  try {
    return known === null ? tableStatesOf(file) : tableStatesSince(disk, { known, file });
  } catch (error) {
    if (isDamageError(error)) return {};
    throw error;
  }
}

function isTooLarge(
  state: CapturedState,
  { name, unit, limitBytes }: Receipting['database'],
): boolean {
  const entry = state.entryOf(name, unit);
  return entry?.kind === 'file' && entry.sizeBytes > limitBytes;
}

/** A table has one name, whatever the case of its letters: that of the first state that has it. */
function spelledAlike([before, after, now, result]: Four<TableStates>): Four<TableStates> {
  const known = new Map(
    [result, now, after, before].flatMap((states) =>
      Object.keys(states).map((name) => [foldName(name), name] as const),
    ),
  );
  const spelled = (states: TableStates): TableStates =>
    Object.fromEntries(
      Object.entries(states).map(([name, state]) => [known.get(foldName(name)) ?? name, state]),
    );
  return [spelled(before), spelled(after), spelled(now), spelled(result)];
}

function namesIn(states: readonly TableStates[]): string[] {
  return [...new Set(states.flatMap((state) => Object.keys(state)))].sort((a, b) =>
    a < b ? -1 : 1,
  );
}

function lineOf(
  table: string,
  [before, after, now, result]: readonly TableStates[],
  counts: {
    readonly change: { readonly rows: CarriedCount | null } | undefined;
    readonly parked: ReadonlyMap<string, number>;
  },
): ReceiptLine {
  const isInBoth = before?.[table] !== undefined && result?.[table] !== undefined;
  const unchanged = isInBoth ? { inserted: 0, updated: 0, deleted: 0 } : null;
  return {
    before: before?.[table] ?? null,
    after: after?.[table] ?? null,
    now: now?.[table] ?? null,
    result: result?.[table] ?? null,
    carried: counts.change === undefined ? unchanged : counts.change.rows,
    parked: counts.parked.get(table) ?? 0,
  };
}

/** Rows and cells by table, over the files that a step parked of one asset. */
function parkedIn(ground: Ground, folder: string): ReadonlyMap<string, number> {
  const { disk } = ground.host;
  const counts = new Map<string, number>();
  const files = filesBelow(disk, join(folder, parkedFolder), (path) => !path.endsWith('.damaged'));
  for (const [, path] of files) {
    for (const [table, count] of countParkedRows(path)) {
      counts.set(table, (counts.get(table) ?? 0) + count);
    }
  }
  return counts;
}
