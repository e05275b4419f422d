import { BackstepError } from '../../../fault/backstep-error.ts';
import type { Database } from '../../../sqlite/database.ts';
import type { Bench } from '../bench.ts';
import { readsOf } from '../survey/blind.ts';
import type { MergeTerms } from '../terms.ts';
import type { Shape, View } from '../view.ts';

/**
 * The terms of a merge of single tables: every other table counts as bookkeeping, and nothing derived is made anew.
 * Throws `law/part` for a table that the wanted shape does not have.
 */
export function termsOfPart(
  terms: MergeTerms,
  shapes: Pick<Bench, 'base' | 'origin' | 'latest'>,
): MergeTerms {
  const { only } = terms;
  if (only === undefined) return terms;
  for (const name of only) {
    const kind = shapes.base.get(name)?.kind;
    if (kind !== 'table') throw notThere(name, kind, [...shapes.base.keys()]);
  }
  const { base, origin, latest } = shapes;
  const names = [base, origin, latest].flatMap((shape) => [...shape.keys()]);
  const others = names.filter((name) => !only.has(name));
  return { ...terms, bookkeeping: [...terms.bookkeeping, ...others], rebuild: {} };
}

function notThere(
  name: string,
  kind: string | undefined,
  tables: readonly string[],
): BackstepError {
  return new BackstepError('law/part', {
    message:
      kind === undefined
        ? `table ${name}: the wanted release has none of that name`
        : `table ${name} is ${kind}: its content is derived and has no way back of its own`,
    hint: `it has: ${tables.join(', ')}`,
  });
}

/** Throws `law/part` where a table's rows come from other tables too, or are led into others: they belong together. */
export function requireAlone(
  plain: Database,
  views: readonly View[],
  { terms: { only, lenses }, latest }: { readonly terms: MergeTerms; readonly latest: Shape },
): void {
  if (only === undefined) return;
  for (const view of views) {
    const { name } = view.table;
    const others = [...readsOf(plain, [view], latest).keys()].filter((table) => table !== name);
    const isPlayed = lenses[name]?.triggers !== undefined;
    if (others.length === 0 && !isPlayed) continue;
    throw new BackstepError('law/part', {
      message: `table ${name} is made of ${others.join(', ')}, which would stay as they are now`,
      hint: 'roll the whole database back',
    });
  }
}
