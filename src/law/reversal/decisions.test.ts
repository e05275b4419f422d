import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackstepError } from '../../fault/backstep-error.ts';
import { choices } from '../place.ts';
import { formatDecisions, parseDecisions } from './decisions.ts';
import { formatPlace, parseDecide, parsePlace } from './place-name.ts';
import { fc } from '../../../test/chance.ts';

const text = fc.string({ minLength: 1 });
const decision = fc.record(
  {
    place: text,
    choice: fc.constantFrom(...choices),
    by: text,
    at: fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((date) => date.toISOString()),
    evidence: fc.string(),
  },
  { noNullPrototype: true },
);
const asset = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);

test('decisions are read back as they were written', () => {
  fc.assert(
    fc.property(
      fc.dictionary(asset, fc.array(decision), { noNullPrototype: true }),
      fc.option(fc.constant('a'.repeat(64))),
      (assets, reversalSha256) => {
        const decisions = { reversalSha256, assets };
        assert.deepEqual(parseDecisions(formatDecisions(decisions), 'f'), decisions);
      },
    ),
  );
});

test('altered decisions are refused, whatever was altered', () => {
  for (const source of ['', '{', '{}', '[]', '{"v":1,"reversal":"x","assets":{}}', 'null']) {
    assert.throws(
      () => parseDecisions(source, 'decisions.json'),
      (error) => error instanceof BackstepError && error.code === 'reversal/altered',
    );
  }
});

test('full places name an asset and a place within it', () => {
  assert.deepEqual(parsePlace('history.download_history.status'), {
    asset: 'history',
    place: 'download_history.status',
  });
  const document = { asset: 'configuration', place: 'configuration/config.json#ui.theme' };
  assert.deepEqual(parsePlace('configuration/config.json#ui.theme'), document);
  assert.equal(formatPlace(document), 'configuration/config.json#ui.theme');
  assert.equal(formatPlace({ asset: 'history', place: 'a.b' }), 'history.a.b');
  for (const wrong of ['', 'history', 'History.a', '.a', 'history.']) {
    assert.equal(parsePlace(wrong), null, wrong);
  }
});

test('--decide takes the last equals sign', () => {
  assert.deepEqual(parseDecide('configuration/c.json#list[id=7].t=park'), {
    asset: 'configuration',
    place: 'configuration/c.json#list[id=7].t',
    choice: 'park',
  });
  for (const wrong of ['history.a', 'history.a=', 'history.a=keep', '=park', 'x=park']) {
    assert.throws(
      () => parseDecide(wrong),
      (error) => error instanceof BackstepError && error.exitCode === 2,
    );
  }
  assert.throws(() => parseDecide('history.a=prak'), { hint: 'did you mean `history.a=park`?' });
});
