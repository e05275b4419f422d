import type { SourceFlaw } from './flawed.ts';

/** A law, a flaw in the program that breaks it, and the test that must fail then. docs/traps.md lists them. */
export interface LawFlaw extends SourceFlaw {
  readonly law: string;
  readonly flaw: string;
  /** Tried by `node scripts/laws.ts` alone. */
  readonly isSlow?: boolean;
  readonly test: { readonly file: string; readonly name: string };
}

const rows = 'src/law/rows';
const identity = `${rows}/identity.test.ts`;
const traps = `${rows}/traps.test.ts`;
const documents = 'src/law/json/laws.test.ts';
const trees = 'src/law/files/laws.test.ts';
const story = {
  file: 'test/story/stories.test.ts',
  name: 'over several upgrades, back and forth, with edits on every side, each law holds',
} as const;

export const lawFlaws: readonly LawFlaw[] = [
  {
    law: 'Rows: a value stays what it is, with its type',
    flaw: '1 and 1.0 count as the same',
    test: {
      file: `${rows}/shapes.test.ts`,
      name: 'every value stays what it is, with its type and its bytes',
    },
    file: `${rows}/compare.ts`,
    from: '(${a} IS ${b} COLLATE BINARY AND typeof(${a}) = typeof(${b}))',
    to: '(${a} IS ${b} COLLATE BINARY)',
  },
  {
    law: 'Rows: changes go into faithful places alone',
    flaw: 'what the upgrade rewrote is taken as it is',
    test: {
      file: `${rows}/decisions.test.ts`,
      name: 'a rewritten column: by default changed cells keep the old value, and new rows are parked whole',
    },
    file: `${rows}/rules.ts`,
    from: "  return 'park';",
    to: "  return 'as-is';",
  },
  {
    law: 'Rows: an id that was parked is never given out again',
    flaw: 'sequences stay as they were',
    test: {
      file: identity,
      name: 'an id that was parked is never given out again, one that was carried neither',
    },
    file: `${rows}/sequence.ts`,
    from: 'if (home?.isAutoincrement === true) raiseSequence(bench, view, home);',
    to: 'void home;',
  },
  {
    law: 'Rows: a reused id is another thing',
    flaw: 'a row is known by its id alone',
    test: {
      file: identity,
      name: 'a surrogate id that was used again is another thing: nothing of the first one is mixed into it',
    },
    file: `${rows}/delta.ts`,
    from: 'view.table.hasIntegerKey && body.length >= 2 && changed.length === body.length',
    to: 'false',
  },
  {
    law: 'Rows: keys are compared by bytes and type',
    flaw: 'keys are compared as the column says',
    test: {
      file: identity,
      name: 'keys are told apart by bytes and type: NOCASE, composite, text beside number',
    },
    file: `${rows}/compare.ts`,
    from: '`${x} = ${y} AND ${x} = ${y} COLLATE BINARY AND typeof(${x}) = typeof(${y})`',
    to: '`${x} = ${y}`',
  },
  {
    law: 'Rows: an edit of one row never disturbs another',
    flaw: 'a change goes into every row of its table',
    test: {
      file: traps,
      name: 'an edit or a deletion of one row under the old release leaves the return of every other row as it was',
    },
    file: `${rows}/apply.ts`,
    from: "\n        AND ${sameKey('t', 'i', view.key)}`);\n  }\n}",
    to: '`);\n  }\n}',
  },
  {
    law: 'Rows: a later edit wins, and the parked value is kept as stale',
    flaw: 'what it replaced is forgotten',
    test: {
      file: traps,
      name: 'a parked cell that is edited later under the old release: the later edit wins, the parked value is kept as stale',
    },
    file: `${rows}/image.ts`,
    from: "if (found?.['stale'] === 1 && bench.direction === 'forth') {",
    to: "if (found?.['stale'] === 2) {",
  },
  {
    law: 'Rows: no trigger of the user fires',
    flaw: 'triggers stay while rows are placed',
    test: {
      file: traps,
      name: 'rows that the application replaced with REPLACE: what fired then is carried, and nothing fires now',
    },
    file: `${rows}/triggers.ts`,
    from: 'for (const row of rows) db.exec(`DROP',
    to: 'for (const row of rows.slice(0, 0)) db.exec(`DROP',
  },
  {
    law: 'Rows: damage above the limit is parked',
    flaw: 'no share is too much',
    test: {
      file: `${rows}/heal/heal.test.ts`,
      name: 'titles that were blanked and rows that were deleted stand as right after the upgrade',
    },
    file: `${rows}/damage.ts`,
    from: 'count > limit.rows && count > limit.share * damage.rows',
    to: 'count < 0',
  },
  {
    law: 'Rows: constraints are judged on the final state',
    flaw: 'rows are placed one after another, and the first refusal counts',
    test: {
      file: `${rows}/constraints.test.ts`,
      name: 'unique values that were swapped arrive swapped, a ring of them as well',
    },
    file: `${rows}/apply.ts`,
    from: 'const maxRounds = 100;',
    to: 'const maxRounds = 0;',
  },
  {
    law: 'Rows: derived data is made anew',
    flaw: 'what `rebuild:` says is not run',
    test: {
      file: `${rows}/shapes.test.ts`,
      name: 'a virtual table whose content can be made anew is accepted',
    },
    file: `${rows}/write-result.ts`,
    from: 'rebuildDerived(bench, terms.rebuild)',
    to: 'rebuildDerived(bench, {})',
  },
  {
    law: 'Rows: what references a parked row is parked with it',
    flaw: 'tables that were made at run time are left out of that',
    test: {
      file: `${rows}/run-time-objects.test.ts`,
      name: 'rows of a new table that reference what is parked are parked with it, and what references those',
    },
    file: `${rows}/run-time-objects.ts`,
    from: 'if (mendsReferences) parkAllOrphans(bench, tables);',
    to: 'void mendsReferences;',
  },
  {
    law: 'Split tables: forth then back is the identity',
    flaw: 'the way forth is not played',
    test: {
      file: `${rows}/lens/split.test.ts`,
      name: 'edits under the old release are led through the triggers, what it does not know stays',
    },
    file: `${rows}/lens/split-result.ts`,
    from: '  playImages(bench, split);\n',
    to: '',
  },
  {
    law: 'Documents: back with no change gives exactly the old bytes',
    flaw: 'what nobody changed is taken from now',
    test: {
      file: documents,
      name: 'gives exactly the old bytes where nothing was changed since the upgrade',
    },
    file: 'src/law/json/merge.ts',
    from: 'if (isSame(after, now)) return before;',
    to: 'if (isSame(after, now)) return now;',
  },
  {
    law: 'Documents: back and forth again gives exactly the new bytes',
    flaw: 'what nobody changed under the old release is taken from there',
    test: {
      file: documents,
      name: 'gives exactly the new bytes, back and forth again with nothing changed between',
    },
    file: 'src/law/json/forward.ts',
    from: 'if (isSame(settled, now)) return displaced;',
    to: 'if (isSame(settled, now)) return now;',
  },
  {
    law: 'Documents: every change is carried or parked',
    flaw: 'what is parked is thrown away',
    test: { file: documents, name: 'carries or parks every change' },
    file: 'src/law/json/merge.ts',
    from: 'this.#parked.push(parked);',
    to: 'void parked;',
  },
  {
    law: 'Documents: changes go into faithful places alone',
    flaw: 'every place counts as faithful',
    test: {
      file: documents,
      name: 'carries what is faithful, and leaves everything else as it was before',
    },
    file: 'src/law/json/merge.ts',
    from: 'if (isSame(before, after)) {',
    to: 'if (isSame(before, before)) {',
  },
  {
    law: 'Documents: an edit of one path never disturbs another',
    flaw: 'a changed object is taken whole',
    test: { file: documents, name: 'never lets an edit of one path disturb another' },
    file: 'src/law/json/merge.ts',
    from: 'if (isObject(now)) return this.#members({ before, after, now }, path);',
    to: 'if (isObject(now)) return now;',
  },
  {
    law: 'Documents: an edit under the old release comes forward, or is listed',
    flaw: 'what the new release cannot hold is dropped',
    test: { file: documents, name: 'brings an edit under the old release forward, or lists it' },
    file: 'src/law/json/forward.ts',
    from: '    if (obstacle !== null) {\n',
    to: '    if (obstacle !== null) {\n      return displaced;\n',
  },
  {
    law: 'Documents: a later edit wins, and the parked value is kept as stale',
    flaw: 'what it replaced is forgotten',
    test: { file: documents, name: 'keeps what a later edit replaced' },
    file: 'src/law/json/forward.ts',
    from: "if (isStale) this.stale.push({ path, value: displaced, why: 'stale' });",
    to: 'void isStale;',
  },
  {
    law: 'Trees: back with no change gives exactly the old tree',
    flaw: 'what nobody changed is taken from now',
    test: {
      file: trees,
      name: 'gives exactly the old tree where nothing was changed since the upgrade',
    },
    file: 'src/law/files/judge.ts',
    from: 'isUnchanged(after, now)) return decided(untouched)',
    to: "isUnchanged(after, now)) return decided({ ...untouched, entry: now ?? before, from: 'now' })",
  },
  {
    law: 'Trees: back and forth again gives exactly the new tree',
    flaw: 'what was under the new release is forgotten',
    test: {
      file: trees,
      name: 'gives exactly the new tree, back and forth with nothing changed between',
    },
    file: 'src/law/files/return.ts',
    from: 'const trees = { before: displaced, after: settled,',
    to: 'const trees = { before: settled, after: settled,',
  },
  {
    law: 'Trees: every change is carried or parked',
    flaw: 'what both changed is dropped',
    test: { file: trees, name: 'carries or parks every change' },
    file: 'src/law/files/judge.ts',
    from: "return { claim, parked: { path: now.path, entry: now, why: 'rewritten' }, choice };",
    to: 'return { claim, parked: null, choice };',
  },
  {
    law: 'Trees: a file that nobody touched keeps its name',
    flaw: 'the user’s file takes the name first',
    test: { file: trees, name: 'keeps every old file that no user touched' },
    file: 'src/law/files/settle.ts',
    from: 'one.rank - other.rank',
    to: 'other.rank - one.rank',
  },
  {
    law: 'Trees: a file system can hold the result',
    flaw: 'a file may lie in a file',
    test: { file: trees, name: 'makes a tree that a file system can hold' },
    file: 'src/law/files/settle.ts',
    from: 'if (isUnderFile || ',
    to: 'if (',
  },
  {
    law: 'Trees: an edit under the old release comes forward, or is listed',
    flaw: 'what the new release has no place for is dropped',
    test: { file: trees, name: 'brings what was done under the old release forward, or lists it' },
    file: 'src/law/files/judge.ts',
    from: "return { claim: null, parked: { path, entry: now ?? null, why: 'blind' }, choice };",
    to: 'return { claim: null, parked: null, choice };',
  },
  {
    law: 'Trees: an edit comes to where the other release has the file',
    flaw: 'what the upgrade renamed is forgotten',
    test: {
      file: 'src/law/files/return.test.ts',
      name: 'brings the edits of the old release to where the new one has the file',
    },
    file: 'src/law/files/return.ts',
    from: 'return new Map([...seen, ...known.map(([old, renewed]) => [renewed, old] as const)]);',
    to: 'return new Map(seen);',
  },
  {
    law: 'Trees: a later edit wins, and what it takes away is kept as stale',
    flaw: 'what it takes away is forgotten',
    test: {
      file: 'src/law/files/return.test.ts',
      name: 'keeps aside what a later deletion takes away',
    },
    file: 'src/law/files/return.ts',
    from: '.filter(isStale)',
    to: '.filter((entry) => isStale(entry) && entry.path === "")',
  },
  {
    law: 'Several upgrades: pair by pair, newest first',
    flaw: 'oldest first',
    isSlow: true,
    test: {
      file: 'test/scenario/two-upgrades.test.ts',
      name: 'two upgrades are rolled back at once, and forward again step by step',
    },
    file: 'src/switch/stage/stage-rollback.ts',
    from: 'for (const [index, pair] of stage.pairs.entries())',
    to: 'for (const [index, pair] of stage.pairs.toReversed().entries())',
  },
  {
    law: 'Stories: one rollback over several pairs is what single ones make',
    flaw: 'each step reads the state that was left',
    isSlow: true,
    test: story,
    file: 'src/switch/stage/stage-rollback.ts',
    from: '[latest, displaced] = [madeState(made), result];',
    to: 'displaced = result;',
  },
  {
    law: 'Stories: nothing that a user wrote last is in neither list',
    flaw: 'a return compares with the newer release’s state',
    isSlow: true,
    test: story,
    file: 'src/switch/stage/stage-return.ts',
    from: '        origin: states(step.result),',
    to: '        origin: states(step.displaced),',
  },
  {
    law: 'Stories: back and forth again is what it was',
    flaw: 'a return begins with what the rollback made',
    isSlow: true,
    test: story,
    file: 'src/switch/stage/stage-return.ts',
    from: '        base: states(step.displaced),',
    to: '        base: states(step.result),',
  },
  {
    law: 'Stories: what was written under the oldest release comes all the way',
    flaw: 'each step forth reads the state now',
    isSlow: true,
    test: story,
    file: 'src/switch/stage/stage-return.ts',
    from: '[latest, before] = [madeState(made), after];',
    to: 'before = after;',
  },
  {
    law: 'Rows: an id is given out once, also where its row is in another pair',
    flaw: 'only ids of changed rows count',
    test: {
      file: identity,
      name: 'an id whose row came and went since the upgrade is not given out again',
    },
    file: `${rows}/sequence.ts`,
    from: 'iif(${is} > ${was}, ${is}, 0)',
    to: '0',
  },
  {
    law: 'Rows: what the user made at run time breaks no write of the old release',
    flaw: 'a trigger is carried without a look at what it does',
    test: {
      file: `${rows}/run-time-objects.test.ts`,
      name: 'a trigger that would break a write of the old release is told, and so is one of an altered table',
    },
    file: `${rows}/run-time-schema.ts`,
    from: 'if (compiling.every((write) => db.compiles(write))) return [];',
    to: 'if (compiling.length > 0) return [];',
  },
  {
    law: 'Killed at any instant: back before the commit record, forward after it',
    flaw: 'a run that was killed after its commit record goes back',
    test: {
      file: 'src/switch/journal.test.ts',
      name: 'killed before the commit record a run goes back, after it forward',
    },
    file: 'src/switch/phases.ts',
    from: "const recovery = state.kind === 'in' ? killed : failed;",
    to: 'const recovery = failed;\n      void killed;',
  },
];
