import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../switch/report/events.ts';
import { openOutput, type Output } from './output.ts';
import { tellEvent } from './run-events.ts';

interface Scene {
  readonly output: Output;
  readonly tell: (event: RunEvent) => void;
  /** Lets time pass. */
  readonly pass: (ms: number) => void;
  readonly said: string[];
}

function sceneOn(stderr: { readonly isTTY: boolean; readonly isJson: boolean }): Scene {
  let nowMs = 1000;
  const said: string[] = [];
  const write = (text: string): number => said.push(text);
  const streams = { stdout: { write }, stderr: { write, isTTY: stderr.isTTY } };
  const output = openOutput(streams, {
    isJson: stderr.isJson,
    now: () => '2026-01-01T00:00:00Z',
    monotonicMs: () => nowMs,
  });
  return { output, tell: tellEvent(output), pass: (ms) => (nowMs += ms), said };
}

const run = 'rollback-1';
const rowsAt = (done: number, leftMs: number | null): RunEvent => ({
  type: 'progress',
  run,
  phase: 'stage',
  asset: 'history',
  step: 'delta',
  done: 0,
  total: 2,
  rows: { done, total: 10_000_000, leftMs },
});

test('without a terminal a long run says now and then how far it is, a short one only its phases', () => {
  const { tell, pass, said } = sceneOn({ isTTY: false, isJson: false });
  tell({ type: 'phase', run, phase: 'quiesce', state: 'begun' });
  tell({ type: 'phase', run, phase: 'quiesce', state: 'done', ms: 400 });
  for (let second = 1; second <= 25; second += 1) {
    pass(1000);
    tell(rowsAt(second * 400_000, second < 5 ? null : (25 - second) * 1000));
  }
  tell({ type: 'phase', run, phase: 'stage', state: 'done', ms: 25_000 });
  pass(9999);
  tell(rowsAt(10_000_000, 0));
  assert.deepEqual(said, [
    '✓ quiesce  400 ms\n',
    'stage · history: delta, 4,000,000 of 10,000,000 rows, about 15.0 s left\n',
    'stage · history: delta, 8,000,000 of 10,000,000 rows, about 5.0 s left\n',
    '✓ stage  25.0 s\n',
  ]);
});

test('bytes are told in MB, on the line of a terminal as well', () => {
  const bytes = { done: 300_000_000, total: 1_200_000_000, leftMs: 90_000 };
  const at = {
    type: 'progress',
    run,
    phase: 'capture',
    asset: 'history',
    step: 'capture',
  } as const;
  const event: RunEvent = { ...at, done: 0, total: 1, bytes };
  const plain = sceneOn({ isTTY: false, isJson: false });
  plain.pass(10_000);
  plain.tell(event);
  assert.deepEqual(plain.said, [
    'capture · history: capture, 300 of 1,200 MB, about 1 min 30 s left\n',
  ]);
  const screen = sceneOn({ isTTY: true, isJson: false });
  screen.pass(10_000);
  screen.output.progress('x'.repeat(200), 'no line of its own');
  screen.tell(event);
  assert.equal(screen.said.length, 2);
  assert.match(screen.said[1] ?? '', /history: capture \.\.\. \(1 of 1\)/);
  assert.ok(!screen.said.join('').includes('\n'));
});

test('under --json there are events alone, and what has no plain form stays a matter of terminals', () => {
  const json = sceneOn({ isTTY: false, isJson: true });
  json.pass(60_000);
  json.tell(rowsAt(1, null));
  assert.deepEqual(
    json.said.map((line) => JSON.parse(line).rows),
    [{ done: 1, total: 10_000_000, leftMs: null }],
  );
  const plain = sceneOn({ isTTY: false, isJson: false });
  plain.pass(60_000);
  plain.output.progress('begins in 3 h');
  assert.deepEqual(plain.said, []);
});
