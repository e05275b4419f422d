import type { Problem } from '../../form/problem.ts';

/** error: the file must not be used so · warning: it may lose a way or a value · note: what a person should know. */
export type Severity = 'error' | 'warning' | 'note';

interface RuleEntry {
  readonly severity: Severity;
  /** One line for `docs/formats/reversal.md`. */
  readonly text: string;
}

/** Every rule by which `backstep reversal check` judges; a test keeps `docs/formats/reversal.md` equal to it. */
export const rules = {
  form: { severity: 'error', text: 'the file is not shaped as a reversal file' },
  empty: { severity: 'error', text: 'the reversal says nothing' },
  script: {
    severity: 'error',
    text: 'a script of statements, where a reversal says how the old tables are read from the new ones',
  },
  cascade: { severity: 'error', text: '`CASCADE` or `RESTRICT` on a DROP, which SQLite lacks' },
  'if-exists-column': {
    severity: 'error',
    text: '`IF EXISTS` or `IF NOT EXISTS` on a column, which SQLite lacks',
  },
  'several-actions': { severity: 'error', text: 'several actions in one ALTER TABLE' },
  'double-colon': { severity: 'error', text: 'the cast `::type` of another database' },
  truncate: { severity: 'error', text: '`TRUNCATE`, which SQLite lacks' },
  'other-dialect': { severity: 'error', text: 'a word or function of another database' },
  'use-after-drop': { severity: 'error', text: 'what an earlier statement dropped is used' },
  'if-exists': { severity: 'error', text: '`IF EXISTS` hides a name that is spelt wrong' },
  drop: { severity: 'error', text: 'a DROP of what is not empty and not parked' },
  alter: { severity: 'error', text: 'a change of the schema, which comes from before' },
  'foreign-keys': {
    severity: 'error',
    text: '`PRAGMA foreign_keys`, which does nothing inside a transaction',
  },
  'or-ignore': { severity: 'error', text: '`OR IGNORE`, `OR REPLACE`: rows are lost silently' },
  'select-star': { severity: 'error', text: '`*` instead of the columns by name' },
  'inner-join': { severity: 'warning', text: 'a join that leaves out rows without a partner' },
  'no-where': { severity: 'error', text: 'UPDATE or DELETE without WHERE: it changes every row' },
  'non-deterministic': { severity: 'error', text: 'chance, or the time or time zone of the run' },
  'version-row': {
    severity: 'error',
    text: 'bookkeeping of migrations is written, which comes from before',
  },
  transaction: { severity: 'error', text: 'a transaction of its own' },
  attach: { severity: 'error', text: '`ATTACH` or `DETACH`' },
  'writable-schema': { severity: 'error', text: '`PRAGMA writable_schema`' },
  pragma: { severity: 'error', text: 'a PRAGMA' },
  statement: { severity: 'error', text: 'another kind of statement than belongs in this place' },
  sqlite: { severity: 'error', text: 'SQLite refuses it; with what SQLite says' },
  'unknown-table': { severity: 'error', text: 'a table that the release does not have' },
  'unknown-column': { severity: 'error', text: 'a column that the table does not have' },
  'missing-key': { severity: 'error', text: 'nothing tells the rows of the old table apart' },
  'missing-column': {
    severity: 'warning',
    text: 'an old column that the select does not yield: new rows get its default',
  },
  'one-way': {
    severity: 'warning',
    text: 'changes made under the old release will not reach the new one again',
  },
  unread: {
    severity: 'note',
    text: 'columns of the new release that nothing reads: what users write there is parked',
  },
  shape: { severity: 'error', text: 'a table has a shape that the law does not merge' },
  keys: { severity: 'error', text: 'the select yields more or fewer rows than there were before' },
  rewritten: {
    severity: 'warning',
    text: 'a place that the upgrade rewrote and no rule leads back: changes there are parked',
  },
  word: {
    severity: 'warning',
    text: 'a word that the old release has never stored and `map` does not name',
  },
  format: {
    severity: 'warning',
    text: 'values of another format (type, beginning, keys of JSON) than the old release stored',
  },
  'round-trip': { severity: 'error', text: 'forth and then back is not what there was' },
  untried: {
    severity: 'note',
    text: 'no room for the copies on which the way forth and back is tried',
  },
  'forth-word': {
    severity: 'error',
    text: '`forth` stores a word that the new release has never stored',
  },
  document: {
    severity: 'error',
    text: 'an entry for a document fails on the documents of the pair',
  },
} satisfies Record<string, RuleEntry>;

export type RuleCode = keyof typeof rules;

/** What is to be said of one spot of a reversal file. */
export interface ReversalFinding extends Problem {
  readonly rule: RuleCode;
  readonly severity: Severity;
}

/** A finding by its rule; `severity` where the rule's own does not fit. */
export function finding(
  rule: RuleCode,
  problem: Problem,
  severity: Severity = rules[rule].severity,
): ReversalFinding {
  return { rule, severity, ...problem };
}

/** In the order of the file, each once. */
export function inOrder(findings: readonly ReversalFinding[]): ReversalFinding[] {
  const unique = new Map(findings.map((each) => [JSON.stringify(each), each]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}
