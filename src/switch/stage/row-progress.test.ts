import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Progress } from '../report/events.ts';
import { openAssetProgress } from './row-progress.ts';

test('rows are told four times a second at most, with the time that is left once it can be told', () => {
  let nowMs = 5000;
  const told: Progress[] = [];
  const progress = openAssetProgress({ monotonicMs: () => nowMs }, (each) => told.push(each), {
    asset: 'history',
    done: 0,
    total: 2,
  });
  progress.enter('delta');
  for (let done = 100; done <= 1000; done += 100) {
    progress.onRows(done, 1000);
    nowMs += 200;
  }
  assert.deepEqual(told[0], { asset: 'history', done: 0, total: 2, step: 'delta' });
  const rows = told.slice(1).map((each) => each.rows);
  assert.deepEqual(rows, [
    { done: 100, total: 1000, leftMs: null },
    { done: 300, total: 1000, leftMs: null },
    { done: 500, total: 1000, leftMs: null },
    { done: 700, total: 1000, leftMs: 514 },
    { done: 900, total: 1000, leftMs: 178 },
    { done: 1000, total: 1000, leftMs: 0 },
  ]);
});
