import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { Managed } from './managed.ts';
import { download, historyOf, setUp } from './people.ts';

interface ItemSeen {
  readonly id: string;
  readonly machine: string | null;
  readonly state: { readonly kind: string; readonly how?: string; readonly evidence?: string };
}

function itemsIn(document: Record<string, unknown>): readonly ItemSeen[] {
  assert(Array.isArray(document['items']));
  return document['items'];
}

test('a rollback by hand: two people, the machine where it can, and a kill in the middle', async () => {
  const scope = { after: (clean: () => void | Promise<void>) => after(clean) };
  const media = await startMediaServer();
  scope.after(() => media.close());
  const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
  await managed.document('service', 'start');
  const client = managed.client();
  await setUp(client);
  await download(client, [`${media.origin}/file/one.mp4?size=20000`]);
  await managed.document('upgrade', '--to', '2.0.0', '--yes');
  await download(client, [`${media.origin}/file/two.mp4?size=20000`]);

  const early = await managed.backstep('runbook', 'do');
  assert.equal(early.code, 3);
  assert.match(early.stderr, /no procedure is under way/);
  await managed.document('runbook', 'rollback', '--reason', 'pages fail', '--by', 'first');
  const second = await managed.backstep('runbook', 'rollback', '--reason', 'x', '--by', 'second');
  assert.equal(second.code, 2, second.stderr);

  // Before the snapshot was taken it cannot be checked; that is noted, and stays open.
  const soon = await managed.backstep('runbook', 'do', '5.1.P1-10');
  assert.equal(soon.code, 7);
  assert.match(soon.stdout, /\[!\] 5\.1\.P1-10.*\n.*no snapshot was taken/);

  // The machine goes as far as a person is needed: somebody has to tell the users.
  const until = async (): Promise<string> => {
    const items = itemsIn(await managed.document('runbook', 'do'));
    return items.find(({ state }) => state.kind !== 'done')?.id ?? 'none';
  };
  assert.equal(await until(), '5.1.P1-5');
  assert.equal((await client.get('/healthz')).status, 200);
  const refused = await managed.backstep('runbook', 'do', '5.1.P1-5');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /needs a person/);
  const tick = (item: string) =>
    managed.document('runbook', 'tick', item, '--by', 'first', '--note', 'done so');
  await tick('5.1.P1-5');
  await tick('5.1.P1-6');

  // Killed in the switch, and gone on by somebody else.
  const begun = managed.begin('runbook', 'do');
  const ended = new Promise((resolve) => begun.once('exit', resolve));
  await switched(managed, begun);
  begun.kill('SIGKILL');
  await ended;
  await managed.document('runbook', 'hand-over', '--to', 'second', '--note', 'it was killed');
  assert.equal(await until(), '5.1.P2-12');
  assert.deepEqual(await historyOf(client), ['1 one done null', '2 two done null']);

  for (const item of ['5.1.P2-12', '5.1.P3-6', '5.1.P4-4', '5.1.P4-6', '5.1.P4-11', '5.1.P4-12']) {
    const unfinished = await managed.backstep('runbook', 'close', '--by', 'second');
    assert.equal(unfinished.code, 3);
    await tick(item);
    await until();
  }
  const closed = await managed.document('runbook', 'close', '--by', 'second');
  const items = itemsIn(closed);
  assert.deepEqual([...new Set(items.map(({ state }) => state.kind))], ['done']);
  const byMachine = items.filter(({ state }) => state.how === 'machine');
  assert.deepEqual(
    byMachine.map(({ id }) => id),
    items.filter(({ machine }) => machine !== null).map(({ id }) => id),
  );
  const evidence = Object.fromEntries(items.map(({ id, state }) => [id, state.evidence ?? '']));
  assert.match(evidence['5.1.P1-3'] ?? '', /2\.0\.0 → 1\.2\.1: .*history: \d+ changes/);
  assert.match(evidence['5.1.P2-4'] ?? '', /rollback-.*2\.0\.0 → 1\.2\.1/);
  assert.match(evidence['5.1.P2-11'] ?? '', /ready in/);
  assert.match(evidence['5.1.P3-9'] ?? '', /history merged: \d+ changes carried/);
  assert.match(evidence['5.1.P3-12'] ?? '', /\d+ tables/);

  await managed.document('runbook', 'record', '--into', 'record.html');
  const page = readFileSync(join(managed.folder, 'record.html'), 'utf8');
  assert.match(page, /handed over to second: it was killed/);
  assert.match(page, /closed .* by second/);
});

/** Resolves once the switch's journal says that it is about to be committed, or its command has ended already. */
async function switched(managed: Managed, command: ChildProcess): Promise<void> {
  const journal = join(managed.folder, 'run/backstep/journal');
  while (command.exitCode === null) {
    const names = readdirSync(journal).filter((name) => name.startsWith('rollback-'));
    const texts = names.map((name) => readFileSync(join(journal, name), 'utf8'));
    if (texts.some((text) => text.includes('"stage"'))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
