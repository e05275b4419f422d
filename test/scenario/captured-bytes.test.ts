import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BytesDone, RunEvent } from '../../src/switch/report/events.ts';
import { rollback } from '../../src/switch/operations.ts';
import { groundOf, upgraded } from '../fuzz/switched-application.ts';

test('of a large file that is captured the bytes are told, up to all of them', async (t) => {
  const app = await upgraded(t);
  app.sql(`INSERT INTO notes (body) VALUES (hex(randomblob(3000000)))`);
  const told: Extract<RunEvent, { readonly type: 'progress' }>[] = [];
  const request = { to: null, reason: 'test', only: null, asOf: null, decisions: {} };
  await rollback(
    groundOf(app),
    { ...request, policy: 'undo' },
    {
      signal: new AbortController().signal,
      onEvent: (event) => {
        if (event.type === 'progress' && event.step === 'capture') told.push(event);
      },
    },
  );
  assert.ok(told.every(({ asset }) => asset === 'notes'));
  const bytes = told
    .map((event) => event.bytes)
    .filter((each): each is BytesDone => each !== undefined);
  assert.ok(bytes.length >= 1, JSON.stringify(told));
  assert.ok(bytes.every(({ done, total }) => done <= total && total > 6_000_000));
  const last = bytes.at(-1);
  assert.equal(last?.done, last?.total);
});
