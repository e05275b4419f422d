import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readDocument } from './document.ts';
import { mergeLayers, type LayeredMerge } from './layers.ts';
import { undecided } from './merge.ts';
import { isReconciled } from './reconcile.ts';
import { parseDocumentReversal } from './reversal.ts';
import { withValueAt, type Path } from './path.ts';
import { jsonNumber, type Json } from './value.ts';

const root = (text: string): Json => readDocument(Buffer.from(text), 'd').root;
const reversal = parseDocumentReversal(
  { moved: 'place.new', list: { path: 'entries', key: 'id' } },
  { reversalFile: 'r.yaml', document: 'd' },
);
const triple = {
  before: root('{"moved":1,"plain":1,"list":[{"id":1,"t":1}]}'),
  after: root('{"place":{"new":1},"plain":1,"entries":[{"id":1,"t":1,"v":1}],"blind":1}'),
  now: root(
    '{"place":{"new":2},"plain":2,"entries":[{"id":1,"t":2,"v":2},{"id":2,"t":2}],"blind":2}',
  ),
};
const merged = await mergeLayers(triple, reversal, undecided);
const isFound = (changed: LayeredMerge): boolean => isReconciled(changed, triple, reversal);

it('finds every change in a whole merge', () => {
  assert.deepEqual(
    merged.parked.map(({ path }) => path.length),
    [1, 3],
  );
  assert.equal(isFound(merged), true);
});

it('misses each parked value that is taken away', () => {
  for (const gone of merged.parked) {
    assert.equal(
      isFound({ ...merged, parked: merged.parked.filter((each) => each !== gone) }),
      false,
    );
  }
});

it('misses each carried value that is not there', () => {
  const element = (id: string): Path[number] => ({ element: [['id', jsonNumber(id)]] });
  const places: Path[] = [
    ['moved'],
    ['plain'],
    ['list', element('1'), 't'],
    ['list', element('2')],
  ];
  for (const place of places) {
    for (const value of [undefined, jsonNumber('1')]) {
      const changed = withValueAt(merged.value, place, value);
      assert(changed !== null);
      assert.equal(isFound({ ...merged, value: changed.root }), false, JSON.stringify(place));
    }
  }
});
