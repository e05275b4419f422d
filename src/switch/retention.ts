import type { Retention } from '../store/retention.ts';
import type { Pin } from '../store/pins.ts';
import type { PrunePlan } from '../store/prune.ts';
import { readPair } from './book.ts';
import { bookNow } from './whereabouts.ts';
import type { Ground } from './ground.ts';
import { openRuns, recordedRuns } from './recover/open-runs.ts';

/** What of Backstep's own may go. */
export interface RetentionRule {
  /** Snapshots that nothing needs: how many of the newest stay. */
  readonly snapshots: Retention;
  /** Safety snapshots of ended runs, and pairs that lead nowhere any more, stay at least so long. */
  readonly safetyMs: number;
  /** How many of the newest releases stay that nothing needs. */
  readonly releases: number;
}

export interface Pruned extends PrunePlan {
  /** Who needed a snapshot once and needs it no more. */
  readonly dropped: readonly Pin[];
  /** Versions, oldest first. */
  readonly releases: readonly string[];
}

/**
 * Shows what would go; with `apply` it goes. What a rollback or a return may still need stays whatever the rule
 * says: the pairs from the running release back to the oldest, the state that a `return` leads to, runs that have
 * not ended, the newest run's safety snapshot. The caller holds the lock.
 */
export async function pruneStore(
  ground: Ground,
  rule: RetentionRule,
  { apply }: { readonly apply: boolean },
): Promise<Pruned> {
  const needed = neededBy(ground);
  const limit = ground.host.clock.now() - rule.safetyMs;
  const dropped = ground.store.pins().filter(({ by }) => !needed.has(by) && isBefore(by, limit));
  const plan = await ground.store.prune({ retention: rule.snapshots, drop: dropped, apply });
  const releases = releasesToGo(ground, rule.releases);
  if (apply) for (const version of releases) ground.releases.remove(version);
  return { ...plan, dropped, releases };
}

/** All but the newest so many, those that run or ran well, and those that a pair or the way of a return leads to. */
function releasesToGo(ground: Ground, count: number): readonly string[] {
  const { release, lastGood, lineage, departure } = bookNow(ground);
  const steps = departure?.steps.flatMap(({ pair }) => pair ?? []) ?? [];
  const pairs = [...lineage, ...steps].map((id) => readPair(ground.host, ground.folders, id));
  const all = ground.releases.list();
  const needed = new Set([
    ...all.slice(Math.max(0, all.length - count)),
    release,
    lastGood,
    ground.releases.current(),
    departure?.from,
    departure?.to,
    ...pairs.flatMap(({ from, to }) => [from, to]),
  ]);
  return openRuns(ground).length > 0 ? [] : all.filter((version) => !needed.has(version));
}

/** The names under which snapshots are pinned that must stay. */
function neededBy(ground: Ground): ReadonlySet<string> {
  const { lineage, departure } = bookNow(ground);
  const steps = departure?.steps.flatMap(({ pair }) => pair ?? []) ?? [];
  const newest = recordedRuns(ground).at(-1);
  return new Set([
    ...lineage,
    ...steps,
    ...(departure === null ? [] : [departure.run]),
    ...openRuns(ground).map(({ run }) => run),
    ...(newest === undefined ? [] : [newest]),
  ]);
}

/** Runs, pairs and procedures have the time at which they were begun in their names; what has none stays. */
function isBefore(by: string, limitMs: number): boolean {
  const [, ...parts] = /(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\d{3})Z/.exec(by) ?? [];
  if (parts.length === 0) return false;
  const [year, month, day, hour, minute, second, ms] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`) < limitMs;
}
