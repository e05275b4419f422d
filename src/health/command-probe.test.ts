import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { nodeHost } from '../host/node.ts';
import { allOf, commandProbe } from './command-probe.ts';
import type { Measurement, Probe } from './outcome.ts';
import { awaitReady } from './ready.ts';

const limits = { timeout: 300_000 };
const host = nodeHost();

function probe(script: string): Probe {
  return commandProbe(host.processes, { argv: [process.execPath, '-e', script] });
}

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-probe-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('exit code 0 is good, another is bad, and what it said last is told', limits, async () => {
  assert.equal((await probe('')({ limitMs: 200_000 })).outcome, 'Successful');
  const bad = await probe(`console.log('first'); console.error('no room'); process.exit(3)`)({
    limitMs: 200_000,
  });
  assert.equal(bad.outcome, 'Failed');
  assert.match(bad.detail, /exit code 3: no room$/);
});

test('one that ends by a signal measured nothing', limits, async () => {
  const found = await probe(`process.kill(process.pid, 'SIGKILL')`)({ limitMs: 200_000 });
  assert.equal(found.outcome, 'Error');
});

test('one that hangs and ignores SIGTERM is killed at the limit', limits, async (t) => {
  const pidFile = join(scratch(t), 'pid');
  const script = `process.on('SIGTERM', () => {}); require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000)`;
  let found: Measurement = { outcome: 'Successful', detail: '' };
  // On a slow machine the limit may be over before the script has said who it is.
  for (let limitMs = 500; !existsSync(pidFile) && limitMs < 100_000; limitMs *= 2) {
    found = await probe(script)({ limitMs });
  }
  assert.equal(found.outcome, 'Error');
  assert.match(found.detail, /no end within \d+ ms, so it was killed/);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  assert.equal(host.processes.identify(pid), null);
});

test('an abort ends it', limits, async () => {
  const stop = new AbortController();
  const asking = probe('setInterval(() => {}, 1000)')({ limitMs: 200_000, signal: stop.signal });
  stop.abort();
  await assert.rejects(asking, (error: Error) => 'code' in error && error.code === 'interrupted');
});

test('the gate opens once the command is content', limits, async (t) => {
  const file = join(scratch(t), 'ready');
  let asked = 0;
  const asking = probe(`process.exit(require('fs').existsSync(${JSON.stringify(file)}) ? 0 : 1)`);
  const verdict = await awaitReady(
    {
      probe: async (given) => {
        asked += 1;
        if (asked === 2) writeFileSync(file, '');
        return asking(given);
      },
      deadlineMs: host.clock.monotonicMs() + 200_000,
      everyMs: 10,
      ended: async () => null,
    },
    host.clock,
  );
  assert.equal(verdict.outcome, 'Successful');
  assert.equal(asked, 2);
});

test('of several probes the first that is not good decides, within one limit', async () => {
  const given: number[] = [];
  let nowMs = 0;
  const taking =
    (tookMs: number, outcome: Measurement['outcome']): Probe =>
    async ({ limitMs }) => {
      given.push(limitMs);
      nowMs += tookMs;
      return { outcome, detail: `${tookMs}` };
    };
  const all = allOf(
    [taking(10, 'Successful'), taking(20, 'Failed'), taking(0, 'Successful')],
    () => nowMs,
  );
  assert.equal((await all({ limitMs: 100 })).detail, '20');
  assert.deepEqual(given, [100, 90]);
});
