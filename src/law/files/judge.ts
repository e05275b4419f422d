import type { Choice, ParkReason } from '../place.ts';
import { pathBefore, type FolderMove } from './moves.ts';
import { hasSameContent, isUnchanged, type TreeEntry } from './tree.ts';
import type { Unit } from './units.ts';

/** What one unit is to be in the result, before the names of all units are compared. */
export interface Claim<E extends TreeEntry> {
  readonly path: string;
  readonly from: 'before' | 'now';
  /** Whose bytes, link target and attributes to take. */
  readonly entry: E;
  readonly mode: number;
  /** Claims with a lower rank keep their name where two clash. */
  readonly rank: 0 | 1 | 2;
  readonly unit: Unit<E>;
}

export interface ParkedFile<E extends TreeEntry> {
  /** The name in the state that the change was made in. */
  readonly path: string;
  /** Null where the user deleted it. */
  readonly entry: E | null;
  readonly why: ParkReason;
}

export interface Judgement<E extends TreeEntry> {
  readonly claim: Claim<E> | null;
  readonly parked: ParkedFile<E> | null;
  /** The choice that was asked for, null where nothing had to be decided. */
  readonly choice: Choice | null;
}

export interface JudgeRules {
  /** What was decided for a name, null where nothing was. */
  readonly choiceAt: (path: string) => Choice | null;
  readonly folders: readonly FolderMove[];
}

/** `before ⊕ diff(after, now)` for one unit: its name, its content and its mode, each by itself. */
export function judge<E extends TreeEntry>(unit: Unit<E>, rules: JudgeRules): Judgement<E> {
  const { before, after, now } = unit;
  if (before === undefined) return judgeNew(unit, rules);
  const untouched: Claim<E> = {
    path: before.path,
    from: 'before',
    entry: before,
    mode: before.mode,
    rank: 0,
    unit,
  };
  if (after === undefined || isUnchanged(after, now)) return decided(untouched);
  if (now !== undefined) return judgeChanged(untouched, { before, after, now }, rules);
  const choice = hasSameContent(before, after) ? null : rules.choiceAt(before.path);
  if (choice === null || choice === 'as-is') return { claim: null, parked: null, choice };
  return { claim: untouched, parked: { path: after.path, entry: null, why: 'rewritten' }, choice };
}

/** What the old release never had: the users' own goes in, what the upgrade made stays out. */
function judgeNew<E extends TreeEntry>(unit: Unit<E>, rules: JudgeRules): Judgement<E> {
  const { after, now } = unit;
  if (isUnchanged(after, now)) return { claim: null, parked: null, choice: null };
  const path = now?.path ?? after?.path ?? '';
  const choice = after === undefined ? null : (rules.choiceAt(path) ?? 'park');
  if (now !== undefined && (choice === null || choice === 'as-is')) {
    const name = pathBefore(path, rules.folders);
    return {
      claim: { path: name, from: 'now', entry: now, mode: now.mode, rank: 2, unit },
      parked: null,
      choice,
    };
  }
  return { claim: null, parked: { path, entry: now ?? null, why: 'blind' }, choice };
}

type Whole<E extends TreeEntry> = Readonly<Record<keyof Unit<E>, E>>;

function judgeChanged<E extends TreeEntry>(
  untouched: Claim<E>,
  whole: Whole<E>,
  rules: JudgeRules,
): Judgement<E> {
  const { before, after, now } = whole;
  const isMoved = after.path !== now.path;
  const path = isMoved ? pathBefore(now.path, rules.folders) : before.path;
  const isContentKept = hasSameContent(after, now) || hasSameContent(before, now);
  const isModeKept = after.mode === now.mode || before.mode === now.mode;
  const isClash =
    (!isContentKept && !hasSameContent(before, after)) ||
    (!isModeKept && before.mode !== after.mode);
  const choice = isClash ? (rules.choiceAt(before.path) ?? 'park') : null;
  if (isClash && choice !== 'as-is') {
    const claim: Claim<E> = { ...untouched, path, rank: isMoved ? 1 : 0 };
    return { claim, parked: { path: now.path, entry: now, why: 'rewritten' }, choice };
  }
  const entry = isContentKept ? before : now;
  const mode = after.mode === now.mode ? before.mode : now.mode;
  const from = isContentKept ? 'before' : 'now';
  const rank = isMoved || from === 'now' ? 1 : 0;
  return { claim: { ...untouched, path, from, entry, mode, rank }, parked: null, choice };
}

function decided<E extends TreeEntry>(claim: Claim<E>): Judgement<E> {
  return { claim, parked: null, choice: null };
}
