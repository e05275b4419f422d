import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeHost } from '../host/node.ts';
import { readActors } from './actors.ts';
import { openAudit } from './audit.ts';
import { csvLines, exportedLines } from './export.ts';
import { redacted } from './redaction.ts';

test('secrets, addresses, telephone numbers and home folders are taken out of free text', () => {
  for (const [written, kept] of [
    ['password=hunter2 failed', 'password=(secret) failed'],
    ['the API_KEY: "a b c" is wrong', 'the API_KEY=(secret) is wrong'],
    ['GET https://user:pass@example.com/x', 'GET https://(secret)@example.com/x'],
    ['authorization: bearer abcdef0123456789', 'authorization=(secret) (secret)'],
    ['sent Bearer abcdef0123456789', 'sent Bearer (secret)'],
    ['key sk-abcdefghij0123456789', 'key (secret)'],
    ['ask someone@example.com or +44 20 7946 0000', 'ask (address) or (telephone)'],
    ['/home/somebody/.config/x', '/home/(person)/.config/x'],
    ['downloads fail since 2.0.0', 'downloads fail since 2.0.0'],
    ['rollback-20260131T043000000Z-1f0c', 'rollback-20260131T043000000Z-1f0c'],
  ] as const) {
    assert.equal(redacted(written), kept);
  }
  assert.equal(redacted('x'.repeat(5_000)).length, 301);
});

test('the log holds a pseudonym; who it is can be deleted without harm to the chain', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const host = nodeHost();
  const exclusively = async <T>(work: () => T): Promise<T> => work();
  const audit = openAudit({ host, folder, account: 'the-operator', exclusively });
  const data = { reason: 'ask someone@example.com', nested: [{ token: 'token=abc' }], count: 2 };
  await audit.record([{ act: 'run.begun', run: 'rollback-1', data }], { closes: true });
  const [, line] = [...exportedLines(host.disk, { folder, since: null, until: null })];
  assert(line !== undefined);
  assert.deepEqual(line.data, {
    reason: 'ask (address)',
    nested: [{ token: 'token=(secret)' }],
    count: 2,
  });
  assert.equal(readActors(host, folder)[line.actor], 'the-operator');
  const month = line.ts.slice(0, 7);
  assert.doesNotMatch(readFileSync(join(folder, `${month}.jsonl`), 'utf8'), /the-operator|someone/);
  rmSync(join(folder, 'actors.json'));
  await audit.record([{ act: 'run.ended', run: 'rollback-1', data: {} }], { closes: true });
  const actors = [...exportedLines(host.disk, { folder, since: null, until: null })].map(
    ({ actor }) => actor,
  );
  assert.equal(new Set(actors).size, 2);
});

test('an export as CSV quotes what must be quoted and holds no formula', () => {
  const line = {
    v: 1 as const,
    seq: 3,
    ts: '2026-01-31T00:00:00.000Z',
    actor: 'person-1',
    act: '=cmd()',
    run: null,
    data: { says: 'a "word", and\nanother' },
    prev: '',
    hash: 'ab',
  };
  assert.deepEqual(
    [...csvLines([line])],
    [
      'seq,ts,actor,act,run,data,hash',
      `3,2026-01-31T00:00:00.000Z,person-1,'=cmd(),,"{""says"":""a \\""word\\"", and\\nanother""}",ab`,
    ],
  );
});
