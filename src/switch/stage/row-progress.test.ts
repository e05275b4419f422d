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

test('bytes are told as rows are, and those of the next file anew', () => {
  let nowMs = 5000;
  const told: Progress[] = [];
  const asset = { asset: 'history', done: 1, total: 2 };
  const tell = (each: Progress): number => told.push(each);
  const progress = openAssetProgress({ monotonicMs: () => nowMs }, tell, asset);
  for (const _file of ['first', 'second']) {
    progress.enter('capture');
    for (const done of [10, 20, 30, 40]) {
      progress.onBytes(done, 40);
      nowMs += 600;
    }
  }
  const counted = [
    { done: 10, total: 40, leftMs: null },
    { done: 20, total: 40, leftMs: null },
    { done: 30, total: 40, leftMs: 400 },
    { done: 40, total: 40, leftMs: 0 },
  ].map((bytes) => ({ ...asset, step: 'capture', bytes }));
  const file = [{ ...asset, step: 'capture' }, ...counted];
  assert.deepEqual(told, [...file, ...file]);
});
