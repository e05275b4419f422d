import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { linkTools } from './kit-tools.ts';
import { Managed } from './managed.ts';
import { download, historyOf, setUp, signIn } from './people.ts';

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** Runs the kit's script with nothing on the PATH but a folder of tools, in a session of its own. */
async function emergency(app: Managed, path: string, killAt: number): Promise<Ended> {
  const script = join(app.folder, 'run/backstep/kit/emergency_rollback.sh');
  const child = spawn(join(path, 'dash'), [script, '--confirm'], {
    cwd: '/',
    detached: true,
    env: { PATH: path, KILL_AT: String(killAt) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { code: child.exitCode, said: stdout + stderr };
}

/** The same tools, each of which counts, and ends the script and all that it started at the given count. */
function killing(app: Managed, tools: string): string {
  const folder = join(app.folder, 'killing');
  const count = join(app.folder, 'count');
  linkTools(folder);
  for (const program of ['mv', 'cp', 'ln', 'rm', 'mkdir', 'sqlite3', 'sync']) {
    const file = join(folder, program);
    if (!readdirSync(tools).includes(program)) continue;
    spawnSync('rm', [file]);
    const counted = `n=$(( $(${tools}/cat ${count}) + 1 )); echo $n >${count}\n[ "$n" != "$KILL_AT" ] || kill -KILL 0\n`;
    writeFileSync(file, `#!${tools}/dash\n${counted}exec ${tools}/${program} "$@"\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

test('without Node on the PATH, the kit brings Social Download Manager 1.2.1 back with the downloads made under 2.0.0, killed and called again', async (t) => {
  const media = await startMediaServer();
  t.after(() => media.close());
  const link = (name: string): string => `${media.origin}/file/${name}.mp4?size=5000`;
  const app = await Managed.install(t, ['1.2.1', '2.0.0']);
  await app.document('service', 'start');
  const client = app.client();
  await setUp(client);
  await download(client, [link('one'), link('two')]);
  await app.document('upgrade', '--to', '2.0.0', '--yes');
  await download(client, [link('under-2')]);
  assert.equal((await client.patch('/api/downloads/1', { title: 'Retitled' })).status, 200);
  assert.equal((await client.delete('/api/downloads/2')).status, 204);

  const tools = join(app.folder, 'tools');
  linkTools(tools);
  assert.equal(readdirSync(tools).includes('node'), false);
  const path = killing(app, tools);
  const count = join(app.folder, 'count');
  // Each call begins where the one before was killed, one act further each time: every step is met.
  let calls = 0;
  for (let killAt = 1; ; killAt += 1) {
    writeFileSync(count, '0');
    const { code, said } = await emergency(app, path, killAt);
    calls += 1;
    if (Number(readFileSync(count, 'utf8')) >= killAt) {
      assert.notEqual(code, 0, said);
      continue;
    }
    assert.equal(code, 0, said);
    assert.match(said, /1\.2\.1 (is in its place|already)/);
    break;
  }
  t.diagnostic(`killed ${calls - 1} times`);
  assert.equal((await client.get('/healthz')).at('version'), '1.2.1');
  await signIn(client);
  assert.deepEqual(await historyOf(client), ['1 Retitled done null', '3 under-2 done null']);
  const verified = spawnSync(
    join(tools, 'dash'),
    [join(app.folder, 'run/backstep/kit/verify_rollback.sh')],
    { encoding: 'utf8', env: { PATH: tools } },
  );
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});
