import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  duration,
  parseDuration,
  parseShare,
  parseSize,
  parseTime,
  renderDuration,
} from './units.ts';
import { fc } from '../../test/chance.ts';

test('durations carry their unit', () => {
  assert.equal(parseDuration('250ms'), 250);
  assert.equal(parseDuration('30s'), 30_000);
  assert.equal(parseDuration('1.5h'), 5_400_000);
  assert.equal(parseDuration('7d'), 604_800_000);
  assert.equal(parseDuration('0s'), 0);
  const refused = [
    '30',
    's',
    '-1s',
    '1e3s',
    '0.0001s',
    '1 s',
    '30 min',
    '99999d',
    '12:30',
    '٣s',
    '',
  ];
  for (const written of refused) assert.equal(parseDuration(written), null, written);
});

test('sizes count in thousands, or in 1024 with an i', () => {
  assert.equal(parseSize('500MB'), 500_000_000);
  assert.equal(parseSize('1GiB'), 1_073_741_824);
  assert.equal(parseSize('0.5KiB'), 512);
  assert.equal(parseSize('1.1MB'), 1_100_000);
  for (const written of ['500', '1gb', '0.3B', '-1MB', '9999999TiB', '1 G']) {
    assert.equal(parseSize(written), null, written);
  }
});

test('shares lie between nothing and all', () => {
  assert.equal(parseShare('5%'), 0.05);
  assert.equal(parseShare('100%'), 1);
  for (const written of ['101%', '5', '-1%', '0.05']) assert.equal(parseShare(written), null);
});

test('times exist on the calendar and end in UTC', () => {
  assert.equal(parseTime('2026-01-31T04:30:00+02:00'), '2026-01-31T02:30:00.000Z');
  assert.equal(parseTime('2026-01-31'), '2026-01-31T00:00:00.000Z');
  assert.equal(parseTime('2024-02-29'), '2024-02-29T00:00:00.000Z');
  for (const written of [
    '2026-02-30',
    '2026-02-29T10:00Z',
    '2026-01-31T04:30',
    '2026-13-01',
    '31.1.2026',
    '2026-01-31T25:00Z',
  ]) {
    assert.equal(parseTime(written), null, written);
  }
});

test('a rendered duration reads back as itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_155_760_000_000 }), (ms) => {
      assert.equal(parseDuration(renderDuration(ms)), ms);
    }),
  );
  assert.equal(renderDuration(5_400_000), '90m');
});

test('the schema refuses what has the form but no value', () => {
  assert.equal(duration.parse('30s'), 30_000);
  assert.equal(duration.safeParse('0.0001s').success, false);
  assert.equal(duration.safeParse(30).success, false);
});
