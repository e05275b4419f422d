import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackstepError } from '../../src/fault/backstep-error.ts';
import { rollback } from '../../src/switch/operations.ts';
import { groundOf, upgraded } from '../fuzz/switched-application.ts';

test('a rollback that is interrupted while its database is merged ends there, and nothing was touched', async (t) => {
  const app = await upgraded(t);
  const before = app.rows('SELECT * FROM notes');
  const stop = new AbortController();
  const steps: string[] = [];
  const request = {
    to: null,
    reason: 'test',
    only: null,
    asOf: null,
    decisions: {},
    policy: 'undo' as const,
  };
  const going = rollback(groundOf(app), request, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type !== 'progress' || event.asset !== 'notes') return;
      steps.push(event.step);
      if (event.step === 'delta') stop.abort();
    },
  });
  await assert.rejects(
    going,
    (error) =>
      error instanceof BackstepError && error.code === 'interrupted' && error.exitCode === 130,
  );
  assert.ok(!steps.includes('reconcile'), steps.join(' '));
  assert.deepEqual(app.rows('SELECT * FROM notes'), before);
});
