import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Database } from '../../sqlite/database.ts';
import { formatOf, newForms, type ColumnFormat } from './column-format.ts';

function formatIn(...values: readonly string[]): ColumnFormat {
  using db = Database.open(':memory:');
  db.exec(
    `CREATE TABLE t (v); INSERT INTO t VALUES ${values.map((value) => `(${value})`).join(', ')}`,
  );
  return formatOf(db, 'main.t', 'v');
}

test('values are told apart by type, beginning and keys of JSON', () => {
  assert.deepEqual(
    Object.fromEntries(
      formatIn(
        'NULL',
        '1',
        '1.5',
        `x'00'`,
        `''`,
        `'$2b$10$abc'`,
        `'$2b$12$def'`,
        `'2026-01-01T00:00:00Z'`,
        `'2026-01-01 00:00:00'`,
        `'2026-01-01'`,
        `'https://example.com/a'`,
        `'007'`,
        `'-1.50'`,
        `'any words'`,
        `'{"a":1,"b":{"c":2}}'`,
        `'[1,2]'`,
        `'{broken'`,
      ),
    ),
    {
      integer: 1,
      real: 1,
      blob: 1,
      'empty text': 1,
      'text beginning $2b$': 2,
      'date and time with T': 1,
      'date and time with a blank': 1,
      date: 1,
      'text beginning https://': 1,
      'digits as text': 1,
      'a decimal number as text': 1,
      text: 2,
      'JSON list': 1,
      'JSON with key "a"': 1,
      'JSON with key "b"': 1,
    },
  );
});

test('a form is new where what stood before had one; free text and nothing at all have none', () => {
  const hashes = formatIn(`'$2b$1'`, `'$2b$2'`);
  const later = formatIn(`'$2b$1'`, `'$argon2id$1'`, `''`);
  assert.deepEqual([...newForms(hashes, later)], [['text beginning $argon2id$', 1]]);
  assert.deepEqual([...newForms(formatIn('1', '2'), formatIn(`'2'`))], [['digits as text', 1]]);
  assert.deepEqual([...newForms(formatIn(`'words'`, `'more'`), later)], []);
  assert.deepEqual([...newForms(formatIn('NULL'), later)], []);
});

test('keys of JSON are compared unless there are so many that they are data', () => {
  const known = formatIn(`'{"a":1}'`);
  assert.deepEqual([...newForms(known, formatIn(`'{"a":1,"b":2}'`))], [['JSON with key "b"', 1]]);
  const many = Array.from({ length: 40 }, (_, n) => `'{"k${n}":1}'`);
  assert.deepEqual(Object.fromEntries(formatIn(...many)), { 'JSON object': 40 });
});
