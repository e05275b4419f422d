import type { BackstepError } from '../../fault/backstep-error.ts';
import { changesBetween, type Change } from './diff.ts';
import { mergeKeyed } from './keyed.ts';
import { knownElements } from './known-elements.ts';
import {
  mergeTriple,
  type DecisionAt,
  type Judged,
  type Merged,
  type ParkedValue,
  type Triple,
} from './merge.ts';
import { valueAt, withValueAt, type Path } from './path.ts';
import { newPaths, type DocumentReversal, type ReversalEntry } from './reversal.ts';
import { isObject, isSame, type Json } from './value.ts';
import {
  forthView,
  movedView,
  oldView,
  withoutNewPaths,
  withoutOldPaths,
  type Viewed,
} from './view.ts';

/** `path` in the old document, `newPath` where the value stands in the new one. */
export interface ParkedMove extends ParkedValue {
  readonly newPath: Path;
}

/** A merge over a reversal: the entries' places each by themselves, the rest by identical paths. */
export interface LayeredMerge extends Omit<Merged, 'parked'> {
  readonly parked: readonly ParkedMove[];
  readonly faults: readonly BackstepError[];
  /** What each entry saw, for whoever checks the merge; entries that failed are not among them. */
  readonly entries: readonly MergedEntry[];
}

/** One entry of a reversal: what was there in the old shape's terms, and what came of it. */
export interface MergedEntry {
  readonly entry: ReversalEntry;
  readonly after: Json | undefined;
  readonly now: Json | undefined;
  /** The new paths whose changes the entry can bring back exactly. */
  readonly proven: readonly Path[];
}

export function mergeLayers(
  triple: Triple,
  reversal: DocumentReversal,
  decisionAt: DecisionAt,
): Promise<LayeredMerge> {
  const merge = new LayerMerge(triple, reversal, decisionAt);
  return merge.run();
}

class LayerMerge {
  readonly #triple: Triple;
  readonly #reversal: DocumentReversal;
  readonly #decisionAt: DecisionAt;
  readonly #carried: Change[] = [];
  readonly #parked: ParkedMove[] = [];
  readonly #judged: Judged[] = [];
  readonly #unproven: Path[] = [];
  readonly #faults: BackstepError[] = [];
  readonly #entries: MergedEntry[] = [];

  constructor(triple: Triple, reversal: DocumentReversal, decisionAt: DecisionAt) {
    this.#triple = triple;
    this.#reversal = reversal;
    this.#decisionAt = decisionAt;
  }

  async run(): Promise<LayeredMerge> {
    const rest = mergeTriple(this.#identical(), this.#decisionAt);
    this.#add(rest, []);
    const value = this.#isDeleted() ? rest.value : await this.#withEntries(rest.value);
    return {
      value,
      carried: this.#carried,
      parked: this.#parked,
      judged: this.#judged,
      unproven: this.#unproven,
      faults: this.#faults,
      entries: this.#entries,
    };
  }

  /** The user deleted a document that both releases know: nothing of it is put back. */
  #isDeleted(): boolean {
    const { before, after, now } = this.#triple;
    return before !== undefined && after !== undefined && now === undefined;
  }

  /** The three states without the entries' places, and without what a user put in the way of them. */
  #identical(): Triple {
    const { before, after, now } = this.#triple;
    const afterRest = withoutNewPaths(after, this.#reversal, [before, after]);
    let nowRest = withoutNewPaths(now, this.#reversal, [before, after]);
    for (const { old } of this.#reversal.entries) nowRest = this.#cleared(nowRest, afterRest, old);
    return { before: withoutOldPaths(before, this.#reversal), after: afterRest, now: nowRest };
  }

  /** Parks changes at identical paths that the old document needs for the place `old`. */
  #cleared(now: Json | undefined, after: Json | undefined, old: Path): Json | undefined {
    for (let end = 0; end <= old.length; end += 1) {
      const path = old.slice(0, end);
      const value = valueAt(now, path);
      const upgraded = valueAt(after, path);
      const isInTheWay = end === old.length || (value !== undefined && !isObject(value));
      if (!isInTheWay || isSame(value, upgraded)) continue;
      for (const change of changesBetween(upgraded, value, path)) this.#park(change, 'blind');
      return (withValueAt(now, path, upgraded) ?? { root: now }).root;
    }
    return now;
  }

  async #withEntries(rest: Json | undefined): Promise<Json | undefined> {
    let result = rest;
    let ideal = rest;
    const seen: { entry: ReversalEntry; after: Json | undefined; now: Json | undefined }[] = [];
    for (const entry of this.#reversal.entries) {
      const views = await this.#views(entry);
      if (views === null) {
        result = this.#put(result, entry, valueAt(this.#triple.before, entry.old));
        continue;
      }
      seen.push({ entry, ...views });
      result = this.#put(result, entry, this.#mergeEntry(entry, views));
      ideal = (withValueAt(ideal, entry.old, views.now) ?? { root: ideal }).root;
    }
    for (const each of seen) await this.#prove(each, ideal);
    return result;
  }

  #mergeEntry(entry: ReversalEntry, views: Omit<Triple, 'before'>): Json | undefined {
    const triple = { before: valueAt(this.#triple.before, entry.old), ...views };
    const decisionAt: DecisionAt = (path) => this.#decisionAt([...entry.old, ...path]);
    const merged =
      entry.key === null
        ? mergeTriple(triple, decisionAt)
        : mergeKeyed(triple, entry.key, decisionAt);
    this.#add(merged, entry.old, entry.way === 'path' ? entry.new : entry.old);
    return merged.value;
  }

  /** Null where the entry cannot tell what was changed: then all of it is parked. */
  async #views(entry: ReversalEntry): Promise<Omit<Triple, 'before'> | null> {
    const { before, after, now } = this.#triple;
    const [then, since] = [await oldView(entry, after), await oldView(entry, now)];
    for (const view of [then, since]) if (!view.ok) this.#faults.push(view.fault);
    if (!then.ok || !since.ok) {
      this.#parkNewPaths(entry, 'refused');
      return null;
    }
    const known =
      entry.way === 'path' && since.isUnmapped
        ? knownElements(entry, {
            earlier: then.value,
            now: since.value,
            raw: now,
            way: 'toOld',
          })
        : null;
    if (known !== null) {
      this.#parked.push(...known.parked);
      return { after: then.value, now: known.value };
    }
    const isKnown = !since.isUnmapped || isSame(valueAt(before, entry.old), since.value);
    if (isKnown || isSame(then.value, since.value)) return { after: then.value, now: since.value };
    this.#parkNewPaths(entry, 'unproven');
    return null;
  }

  #parkNewPaths(entry: ReversalEntry, why: 'refused' | 'unproven'): void {
    const { after, now } = this.#triple;
    for (const path of newPaths(entry)) {
      const [from, to] = [valueAt(after, path), valueAt(now, path)];
      if (isSame(from, to)) continue;
      this.#parked.push({ path: entry.old, newPath: path, value: to, why });
    }
  }

  #put(root: Json | undefined, entry: ReversalEntry, value: Json | undefined): Json | undefined {
    const changed = withValueAt(root, entry.old, value);
    if (changed !== null) return changed.root;
    this.#parked.push({ path: entry.old, newPath: entry.old, value, why: 'refused' });
    return root;
  }

  /** Parks what the entry would not bring back on the way forward, beside what it carried. */
  async #prove(merged: Omit<MergedEntry, 'proven'>, ideal: Json | undefined): Promise<void> {
    const { after, now } = this.#triple;
    const proven: Path[] = [];
    for (const { path, view } of await viewsBack(merged.entry, ideal)) {
      if (!view.ok) this.#faults.push(view.fault);
      const changes = changesBetween(valueAt(after, path), valueAt(now, path), path);
      if (view.ok && isSame(view.value, valueAt(now, path))) proven.push(path);
      else for (const change of changes) this.#park(change, 'blind');
    }
    this.#entries.push({ ...merged, proven });
  }

  #park(change: Change, why: 'blind'): void {
    this.#parked.push({ path: change.path, newPath: change.path, value: change.to, why });
  }

  #add(merged: Merged, old: Path, newer: Path = old): void {
    const move = (path: Path): Path => [...old, ...path];
    for (const change of merged.carried) this.#carried.push({ ...change, path: move(change.path) });
    for (const value of merged.parked) {
      this.#parked.push({ ...value, path: move(value.path), newPath: [...newer, ...value.path] });
    }
    for (const { path, choice } of merged.judged) this.#judged.push({ path: move(path), choice });
    this.#unproven.push(...merged.unproven.map(move));
  }
}

async function viewsBack(
  entry: ReversalEntry,
  older: Json | undefined,
): Promise<readonly { readonly path: Path; readonly view: Viewed }[]> {
  if (entry.way === 'path') return [{ path: entry.new, view: movedView(entry, older) }];
  const views = [];
  for (const forth of entry.forth) {
    views.push({ path: forth.new, view: await forthView(forth, older) });
  }
  return views;
}
