import { quoteName } from '../../sqlite/names.ts';
import type { Choice, Decision, Finding, ParkReason } from '../place.ts';
import { baseOf, changedLatestOf, type Bench } from './bench.ts';
import type { View } from './view.ts';

/** What holds for one column of one table. */
export interface ColumnRule {
  readonly choice: Choice | 'carry';
  /** SQL list of the words that may be stored, null where any value may. */
  readonly allowed: string | null;
}

/** What holds for the columns of one table, from the survey, the decisions and the defaults. */
export interface Rules {
  of(column: string): ColumnRule;
  /** Why every new row is parked, or null where new rows can be carried. */
  parksNewRows(): ParkReason | null;
  /** The column for which every new row is parked, or null. */
  parkedBy(): string | null;
  /** Columns in which a new row takes the wanted shape's default. */
  defaulted(): readonly string[];
}

export interface RuleSources {
  readonly findings: readonly Finding[];
  readonly decisions: readonly Decision[];
}

export function rulesOf(bench: Bench, view: View, sources: RuleSources): Rules {
  const body = view.columns.filter((column) => !view.key.includes(column));
  const rules = new Map(
    body.map((column) => [
      column,
      {
        choice: choiceOf(bench, view, { column, sources }),
        allowed: allowedWords(bench, view, column),
      },
    ]),
  );
  const parking = body.find((column) => rules.get(column)?.choice === 'park');
  return {
    of: (column) => rules.get(column) ?? { choice: 'carry', allowed: null },
    parksNewRows: () => (parking === undefined ? null : reasonOf(view, parking, sources)),
    parkedBy: () => parking ?? null,
    defaulted: () => body.filter((column) => rules.get(column)?.choice === 'before'),
  };
}

export function choiceOf(
  bench: Pick<Bench, 'direction'>,
  view: View,
  { column, sources }: { readonly column: string; readonly sources: RuleSources },
): ColumnRule['choice'] {
  if (bench.direction === 'forth') return 'carry';
  const place = `${view.table.name}.${column}`;
  const faith = sources.findings.find((finding) => finding.place === place)?.faith;
  if (faith === undefined || faith === 'faithful') return 'carry';
  const decided = sources.decisions.find((decision) => decision.place === place);
  if (decided !== undefined) return decided.choice;
  const isRuled = view.isWritten || view.plainColumns.has(column) || view.maps.has(column);
  if (faith === 'unproven' && isRuled) return 'carry';
  return 'park';
}

export function reasonOf(view: View, column: string, sources: RuleSources): ParkReason {
  const place = `${view.table.name}.${column}`;
  const faith = sources.findings.find((finding) => finding.place === place)?.faith;
  return faith === 'unproven' ? 'unproven' : 'rewritten';
}

/**
 * A mapped column holds words: those that the map leads to, and those that base has stored. Base is asked only about
 * words that some changed row holds. Needs the delta.
 */
function allowedWords({ db }: Bench, view: View, column: string): string | null {
  const map = view.maps.get(column);
  if (map === undefined) return null;
  const words = `scratch.${quoteName(`words:${view.table.name}.${column}`)}`;
  const name = quoteName(column);
  db.exec(`CREATE TABLE ${words} (word)`);
  for (const word of map.values()) db.change(`INSERT INTO ${words} VALUES (?)`, word);
  const strange = `SELECT DISTINCT ${name} FROM ${changedLatestOf(view)}
    WHERE ${name} IS NOT NULL AND ${name} NOT IN (SELECT word FROM ${words})`;
  if (db.count(`SELECT count(*) FROM (${strange})`) > 0) {
    db.exec(
      `INSERT INTO ${words} SELECT DISTINCT ${name} FROM ${baseOf(view)} WHERE ${name} IN (${strange})`,
    );
  }
  return `SELECT word FROM ${words} WHERE word IS NOT NULL`;
}
