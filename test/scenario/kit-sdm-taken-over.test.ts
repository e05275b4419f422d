import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { Managed } from './managed.ts';
import { download, historyOf, setUp, signIn } from './people.ts';

/** What a plain machine has: neither Node nor Backstep is among it. */
const programs =
  'sh cat cp mv ln rm mkdir chmod chown ls sed grep tr tail head sort date dirname id sleep sync env kill readlink sha256sum sqlite3 curl setsid nohup'.split(
    ' ',
  );

/** A folder to be the whole PATH. */
function plainPath(folder: string): string {
  const path = join(folder, 'plain-path');
  mkdirSync(path);
  for (const program of programs) {
    const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
    if (found.stdout.startsWith('/')) symlinkSync(found.stdout.trim(), join(path, program));
  }
  return path;
}

test('a shell brings Social Download Manager 1.2.1 back, with the downloads made under 2.0.0', async (t) => {
  if (spawnSync('sqlite3', ['-version']).error) return t.skip('sqlite3 is not installed');
  const media = await startMediaServer();
  t.after(() => media.close());
  const link = (name: string): string => `${media.origin}/file/${name}.mp4?size=5000`;
  const sdm = await Managed.install(t, ['1.2.1', '2.0.0']);
  await sdm.document('service', 'start');
  const client = sdm.client();
  await setUp(client);
  await download(client, [link('one'), link('two'), link('three')]);
  await sdm.document('upgrade', '--to', '2.0.0', '--yes');
  await sdm.document('kit');
  await signIn(client);
  await download(client, [link('under-2')]);
  assert.equal((await client.delete('/api/downloads/2')).status, 204);

  const script = join(sdm.folder, 'run/backstep/kit/emergency_rollback.sh');
  const child = spawn('/bin/sh', [script, '--confirm', '--plain'], {
    env: { PATH: plainPath(sdm.folder), HOME: sdm.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  assert.equal(child.exitCode, 0, stdout + stderr);
  assert.equal((await client.get('/healthz')).at('version'), '1.2.1');
  await signIn(client);
  const history = ['1 one done null', '3 three done null', '4 under-2 done null'];
  assert.deepEqual(await historyOf(client), history);

  await sdm.document('resume');
  assert.equal((await sdm.document('status'))['release'], '1.2.1');
  await sdm.document('return', '--release-hold', '--yes');
  assert.equal((await client.get('/healthz')).at('version'), '2.0.0');
  await signIn(client);
  assert.equal((await historyOf(client)).length, 3);
  return undefined;
});
