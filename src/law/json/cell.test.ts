import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mergeCell } from './cell.ts';
import { formatPath } from './path.ts';

it('merges a cell by path and keeps the text of what was not changed', () => {
  const merged = mergeCell(
    {
      before: '{ "rowsPerPage":50, "sort":"newest" }',
      after: '{"schema":2,"rowsPerPage":50,"sort":"newest"}',
      now: '{"schema":3,"rowsPerPage":50,"sort":"title"}',
    },
    'user_preferences.v1_ui_preferences',
  );
  assert.equal(merged.text, '{ "rowsPerPage":50, "sort":"title" }');
  assert.deepEqual(
    merged.parked.map(({ path, why }) => `${formatPath(path)} ${why}`),
    ['schema blind'],
  );
});

it('gives back the exact text where nothing was changed', () => {
  const texts = { before: '{ "a" : 1.0 }', after: '{"a":2}', now: '{ "a": 2 }' };
  assert.equal(mergeCell(texts, 'cell').text, texts.before);
});

it('names the cell and the state that is no JSON', () => {
  assert.throws(() => mergeCell({ before: '1', after: '1', now: '{' }, 't.c'), {
    code: 'document/syntax',
    message:
      't.c (now): line 1, column 2: expected a key in double quotes, found the end of the text',
  });
});
