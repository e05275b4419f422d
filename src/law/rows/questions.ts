import { parkReasons, type Choice, type Decision, type OpenQuestion } from '../place.ts';
import { parkedRowsOf, type Bench } from './bench.ts';
import type { TableDamage } from './damage.ts';
import type { TablePlan } from './merge.ts';
import { newRowCount } from './proof/reconcile.ts';
import { exposingColumns } from './survey/exposed.ts';
import { lazyColumns } from './survey/lazy.ts';
import type { View } from './view.ts';

/** So many new rows that are all parked for one reason are no accident: a rule is missing. */
const minNewRows = 10;

const anyChoice: readonly Choice[] = ['park', 'as-is', 'before'];

export interface Asked {
  readonly plans: ReadonlyMap<View, TablePlan>;
  /** Of tables without a key. */
  readonly looseDamage: ReadonlyMap<string, TableDamage>;
  readonly decisions: readonly Decision[];
}

/** What a person should be asked about the finished merge; what one has decided is not asked again. */
export function questionsOf(
  bench: Bench,
  { plans, looseDamage, decisions }: Asked,
): OpenQuestion[] {
  if (bench.direction === 'forth') return [];
  const damages = new Map([
    ...[...plans].map(([view, plan]) => [view.table.name, plan.damage] as const),
    ...looseDamage,
  ]);
  const questions = [
    ...[...damages].flatMap(([table, damage]) => damageQuestion(table, damage)),
    ...[...plans].flatMap(([view, plan]) => newRowsQuestion(bench, view, plan)),
    ...lazyColumns(bench).map(({ place, changed, rows }): OpenQuestion => {
      return { kind: 'lazy', place, count: changed, total: rows, choices: ['park'] };
    }),
    ...exposingColumns(bench).map(({ place, rows, total }): OpenQuestion => {
      return { kind: 'exposed', place, count: rows, total, choices: ['park'] };
    }),
  ];
  const decided = new Set(decisions.flatMap(({ place, by }) => (by === 'default' ? [] : [place])));
  return questions.filter(({ place }) => !decided.has(place));
}

function damageQuestion(table: string, { parked, rows, ...lost }: TableDamage): OpenQuestion[] {
  const counts = (['deleted', 'emptied', 'overwritten'] as const).map((kind) =>
    parked[kind] ? lost[kind] : 0,
  );
  const count = Math.max(...counts);
  if (count === 0) return [];
  return [{ kind: 'damage', place: table, count, total: rows, choices: ['park', 'as-is'] }];
}

/** Where a column keeps new rows away, the question is about that column. */
function newRowsQuestion(bench: Bench, view: View, { image }: TablePlan): OpenQuestion[] {
  const reasons = bench.db.all(`SELECT "backstep why" AS why, count(*) AS count
    FROM ${parkedRowsOf(view)} WHERE "backstep act" = 'insert' GROUP BY 1`);
  const [only, ...others] = reasons;
  const count = Number(only?.['count'] ?? 0);
  const isReason = parkReasons.some((reason) => reason === only?.['why']);
  if (count < minNewRows || others.length > 0 || !isReason || newRowCount(bench, view) > 0)
    return [];
  const column = image.rules.parkedBy();
  const table = view.table.name;
  const about: Pick<OpenQuestion, 'place' | 'choices'> =
    column === null
      ? { place: table, choices: ['park'] }
      : { place: `${table}.${column}`, choices: anyChoice };
  return [{ kind: 'new-rows', ...about, count, total: count }];
}
