import type { Entry } from './events.ts';
import { itemsOf, type Item, type Procedure } from './procedure.ts';

/** Where an item stands. */
export type ItemState =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'done';
      readonly how: 'machine' | 'person';
      readonly by: string;
      readonly at: string;
      readonly evidence: string;
    }
  | {
      readonly kind: 'failed';
      readonly by: string;
      readonly at: string;
      readonly evidence: string;
    };

/** Where a procedure stands: its entries read from the first to the last. */
export interface Progress {
  readonly reason: string;
  /** The release that ran when it was begun. */
  readonly release: string;
  readonly begunAt: string;
  readonly begunBy: string;
  /** Who leads it now. */
  readonly holder: string;
  readonly states: ReadonlyMap<string, ItemState>;
  readonly closed: { readonly by: string; readonly at: string; readonly note: string } | null;
}

/** Null where nothing was begun. */
export function progressOf(entries: readonly Entry[]): Progress | null {
  const [first] = entries;
  if (first === undefined || first.event !== 'begun') return null;
  const states = new Map<string, ItemState>();
  let holder = first.by;
  let closed: Progress['closed'] = null;
  for (const each of entries) {
    const { by, ts: at } = each;
    switch (each.event) {
      case 'begun':
        break;
      case 'done':
        states.set(each.item, { kind: 'done', how: each.how, by, at, evidence: each.evidence });
        break;
      case 'failed':
        states.set(each.item, { kind: 'failed', by, at, evidence: each.evidence });
        break;
      case 'reopened':
        states.set(each.item, { kind: 'open' });
        break;
      case 'handed-over':
        holder = each.to;
        break;
      case 'closed':
        closed = { by, at, note: each.note };
    }
  }
  const { reason, release, ts: begunAt, by: begunBy } = first;
  return { reason, release, begunAt, begunBy, holder, states, closed };
}

export function stateOf(progress: Progress, item: Item): ItemState {
  return progress.states.get(item.id) ?? { kind: 'open' };
}

/** The first item that is not done; null where all are. */
export function nextItem(procedure: Procedure, progress: Progress): Item | null {
  return itemsOf(procedure).find((item) => stateOf(progress, item).kind !== 'done') ?? null;
}
