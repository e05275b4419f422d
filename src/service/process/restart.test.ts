import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePasswdLine } from './account.ts';
import { restartVerdict, type RestartPolicy } from './restart.ts';
import { fc } from '../../../test/chance.ts';

const { assert: holds, integer, nat, property, record } = fc;

const policy: RestartPolicy = {
  limit: 4,
  firstWaitMs: 100,
  longestWaitMs: 300,
  soundAfterMs: 10_000,
};
const crash = { exitCode: 1, signal: null };

test('the waits grow up to the longest, then it stays down', () => {
  const waits: (number | string)[] = [];
  let crashCount = 0;
  for (let time = 0; time < 4; time += 1) {
    const verdict = restartVerdict(policy, crash, { crashCount, ranMs: 0 });
    waits.push(verdict.kind === 'restart' ? verdict.waitMs : verdict.why);
    crashCount = verdict.crashCount;
  }
  assert.deepEqual(waits, [100, 200, 300, 'crash-limit']);
});

test('a run that was long enough starts the count again; a clean end is no crash', () => {
  assert.deepEqual(restartVerdict(policy, crash, { crashCount: 3, ranMs: 10_000 }), {
    kind: 'restart',
    waitMs: 100,
    crashCount: 1,
  });
  assert.deepEqual(
    restartVerdict(policy, { exitCode: 0, signal: null }, { crashCount: 2, ranMs: 1 }),
    { kind: 'stay-down', why: 'ended', crashCount: 2 },
  );
  const killed = restartVerdict(
    policy,
    { exitCode: null, signal: 'SIGKILL' },
    { crashCount: 0, ranMs: 1 },
  );
  assert.equal(killed.kind, 'restart');
});

test('whatever the policy, short crashes end after its limit, and no wait is beyond the longest', () => {
  const policies = record({
    limit: integer({ min: 1, max: 50 }),
    firstWaitMs: nat(1e6),
    longestWaitMs: nat(1e6),
    soundAfterMs: integer({ min: 1, max: 1e6 }),
  });
  holds(
    property(policies, (any) => {
      let crashCount = 0;
      for (let starts = 1; ; starts += 1) {
        const verdict = restartVerdict(any, crash, { crashCount, ranMs: 0 });
        if (verdict.kind === 'stay-down') return assert.equal(starts, any.limit);
        assert.ok(verdict.waitMs <= any.longestWaitMs);
        crashCount = verdict.crashCount;
      }
    }),
  );
});

test('a line of passwd', () => {
  assert.deepEqual(parsePasswdLine('sdm:x:998:997:Downloads, all:/var/lib/sdm:/bin/sh\n'), {
    name: 'sdm',
    uid: 998,
    gid: 997,
    home: '/var/lib/sdm',
    shell: '/bin/sh',
  });
  for (const bad of ['', 'sdm', 'sdm:x::997:c:/h:/s', 'sdm:x:a:b:c:/h:/s']) {
    assert.equal(parsePasswdLine(bad), null);
  }
});
