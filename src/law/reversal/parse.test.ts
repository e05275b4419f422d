import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Problem } from '../../form/problem.ts';
import { parseReversal } from './parse.ts';
import { oneWayPlaces, positionOf, type Reversal } from './reversal.ts';
import { fc } from '../../../test/chance.ts';

const assets = { history: 'sqlite', configuration: 'json' };
const sha256 = '0'.repeat(64);
const head = 'from: 2.0.0\nto: 1.2.1\n';

function read(body: string, file = '/x/2.0.0-to-1.2.1.yaml'): Reversal {
  const reading = parseReversal({ text: head + body, file, sha256, assets });
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.value;
}

function problemsOf(text: string): readonly Problem[] {
  const reading = parseReversal({ text, file: '/x/2.0.0-to-1.2.1.yaml', sha256, assets });
  return reading.ok ? [] : reading.problems;
}

test('a whole reversal file', () => {
  const reversal = read(`sqlite:
  history:
    users:
      map: { role: { owner: admin } }
      key: [id]
      select: SELECT id, role FROM accounts
      forth: { role: role }
    rebuild:
      counters: UPDATE counters SET n = 1
      fts: [DELETE FROM f, INSERT INTO f SELECT 1]
json:
  configuration/config.json:
    theme: ui.theme.mode
    level: { path: log.level, map: { quiet: low } }
    list: { get: 'x', key: id }
decide:
  history.users.tenant: park
`);
  const history = reversal.databases['history'];
  assert.deepEqual(history?.tables, {
    users: {
      map: { role: { owner: 'admin' } },
      key: ['id'],
      select: 'SELECT id, role FROM accounts',
      forth: { role: 'role' },
    },
  });
  assert.deepEqual(history.rebuild, {
    counters: ['UPDATE counters SET n = 1'],
    fts: ['DELETE FROM f', 'INSERT INTO f SELECT 1'],
  });
  assert.deepEqual(reversal.decide, { 'history.users.tenant': 'park' });
  assert.deepEqual(positionOf(reversal, ['sqlite', 'history', 'users', 'select']), {
    line: 8,
    column: 15,
  });
  assert.deepEqual(oneWayPlaces(reversal), ['configuration/config.json#list']);
});

test('a select without forth is one-way, triggers are a way forth', () => {
  const oneWay = read('sqlite: { history: { t: { select: SELECT 1 } } }\n');
  assert.deepEqual(oneWayPlaces(oneWay), ['history.t']);
  const both = read(
    'sqlite: { history: { t: { select: SELECT 1, forth: { triggers: { insert: a, update: b, delete: c } } } } }\n',
  );
  assert.deepEqual(oneWayPlaces(both), []);
  assert.deepEqual(both.databases['history']?.tables['t']?.triggers, {
    insert: 'a',
    update: 'b',
    delete: 'c',
  });
});

const refused: readonly (readonly [name: string, body: string, line: number, says: RegExp])[] = [
  [
    'a key that is near a known one',
    'sqlite:\n  history:\n    users: { selct: SELECT 1 }\n',
    5,
    /did you mean `select`/,
  ],
  [
    'two new words for one old',
    'sqlite:\n  history:\n    t:\n      map:\n        s:\n          a: x\n          b: x\n',
    9,
    /both become `x`/,
  ],
  [
    'an asset that is not there',
    'sqlite: { histroy: { t: { key: [id] } } }\n',
    3,
    /did you mean `history`/,
  ],
  [
    'an asset of another kind',
    'sqlite: { configuration: { t: { key: [id] } } }\n',
    3,
    /of kind json/,
  ],
  ['a document without an asset', 'json: { config.json: { a: b } }\n', 3, /an asset and a file/],
  ['a path that is none', "json: { configuration/c.json: { 'a..b': c } }\n", 3, /no path/],
  ['a new path that is none', "json: { configuration/c.json: { a: 'b..c' } }\n", 3, /no path/],
  ['an empty table', 'sqlite: { history: { t: {} } }\n', 3, /says nothing/],
  ['empty SQL', "sqlite: { history: { t: { select: '  ' } } }\n", 3, /expected SQL/],
  ['a key twice in `key`', 'sqlite: { history: { t: { key: [a, a] } } }\n', 3, /twice/],
  [
    'triggers without a view',
    'sqlite: { history: { t: { forth: { triggers: { insert: a, update: b, delete: c } } } } }\n',
    3,
    /select/,
  ],
  [
    'a trigger missing',
    'sqlite: { history: { t: { select: S, forth: { triggers: { insert: a, update: b } } } } }\n',
    3,
    /missing/,
  ],
  [
    'triggers as text',
    'sqlite: { history: { t: { select: S, forth: { triggers: CREATE } } } }\n',
    3,
    /mapping|insert/,
  ],
  ['a choice that is none', 'decide: { history.t.c: parkk }\n', 3, /did you mean `park`/],
  ['a place that is none', 'decide: { Nowhere: park }\n', 3, /names no place/],
  [
    'get and path at once',
    'json: { configuration/c.json: { a: { get: x, path: y } } }\n',
    3,
    /unknown key/,
  ],
  [
    'a word that is a number',
    'sqlite: { history: { t: { map: { s: { a: 1 } } } } }\n',
    3,
    /quotes: '1'/,
  ],
];

for (const [name, body, line, says] of refused) {
  test(`refused with its line: ${name}`, () => {
    const problems = problemsOf(head + body);
    const found = problems.find((each) => says.test(`${each.message} ${each.hint}`));
    assert.ok(found, JSON.stringify(problems));
    assert.equal(found.line, line);
  });
}

test('a version that YAML reads as a number is refused as such', () => {
  const [problem] = problemsOf('from: 2.0\nto: 1.2.1\n');
  assert.equal(problem?.message.includes('the number 2 (written `2.0`)'), true);
  assert.match(problem?.hint ?? '', /'2\.0'/);
});

test('the name of the file and its versions agree', () => {
  const reading = parseReversal({ text: head, file: '/x/2.0.1-to-1.2.1.yaml', sha256, assets });
  assert.ok(!reading.ok);
  assert.match(reading.problems[0]?.hint ?? '', /2\.0\.0-to-1\.2\.1\.yaml/);
});

const shipped = join(import.meta.dirname, '../../../examples/social-download-manager/reversals');

test('mutated real files: a right answer or problems with places, never an exception', () => {
  for (const name of ['2.0.0-to-1.2.1.yaml', '2.1.0-to-2.0.0.yaml']) {
    const text = readFileSync(join(shipped, name), 'utf8');
    fc.assert(
      fc.property(mutation(text), (mutated) => {
        const reading = parseReversal({ text: mutated, file: `/x/${name}`, sha256, assets: null });
        const problems = reading.ok ? [] : reading.problems;
        assert.equal(reading.ok, problems.length === 0);
        for (const each of problems) assert.ok(each.line >= 1 && each.message !== '');
      }),
      { numRuns: 300 },
    );
  }
});

/** The text with a few pieces cut out, doubled, or replaced. */
function mutation(text: string): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(text.length),
    length: fc.nat(40),
    put: fc.oneof(
      fc.constantFrom(
        '',
        ':',
        '\n',
        '  ',
        '[',
        '}',
        '&a',
        '*a',
        '<<: ',
        '0',
        'null',
        '\t',
        '"',
        '- ',
      ),
      fc.string(),
      fc.nat(text.length).map((at) => text.slice(at, at + 60)),
    ),
  });
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce(
        (whole, { at, length, put }) => whole.slice(0, at) + put + whole.slice(at + length),
        text,
      ),
    );
}
