import type { Path } from '../../form/problem.ts';
import { renderPath } from '../../form/problem.ts';
import { finding, type ReversalFinding } from './finding.ts';
import { positionOf, type Reversal, type TableReversal } from './reversal.ts';
import { dangerRules } from './rules/danger.ts';
import { dialectRules } from './rules/dialect.ts';
import { dropRules } from './rules/drop.ts';
import type { Habitat, Hit } from './rules/rule.ts';
import { selectRules } from './rules/select.ts';
import { positionIn } from './sql/position.ts';
import { statementsOf } from './sql/tokens.ts';

/** One piece of SQL of a reversal file. */
export interface Passage {
  readonly path: Path;
  readonly habitat: Habitat;
  readonly sql: string;
}

/** Judges all SQL of a reversal by its words alone, without any database. Pure. */
export function lintReversal(reversal: Reversal, text: string): ReversalFinding[] {
  return passagesOf(reversal).flatMap((passage) =>
    hitsIn(passage.sql, passage.habitat).map((hit) =>
      findingAt(reversal, text, { passage, ...hit, offset: hit.token.start }),
    ),
  );
}

/** Everything that the rules find in one piece of SQL. */
export function hitsIn(sql: string, habitat: Habitat): readonly Hit[] {
  const statements = statementsOf(sql);
  return [...dialectRules, ...dropRules, ...dangerRules, ...selectRules].flatMap((rule) =>
    rule(statements, habitat),
  );
}

interface Spot extends Pick<Hit, 'rule' | 'message' | 'hint'> {
  readonly passage: Passage;
  /** Within the passage's SQL. */
  readonly offset: number;
}

/** A finding at an offset of a passage, by line and column of the file. */
export function findingAt(reversal: Reversal, text: string, spot: Spot): ReversalFinding {
  const { path, sql } = spot.passage;
  const at = positionIn({ file: text, at: positionOf(reversal, path), sql }, spot.offset);
  const { rule, message, hint } = spot;
  return finding(rule, { ...at, path: renderPath(path), message, hint });
}

/** All SQL of a reversal, in the order of its tables. */
export function passagesOf({ databases }: Reversal): Passage[] {
  return Object.entries(databases).flatMap(([asset, { tables, rebuild }]) => [
    ...Object.entries(tables).flatMap(([name, table]) =>
      passagesOfTable(['sqlite', asset, name], table),
    ),
    ...Object.entries(rebuild).flatMap(([name, statements]) =>
      statements.map((sql, index): Passage => {
        const path = ['sqlite', asset, 'rebuild', name];
        return {
          path: statements.length > 1 ? [...path, index] : path,
          habitat: 'rebuild',
          sql,
        };
      }),
    ),
  ]);
}

/** The SQL of one table's entry, at `path`. */
export function passagesOfTable(path: Path, table: TableReversal): Passage[] {
  const { select, forth = {}, triggers } = table;
  const passage = (habitat: Habitat, sql: string, ...more: readonly string[]): Passage => ({
    path: [...path, ...more],
    habitat,
    sql,
  });
  return [
    ...(select === undefined ? [] : [passage('select', select, 'select')]),
    ...Object.entries(forth).map(([column, sql]) => passage('forth', sql, 'forth', column)),
    ...(triggers === undefined
      ? []
      : (['insert', 'update', 'delete'] as const).map((event) =>
          passage('trigger', triggers[event], 'forth', 'triggers', event),
        )),
  ];
}
