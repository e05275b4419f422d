import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDocumentReversal } from './reversal.ts';
import { returnDocument } from './return.ts';
import { rollBackDocument, type RolledBackDocument } from './rollback.ts';
import { surveyDocument } from './survey.ts';

const at = '2025-01-01T00:00:00Z';
const name = 'd.json';
const place = { reversalFile: 'reversals/2-to-1.yaml', document: name };
const bytes = (text: string | null): Uint8Array | null =>
  text === null ? null : Buffer.from(text);
const text = (written: Uint8Array | null): string | null =>
  written === null ? null : Buffer.from(written).toString('utf8');

type Texts = [before: string | null, after: string | null, now: string | null];

function back([before, after, now]: Texts, raw: unknown = {}): Promise<RolledBackDocument> {
  const states = { before: bytes(before), after: bytes(after), now: bytes(now) };
  return rollBackDocument(states, { name, at, reversal: parseDocumentReversal(raw, place) });
}

describe('rolling back a document', () => {
  const cases: [string, Texts, string | null, string[]][] = [
    ['only the new release has it', [null, '{"a":1}', '{"a":1}'], null, []],
    [
      'only the new release has it, and it was changed',
      [null, '{"a":1}', '{"a":2}'],
      null,
      ['d.json#a 2 blind'],
    ],
    ['a user made it', [null, null, '{ "a":1 }'], '{ "a":1 }', []],
    ['the upgrade removed it', ['{"a":1}', null, null], '{"a":1}', []],
    [
      'the upgrade removed it, a user made it again',
      ['{"a":1}', null, '{"a":2}'],
      '{"a":1}',
      ['d.json {"a":2} unproven'],
    ],
    ['a user deleted it', ['{"a":1}', '{"a":2}', null], null, []],
    [
      'a user deleted the root list that the upgrade rewrote',
      ['[1]', '[2]', null],
      '[1]',
      ['d.json null rewritten'],
    ],
    ['only white space was changed', ['{"a":1}\n', '{"a":1}', '{\n"a": 1}'], '{"a":1}\n', []],
  ];
  for (const [what, texts, result, parked] of cases) {
    it(what, async () => {
      const gone = await back(texts);
      assert.equal(text(gone.bytes), result);
      assert.deepEqual(
        gone.parked.map((each) => `${each.place} ${each.value} ${each.why}`),
        parked,
      );
      assert.equal(gone.outcome.reconciled, true);
      assert.equal(gone.isOnlyNew, texts[0] === null && texts[1] !== null);
    });
  }

  it('writes with the indent and the order of before, new keys last', async () => {
    const before = '{\n\t"b": 1,\n\t"a": {"x": 1.50}\n}';
    const gone = await back([before, '{"a":{"x":1.50},"b":1}', '{"new":[1],"a":{"x":1.50},"b":2}']);
    assert.equal(text(gone.bytes), '{\n\t"b": 2,\n\t"a": {"x": 1.50},\n\t"new": [\n\t\t1\n\t]\n}');
  });

  it('names the state that is no JSON', async () => {
    await assert.rejects(back(['{}', '{', '{}']), {
      message: /^d\.json \(after\): line 1, column 2: /,
    });
  });

  it('parks what stands in the way of a place that the reversal names', async () => {
    const raw = { 'ui.mode': 'theme' };
    const before = '{"ui":{"mode":"light"}}';
    for (const [now, parked] of [
      ['{"theme":"dark","ui":{"mode":"x"}}', ['d.json#ui.mode "x" blind', 'd.json#ui {} unproven']],
      ['{"theme":"dark","ui":5}', ['d.json#ui 5 blind']],
    ] as const) {
      const gone = await back([before, '{"theme":"light"}', now], raw);
      assert.equal(text(gone.bytes), '{"ui":{"mode":"dark"}}');
      assert.deepEqual(
        gone.parked.map((each) => `${each.place} ${each.value} ${each.why}`),
        parked,
      );
      assert.equal(gone.outcome.reconciled, true);
    }
  });

  it('merges a list by the key that the reversal names, back and forth', async () => {
    const raw = { list: { path: 'entries', key: 'id' } };
    const before = '{"list":[{"id":1,"t":"a"},{"id":2,"t":"b"}]}';
    const after = '{"entries":[{"id":0,"t":"tour"},{"id":1,"t":"a","v":1},{"id":2,"t":"b","v":1}]}';
    const now = '{"entries":[{"id":0,"t":"tour"},{"id":2,"t":"B","v":1},{"id":3,"t":"c","v":9}]}';
    const gone = await back([before, after, now], raw);
    assert.equal(text(gone.bytes), '{"list":[{"id":2,"t":"B"},{"id":3,"t":"c"}]}');
    assert.deepEqual(gone.outcome.carried, { inserted: 1, updated: 1, deleted: 1 });
    assert.deepEqual(gone.outcome.parked, [{ what: 'd.json#list.v', count: 1, why: 'blind' }]);
    assert.equal(gone.outcome.reconciled, true);
    const returned = await returnDocument(
      {
        before: bytes(before),
        after: bytes(after),
        displaced: bytes(now),
        settled: gone.bytes,
        now: bytes('{"list":[{"id":3,"t":"C"},{"id":4,"t":"d"}]}'),
      },
      { name, reversal: parseDocumentReversal(raw, place), parked: gone.parked },
    );
    assert.equal(
      text(returned.bytes),
      '{"entries":[{"id":0,"t":"tour"},{"id":3,"t":"C","v":9},{"id":4,"t":"d"}]}',
    );
    assert.deepEqual([returned.parked, returned.stale], [[], []]);
    assert.equal(returned.outcome.reconciled, true);
  });

  it('parks damage above the limit, and does not bring it back', async () => {
    const fields = Array.from({ length: 20 }, (_each, index) => `"k${index}":"v"`);
    const before = `{${fields.join(',')}}`;
    const now = `{${fields.map((field, index) => (index < 12 ? field.replace('"v"', '""') : field)).join(',')},"new":1}`;
    const states = { before: bytes(before), after: bytes(before), now: bytes(now) };
    const limited = (values: number): Promise<RolledBackDocument> =>
      rollBackDocument(states, { name, at, carryLimit: { share: 0.05, values } });
    const carried = await limited(12);
    assert.equal(text(carried.bytes), now);
    const refused = await limited(10);
    assert.equal(text(refused.bytes), before.replace('}', ',"new":1}'));
    assert.deepEqual(refused.damage, { deleted: 0, emptied: 12, overwritten: 0, total: 20 });
    assert.equal(refused.outcome.parked.length, 12);
    assert.equal(
      refused.parked.every(({ why }) => why === 'damage'),
      true,
    );
    assert.equal(refused.outcome.reconciled, true);
    const returned = await returnDocument(
      {
        before: states.before,
        after: states.after,
        displaced: states.now,
        settled: refused.bytes,
        now: refused.bytes,
      },
      { name, parked: refused.parked },
    );
    assert.equal(text(returned.bytes), text(refused.bytes));
    assert.deepEqual(returned.returned, []);
  });
});

describe('a survey', () => {
  it('proposes a map of words that the elements of a list prove', async () => {
    const list = (words: string[]): Uint8Array =>
      Buffer.from(JSON.stringify({ list: words.map((s, id) => ({ id, s })) }));
    const reversal = parseDocumentReversal({ list: { key: 'id' } }, place);
    const findings = async (before: string[], after: string[]): Promise<unknown> => {
      const survey = await surveyDocument(
        { before: list(before), after: list(after) },
        { name, reversal },
      );
      return survey.findings.find((finding) => finding.place === 'd.json#list.s');
    };
    const shared = { place: 'd.json#list.s', faith: 'rewritten', side: 'both' };
    assert.deepEqual(
      await findings(['done', 'done', 'failed'], ['completed', 'completed', 'failed']),
      {
        ...shared,
        sameCount: 1,
        differentCount: 2,
        provenMap: { done: 'completed' },
      },
    );
    assert.deepEqual(await findings(['done', 'done'], ['completed', 'ended']), {
      ...shared,
      sameCount: 0,
      differentCount: 2,
      provenMap: null,
    });
  });

  it('calls what is empty unproven, and finds each path once', async () => {
    const survey = await surveyDocument(
      {
        before: bytes('{"a":{"b":1,"c":[]},"d":1}'),
        after: bytes('{"a":{"b":1,"c":[]},"d":2,"e":null}'),
      },
      { name },
    );
    assert.deepEqual(
      survey.findings.map((finding) => `${finding.place} ${finding.faith} ${finding.side}`),
      [
        'd.json#a.b faithful both',
        'd.json#a.c unproven both',
        'd.json#d rewritten both',
        'd.json#e blind new',
      ],
    );
  });
});

describe('an entry of a reversal', () => {
  const refused: [unknown, RegExp][] = [
    [[], /d\.json: must be a map/],
    [{ a: 7 }, /d\.json#a: must be a path/],
    [{ a: { path: 'b', other: 1 } }, /d\.json#a: must be a path/],
    [{ 'a..b': 'c' }, /"a\.\.b" is no path/],
    [{ a: 'b c' }, /"b c" is no path/],
    [{ a: 'x', 'a.b': 'y' }, /the old paths a and a\.b overlap/],
    [{ a: 'x.y', b: 'x' }, /the new paths x\.y and x overlap/],
    [{ a: 'x', b: { get: 'x', forth: { x: 'b' } } }, /the new paths x and x overlap/],
    [{ a: { map: { one: 'w', two: 'w' } } }, /two new words stand for one old word/],
    [{ a: { get: 'b +' } }, /d\.json#a: get, character 3/],
    [{ a: { get: 'b', forth: { b: '$now()' } } }, /d\.json#a: forth: b, character/],
  ];
  for (const [raw, message] of refused) {
    it(`is refused: ${JSON.stringify(raw)}`, () => {
      assert.throws(
        () => parseDocumentReversal(raw, place),
        (fault: Error) => {
          assert.match(fault.message, /^reversals\/2-to-1\.yaml: /);
          assert.match(fault.message, message);
          return true;
        },
      );
    });
  }

  it('may be named __proto__', async () => {
    const raw: unknown = JSON.parse('{"__proto__": "moved"}');
    const gone = await back(['{"__proto__":1}', '{"moved":1}', '{"moved":2}'], raw);
    assert.equal(text(gone.bytes), '{"__proto__":2}');
  });
});
