import { BackstepError } from '../../fault/backstep-error.ts';
import { quoteName } from '../../sqlite/names.ts';
import { limitOf } from '../rows/damage.ts';
import { reasonToPark } from '../rows/keyless/multiset-apply.ts';
import type { View } from '../rows/view.ts';
import { changeStatements, suspectedOf, type ChangeTerms } from './changes.ts';
import { drawStatements } from './draw.ts';
import { imageStatements } from './image.ts';
import { looseStatements } from './loose.ts';
import { compiledFiles } from './names.ts';
import { notesOf } from './notes.ts';
import { readPair, type Pair, type PairFiles, type PairTerms } from './pair.ts';
import { keepParkedStatements, keepRowsStatements, keepUnfollowedStatements } from './parked.ts';
import { placeStatements } from './place.ts';
import { danglingStatements, proofStatements, soundnessStatements } from './proof.ts';
import { unfollowedRows } from './reference.ts';
import { referenceStatements, unfollowedChildren } from './references.ts';
import { requirement } from './requirement.ts';
import { compiledRules, type CompiledRules } from './rules.ts';
import { sequenceStatements } from './sequence.ts';
import { isAtLeast, versionFor } from './shell-version.ts';
import { summaryStatements } from './summary.ts';
import { unseenStatements } from './unseen.ts';

export interface CompileRequest {
  readonly files: PairFiles;
  readonly terms: PairTerms;
}

/** The reversal of one database as one SQL script. */
export interface CompiledReversal {
  /**
   * For `sqlite3 -batch -bail -init /dev/null result.db < SCRIPT`, in a folder of copies: `result.db` and `before.db` (both the
   * state before the upgrade), `after.db` (right after it), `now.db` (with what waits in its `-wal`). It commits once, into
   * `result.db` and a new `parked.db`, and then checks `result.db`: where it ends with another code than 0, or is killed,
   * what is there is not to be used, and all copies can be made anew. What it prints is a line of text for each table.
   */
  readonly script: string;
  /** The oldest `sqlite3` that runs it, `3.X.Y`; the script looks itself. */
  readonly asks: string;
  /** What the law carries and the script does not, for people. */
  readonly notes: readonly string[];
}

/**
 * Compiles `before ⊕ diff(after, now)` for a pair that is fixed and a `now` that is not known: what is faithful, mapped or
 * blind is decided here, and each change is carried or parked by the script. What it cannot decide as exactly as the law
 * it parks. Reads the pair, writes nothing. Throws `law/lens`, `law/unsupported-shape`.
 */
export function compileReversal({ files, terms: given }: CompileRequest): CompiledReversal {
  const pair = readPair(files, given);
  const { terms } = pair;
  const asks = versionFor(sourcesOf(pair, terms));
  const rules = new Map(
    pair.views.map((view) => [
      view,
      compiledRules(view, { findings: pair.findings, decisions: terms.decisions }),
    ]),
  );
  const statements = [
    ...opening(pair, asks),
    ...pair.views.flatMap((view) => keyed(pair, view, { terms, rules })),
    ...pair.loose.flatMap((view) => loose(pair, view, terms)),
    ...referenceStatements(pair, (view) => compiledOf(rules, view).rules),
    ...pair.views.flatMap(proofStatements),
    ...rebuilding(pair, terms),
    ...sequenceStatements(pair),
    ...pair.triggers.map(({ sql }) => sql),
    ...pair.unseen.flatMap(unseenStatements),
    ...pair.views.flatMap(keepParkedStatements),
    ...pair.loose.flatMap(keepRowsStatements),
    ...unfollowedChildren(pair).flatMap((child) =>
      keepUnfollowedStatements(child, unfollowedRows(child)),
    ),
    ...danglingStatements(pair.children),
    ...summaryStatements(pair),
    'COMMIT',
    ...['before', 'after', 'now', 'parked'].map((schema) => `DETACH ${schema}`),
    ...soundnessStatements('integrity_check', 'the result passes the integrity check'),
  ];
  return { script: textOf(statements), asks, notes: notesOf(pair) };
}

/** Each statement ends on a line of its own, since the last one's text may end in a comment. */
function textOf(statements: readonly string[]): string {
  return `.bail on\n${statements.map((statement) => `${statement}\n;\n`).join('')}`;
}

function opening({ triggers }: Pair, asks: string): readonly string[] {
  const { before, after, now, parked } = compiledFiles;
  return [
    ...requirement(`SQLite ${asks} or newer`, isAtLeast(asks)),
    `PRAGMA foreign_keys = OFF`,
    ...requirement(
      'references are not enforced while rows are placed',
      '(SELECT foreign_keys FROM pragma_foreign_keys) = 0',
    ),
    `ATTACH 'file:${now}?mode=ro' AS now`,
    ...soundnessStatements('quick_check', 'now.db and result.db are sound'),
    `ATTACH 'file:${before}?mode=ro' AS before`,
    `ATTACH 'file:${after}?mode=ro' AS after`,
    `ATTACH '${parked}' AS parked`,
    'BEGIN IMMEDIATE',
    ...triggers.map(({ name }) => `DROP TRIGGER main.${quoteName(name)}`),
  ];
}

interface KeyedTerms {
  readonly terms: PairTerms;
  readonly rules: ReadonlyMap<View, CompiledRules>;
}

function keyed(
  { strictTables }: Pair,
  view: View,
  { terms, rules: all }: KeyedTerms,
): readonly string[] {
  const { name } = view.table;
  const change: ChangeTerms = {
    identity: terms.identity[name] ?? [],
    carryLimit: limitOf(name, terms),
  };
  const compiled = compiledOf(all, view);
  return [
    ...drawStatements(view),
    ...changeStatements(view, change),
    ...compiled.statements,
    ...imageStatements(view, { rules: compiled.rules, suspected: suspectedOf(view, change) }),
    ...placeStatements(view, strictTables.has(name)),
  ];
}

function compiledOf(rules: ReadonlyMap<View, CompiledRules>, view: View): CompiledRules {
  const found = rules.get(view);
  if (found === undefined) throw new TypeError(`${view.table.name} has no rules`);
  return found;
}

function loose({ findings }: Pair, view: View, terms: PairTerms): readonly string[] {
  const { decisions } = terms;
  return looseStatements(view, {
    why: reasonToPark({ direction: 'back' }, view, { findings, decisions }),
    carryLimit: limitOf(view.table.name, terms),
  });
}

/** False where it is named after a table that only the new release has: there is nothing to make anew. */
function rebuilding({ before, after }: Pair, { rebuild }: PairTerms): readonly string[] {
  return Object.entries(rebuild)
    .filter(([name]) => before.has(name) || !after.has(name))
    .map(([, sql]) => sql);
}

/** SQL of others that the script runs or that its databases hold. Throws where a name cannot be written down. */
function sourcesOf({ before, after, triggers }: Pair, terms: PairTerms): readonly string[] {
  const tables = [...before.values(), ...after.values()];
  const broken = tables.find(({ sql }) => sql.includes('\uFFFD'));
  if (broken !== undefined) {
    throw new BackstepError('law/unsupported-shape', {
      message: `table ${broken.name}: its declaration holds bytes that are no UTF-8, which a script cannot name`,
      hint: 'rename the table or column; a rollback by Backstep itself is not concerned',
    });
  }
  return [
    ...tables.map(({ sql }) => sql),
    ...triggers.map(({ sql }) => sql),
    ...Object.values(terms.lenses).map(({ select }) => select ?? ''),
    ...Object.values(terms.rebuild),
  ];
}
