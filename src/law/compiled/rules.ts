import { quoteName, quoteText } from '../../sqlite/names.ts';
import { choiceOf, reasonOf, type RuleSources, type Rules } from '../rows/rules.ts';
import { bodyOf } from '../rows/bench.ts';
import type { View } from '../rows/view.ts';
import { inState, working, workOf } from './names.ts';

/** What holds for a table's columns, all of which the pair decides; and the statements that it needs. */
export interface CompiledRules {
  readonly rules: Rules;
  readonly statements: readonly string[];
}

export function compiledRules(view: View, sources: RuleSources): CompiledRules {
  const body = bodyOf(view);
  const choices = new Map(
    body.map((column) => [column, choiceOf({ direction: 'back' }, view, { column, sources })]),
  );
  const words = new Map(
    body.filter((column) => view.maps.has(column)).map((column) => [column, wordsOf(view, column)]),
  );
  const parking = body.find((column) => choices.get(column) === 'park');
  return {
    rules: {
      of: (column) => ({
        choice: choices.get(column) ?? 'carry',
        allowed: words.get(column)?.allowed ?? null,
      }),
      parksNewRows: () => (parking === undefined ? null : reasonOf(view, parking, sources)),
      parkedBy: () => parking ?? null,
      defaulted: () => body.filter((column) => choices.get(column) === 'before'),
    },
    statements: [...words.values()].flatMap(({ statements }) => statements),
  };
}

interface Words {
  /** SQL list of the words that may be stored. */
  readonly allowed: string;
  readonly statements: readonly string[];
}

/** A mapped column holds words: those that the map leads to, and those that the old release has stored. */
function wordsOf(view: View, column: string): Words {
  const table = working('words', `${view.table.name}.${column}`);
  const name = quoteName(column);
  const mapped = [...(view.maps.get(column)?.values() ?? [])];
  const strange = `SELECT DISTINCT l.${name} FROM ${workOf(view).drawnNow} AS l
    WHERE l.${name} IS NOT NULL AND l.${name} NOT IN (SELECT word FROM ${table})`;
  return {
    allowed: `SELECT word FROM ${table} WHERE word IS NOT NULL`,
    statements: [
      `CREATE TEMP TABLE ${table} (word)`,
      ...mapped.map((word) => `INSERT INTO ${table} VALUES (${quoteText(word)})`),
      `INSERT INTO ${table} SELECT DISTINCT b.${name} FROM ${inState('before', view.table.name)} AS b
        WHERE b.${name} IN (${strange})`,
    ],
  };
}
