import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys } from './arbitrary.ts';
import { decisionsFor } from './decisions.ts';
import { readDocument } from './document.ts';
import { mergeKeyed } from './keyed.ts';
import { mergeTriple, mergeValues, undecided, type Merged } from './merge.ts';
import { formatPath, parsePath } from './path.ts';
import type { Json } from './value.ts';
import { compactText } from './write.ts';
import { fc } from '../../../test/chance.ts';

const json = (text: string): Json => readDocument(Buffer.from(text), 'd').root;
const shown = (value: Json | undefined): string =>
  value === undefined ? 'absent' : compactText(value);

function merge(before: string, after: string, now: string): Merged {
  return mergeValues(json(before), json(after), json(now));
}

function parkedOf(merged: Merged): string[] {
  return merged.parked.map(({ path, value, why }) => `${formatPath(path)} ${shown(value)} ${why}`);
}

describe('mergeValues', () => {
  const cases: [string, string, string, string, string, string[]][] = [
    ['an edit is carried', '{"a":1,"b":2}', '{"a":1,"b":3}', '{"a":9,"b":3}', '{"a":9,"b":2}', []],
    ['absent is not null', '{"a":null}', '{"a":null}', '{}', '{}', []],
    [
      'a type is part of the value',
      '{"a":1}',
      '{"a":"1"}',
      '{"a":"2"}',
      '{"a":1}',
      ['a "2" rewritten'],
    ],
    ['1 is not 1.0', '{"a":1}', '{"a":1.0}', '{"a":2}', '{"a":1}', ['a 2 rewritten']],
    [
      'numbers beyond 2^53 differ',
      '{"a":9007199254740992}',
      '{"a":9007199254740993}',
      '{"a":9007199254740992}',
      '{"a":9007199254740992}',
      ['a 9007199254740992 rewritten'],
    ],
    ['an array is one value', '[1,2]', '[1,2]', '[2]', '[2]', []],
    [
      'an array that the upgrade changed keeps its old value',
      '[1,2]',
      '[0,1,2]',
      '[0,2]',
      '[1,2]',
      [' [0,2] rewritten'],
    ],
    [
      'what only the new shape has is parked leaf by leaf',
      '{}',
      '{"n":{"x":1,"y":2}}',
      '{"n":{"x":5,"y":2}}',
      '{}',
      ['n.x 5 blind'],
    ],
    [
      'a new key of the user is carried',
      '{"a":1}',
      '{"a":2}',
      '{"a":2,"mine":[1]}',
      '{"a":1,"mine":[1]}',
      [],
    ],
    ['a deletion is carried', '{"a":1,"b":1}', '{"a":1,"b":2}', '{"b":2}', '{"b":1}', []],
    [
      'a deleted object is gone, whatever the upgrade did inside',
      '{"u":{"x":1}}',
      '{"u":{"x":2,"y":3}}',
      '{}',
      '{}',
      [],
    ],
    [
      'what the upgrade removed and the user made again is parked',
      '{"a":1}',
      '{}',
      '{"a":5}',
      '{"a":1}',
      ['a 5 unproven'],
    ],
    [
      'kinds that clash make one value',
      '{"t":"light"}',
      '{"t":{"mode":"light"}}',
      '{"t":{"mode":"dark"}}',
      '{"t":"light"}',
      ['t.mode "dark" rewritten'],
    ],
    [
      'odd keys are keys',
      '{"__proto__":{"a":1},"":1}',
      '{"__proto__":{"a":1},"":1}',
      '{"__proto__":{"a":2}}',
      '{"__proto__":{"a":2}}',
      [],
    ],
  ];
  for (const [what, before, after, now, result, parked] of cases) {
    it(what, () => {
      const merged = merge(before, after, now);
      assert.equal(shown(merged.value), result);
      assert.deepEqual(parkedOf(merged), parked);
    });
  }

  it('says where it carried without anything to compare', () => {
    const merged = merge('{"list":[],"a":1}', '{"list":[],"a":1}', '{"list":[1],"a":2,"new":3}');
    assert.equal(shown(merged.value), '{"list":[1],"a":2,"new":3}');
    assert.deepEqual(merged.unproven.map(formatPath), []);
    const divided = merge('{"list":[],"v":1}', '{"list":[],"v":2}', '{"list":[1],"v":2,"new":3}');
    assert.deepEqual(divided.unproven.map(formatPath), ['list', 'new']);
  });

  it('takes as they are the places that were decided so', () => {
    const decide = (place: string, choice: 'as-is' | 'park'): ReturnType<typeof decisionsFor> =>
      decisionsFor('d', [{ place, choice, by: 'operator', at: '', evidence: '' }]);
    const states = {
      before: json('{"t":"light"}'),
      after: json('{"t":{"m":1},"n":{"x":1}}'),
      now: json('{"t":{"m":2},"n":{"x":2}}'),
    };
    const result = (place: string): string =>
      shown(mergeTriple(states, decide(place, 'as-is').at).value);
    assert.equal(result('d#t'), '{"t":{"m":2}}');
    assert.equal(result('d#n'), '{"t":"light","n":{"x":2}}');
    assert.equal(result('d#n.x'), '{"t":"light","n":{"x":2}}');
    assert.equal(result('d#t.m'), '{"t":"light"}');
    assert.equal(result('other#n'), '{"t":"light"}');
  });
});

describe('arrays merged by key', () => {
  function mergeList([before, after, now]: [string, string, string], choice = undecided): Merged {
    return mergeKeyed({ before: json(before), after: json(after), now: json(now) }, ['id'], choice);
  }
  const cases: [string, string, string, string, string, string[]][] = [
    [
      'the upgrade prepends, the user removes',
      '[{"id":1},{"id":2}]',
      '[{"id":9},{"id":1},{"id":2}]',
      '[{"id":9},{"id":2}]',
      '[{"id":2}]',
      [],
    ],
    [
      'order is that of before, then new ones',
      '[{"id":1},{"id":2}]',
      '[{"id":0},{"id":2},{"id":1}]',
      '[{"id":5},{"id":0},{"id":2},{"id":1},{"id":4}]',
      '[{"id":1},{"id":2},{"id":5},{"id":4}]',
      [],
    ],
    [
      'a field of one element',
      '[{"id":1,"t":"a","s":"done"}]',
      '[{"id":1,"t":"a","s":"completed"}]',
      '[{"id":1,"t":"b","s":"completed"}]',
      '[{"id":1,"t":"b","s":"done"}]',
      [],
    ],
    [
      'a rewritten field is parked',
      '[{"id":1,"s":"done"}]',
      '[{"id":1,"s":"completed"}]',
      '[{"id":1,"s":"failed"}]',
      '[{"id":1,"s":"done"}]',
      ['[id=1].s "failed" rewritten'],
    ],
    [
      'a new element without its blind field',
      '[{"id":1}]',
      '[{"id":1,"v2":"x"}]',
      '[{"id":1,"v2":"x"},{"id":2,"v2":"y"}]',
      '[{"id":1},{"id":2}]',
      ['[id=2].v2 "y" blind'],
    ],
    [
      'a new element with a rewritten field is parked whole',
      '[{"id":1,"s":"done"}]',
      '[{"id":1,"s":"completed"}]',
      '[{"id":1,"s":"completed"},{"id":2,"s":"completed"}]',
      '[{"id":1,"s":"done"}]',
      ['[id=2] {"id":2,"s":"completed"} rewritten'],
    ],
    [
      '1 and "1" are two keys',
      '[{"id":1},{"id":"1"}]',
      '[{"id":1},{"id":"1"},{"id":3}]',
      '[{"id":"1"},{"id":3}]',
      '[{"id":"1"}]',
      [],
    ],
    [
      'a default that the upgrade made and the user changed counts as new',
      '[{"id":1,"t":"a"}]',
      '[{"id":1,"t":"a"},{"id":2,"t":"b"}]',
      '[{"id":1,"t":"a"},{"id":2,"t":"mine"}]',
      '[{"id":1,"t":"a"},{"id":2,"t":"mine"}]',
      [],
    ],
    [
      'an order that the upgrade kept is carried',
      '[{"id":1},{"id":2},{"id":3}]',
      '[{"id":1},{"id":2},{"id":3},{"id":4}]',
      '[{"id":3},{"id":1},{"id":2},{"id":4}]',
      '[{"id":3},{"id":1},{"id":2}]',
      [],
    ],
    [
      'an order that the upgrade changed is parked',
      '[{"id":1},{"id":2}]',
      '[{"id":2},{"id":1}]',
      '[{"id":1},{"id":2}]',
      '[{"id":1},{"id":2}]',
      [' [{"id":1},{"id":2}] rewritten'],
    ],
    [
      'elements without the key make it one value',
      '[{"id":1},7]',
      '[{"id":1},7,8]',
      '[7,8]',
      '[{"id":1},7]',
      [' [7,8] rewritten'],
    ],
    [
      'one key twice makes it one value',
      '[{"id":1},{"id":1}]',
      '[{"id":1},{"id":1}]',
      '[{"id":1}]',
      '[{"id":1}]',
      [],
    ],
  ];
  for (const [what, before, after, now, result, parked] of cases) {
    it(what, () => {
      const merged = mergeList([before, after, now]);
      assert.equal(shown(merged.value), result);
      assert.deepEqual(parkedOf(merged), parked);
    });
  }

  it('does as was decided for a field', () => {
    const choose = (choice: 'as-is' | 'before'): Merged =>
      mergeList(
        [
          '[{"id":1,"s":"done"}]',
          '[{"id":1,"s":"completed"}]',
          '[{"id":1,"s":"failed"},{"id":2,"s":"failed"}]',
        ],
        decisionsFor('', [{ place: '#s', choice, by: 'operator', at: '', evidence: '' }]).at,
      );
    assert.equal(shown(choose('as-is').value), '[{"id":1,"s":"failed"},{"id":2,"s":"failed"}]');
    assert.equal(shown(choose('before').value), '[{"id":1,"s":"done"},{"id":2}]');
    assert.deepEqual(parkedOf(choose('before')), [
      '[id=1].s "failed" rewritten',
      '[id=2].s "failed" rewritten',
    ]);
  });
});

describe('paths', () => {
  it('are written and read as the same', () => {
    fc.assert(
      fc.property(fc.array(keys(), { minLength: 1, maxLength: 4 }), (path) => {
        assert.deepEqual(parsePath(formatPath(path)), path);
      }),
      { numRuns: 1000 },
    );
    assert.equal(formatPath(['ui', 'a.b', 'c']), 'ui["a.b"].c');
    assert.deepEqual(parsePath('$'), []);
    assert.deepEqual(parsePath('$schema.x'), ['$schema', 'x']);
  });

  it('are refused where they are none', () => {
    for (const text of ['', '.a', 'a.', 'a..b', 'a b', '["a]', 'a[0]', String.raw`["\x"]`]) {
      assert.equal(parsePath(text), null, text);
    }
  });
});
