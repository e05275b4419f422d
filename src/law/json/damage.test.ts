import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countDamage, withoutDamage } from './damage.ts';
import { parseJson } from './read.ts';
import type { Json } from './value.ts';
import { compactText } from './write.ts';

function json(text: string): Json {
  return parseJson(text, 'test').root;
}

const eleven = json('{"a":[1,2,3,4,5,6,7,8,9,10,11],"b":1}');
const limit = { share: 0.05, values: 10 };

test('a list that grew or was sorted anew lost nothing, and is carried', () => {
  for (const now of [
    json('{"a":[1,2,3,4,5,6,7,8,9,10,11,12],"b":1}'),
    json('{"a":[11,10,9,8,7,6,5,4,3,2,1],"b":1}'),
  ]) {
    const { deleted, emptied, overwritten } = countDamage(eleven, now);
    assert.deepEqual([deleted, emptied, overwritten], [0, 0, 0]);
    assert.deepEqual(withoutDamage(eleven, now, limit).parked, []);
  }
});

test('elements that a list lost are counted, each as often as it stood there', () => {
  const counts = countDamage(json('{"a":[1,1,1,2]}'), json('{"a":[1,2,3]}'));
  assert.deepEqual([counts.overwritten, counts.total], [2, 4]);
});

test('a list that lost most of its elements is parked above the limit', () => {
  const now = json('{"a":[],"b":2}');
  const { now: repaired, parked } = withoutDamage(eleven, now, limit);
  assert.deepEqual(
    parked.map(({ why }) => why),
    ['damage', 'damage'],
  );
  assert.equal(compactText(repaired ?? json('null')), compactText(eleven));
});
