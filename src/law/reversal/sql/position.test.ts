import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from '../../../form/document.ts';
import { positionIn } from './position.ts';

/** Where `word` of the SQL under `sql:` stands, as `line:column`. */
function found(file: string, word: string): string {
  const document = readDocument(file);
  const value: unknown = Object(document.value)['sql'];
  assert.ok(typeof value === 'string');
  const at = document.locate(['sql']);
  const { line, column } = positionIn({ file, at, sql: value }, value.indexOf(word));
  return `${line}:${column}`;
}

test('a word is found in every way in which YAML writes a text', () => {
  assert.equal(found('a: 1\nsql: SELECT wrong FROM t\n', 'wrong'), '2:13');
  assert.equal(found(`sql: "SELECT wrong FROM t"\n`, 'wrong'), '1:14');
  assert.equal(found(`sql: 'SELECT wrong FROM t'\n`, 'wrong'), '1:14');
  assert.equal(found('sql: |\n  SELECT a,\n    wrong\n  FROM t\n', 'wrong'), '3:5');
  assert.equal(found('sql: |\n\n  SELECT a,\n\n    wrong\n', 'wrong'), '5:5');
  assert.equal(found('sql: |-\n  wrong\n', 'wrong'), '2:3');
});

test('the same line twice is told apart, and what was folded is told by its beginning', () => {
  const twice = 'sql: |\n  SELECT 1\n  UNION\n  SELECT 1\n';
  const document = readDocument(twice);
  const sql = 'SELECT 1\nUNION\nSELECT 1\n';
  const at = document.locate(['sql']);
  assert.equal(positionIn({ file: twice, at, sql }, sql.lastIndexOf('SELECT')).line, 4);
  assert.equal(found('sql: >\n  SELECT a,\n  wrong\n  FROM t\n', 'wrong'), '1:6');
});
