/** A release that is started to migrate a copy is cut off from the network and the live files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { eventually } from '../../examples/social-download-manager/test/patience.ts';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { nodeHost } from '../../src/host/node.ts';
import { trySeclusion } from '../../src/host/seclusion.ts';
import { Managed } from './managed.ts';
import { download, historyOf, setUp } from './people.ts';
import { sourceMain, type SmallApplication } from './small-application.ts';
import { alive, startedApplication } from './started-application.ts';

const upgrade = ['upgrade', '--to', '2.0.0', '--yes'] as const;
const states = 'SELECT state, count(*) FROM notes GROUP BY 1';

const { processes, network } = nodeHost();
const env = { PATH: process.env['PATH'] ?? '' };
const had = await trySeclusion(processes, { shields: [], openings: [] }, env);
const skip = 'why' in had ? 'no namespaces can be had here' : false;

function wish(app: SmallApplication, seclude: 'off' | 'required'): void {
  const manifest = app.read('backstep.yaml');
  app.write('backstep.yaml', manifest.replace('seclude: auto', `seclude: ${seclude}`));
}

/** Somebody outside, who is not to be reached. */
async function outside(t: TestContext): Promise<number> {
  const port = await network.freePort();
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return port;
}

/** A probe that is a command: it finds the release where it is itself. */
const ask = `import { readFileSync } from 'node:fs';
const { port } = JSON.parse(readFileSync('places', 'utf8'));
const { ok } = await fetch('http://127.0.0.1:' + port + '/');
process.exit(ok ? 0 : 1);
`;

for (const { seclude, outcome } of [
  { seclude: 'required', outcome: 'ECONNREFUSED EROFS' },
  { seclude: 'off', outcome: 'reached wrote' },
] as const) {
  test(
    `secluded: ${seclude}: what the release reaches and writes, while it is asked where it is`,
    { skip },
    async (t) => {
      const app = startedApplication(t);
      wish(app, seclude);
      const port = await outside(t);
      app.write('told-to-call', String(port));
      app.write('ask.mjs', ask);
      const probes = "http: /, command: '{node} ask.mjs'";
      const manifest = app.read('backstep.yaml').replace('http: /', probes);
      app.write('backstep.yaml', manifest);
      const upgraded = app.backstep(...upgrade);
      assert.equal(upgraded.exitCode, 0, upgraded.stdout + upgraded.stderr);
      assert.equal(app.read('outcome'), outcome);
      assert.deepEqual(alive(app), []);
      assert.deepEqual(app.rows(states), [['completed', 40]]);
    },
  );
}

test(
  'secluded: a release that writes into a live file fails by that, the file is as it was, and the way out is told',
  { skip },
  (t) => {
    const app = startedApplication(t);
    app.write('told-to-stray', '');
    const [settings, database] = [
      app.read('data/settings.json'),
      readFileSync(app.path('data/notes.db')),
    ];
    const refused = app.backstep(...upgrade);
    assert.equal(refused.exitCode, 4, refused.stdout + refused.stderr);
    assert.match(refused.stderr, /did not become healthy.*path: 'data\/settings\.json'/);
    assert.match(refused.stderr, /cut off from the network.*seclude: off/);
    assert.equal(app.read('data/settings.json'), settings);
    assert.deepEqual(readFileSync(app.path('data/notes.db')), database);
    assert.deepEqual(alive(app), []);
  },
);

describe('secluded: where the programs for it are not there', () => {
  function withoutPrograms(app: SmallApplication): { exitCode: number | null; said: string } {
    const ended = spawnSync(process.execPath, [sourceMain, ...upgrade], {
      cwd: app.folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: app.path('nowhere') },
    });
    return { exitCode: ended.status, said: ended.stdout + ended.stderr };
  }

  test('auto: the upgrade is made, and says that the release was not cut off, and why', (t) => {
    const app = startedApplication(t);
    const { exitCode, said } = withoutPrograms(app);
    assert.equal(exitCode, 0, said);
    assert.match(
      said,
      /warning: .*is not cut off from the network.*unshare \(util-linux\) is not there/,
    );
    assert.deepEqual(app.rows(states), [['completed', 40]]);
  });

  test('required: the upgrade is refused before anything is stopped or started', (t) => {
    const app = startedApplication(t);
    wish(app, 'required');
    const { exitCode, said } = withoutPrograms(app);
    assert.equal(exitCode, 3, said);
    assert.match(said, /cannot be cut off.*unshare \(util-linux\) is not there/);
    assert.match(said, /switch\/unsupported/);
    assert.doesNotMatch(said, /quiesce/);
    assert.equal(existsSync(app.path('pids')), false);
    assert.deepEqual(app.rows(states), [['done', 40]]);
  });
});

test(
  'secluded: Social Download Manager 2.0.0 migrates by its start, and the way back keeps every row',
  { skip },
  async (t) => {
    const scope = { after: (clean: () => void | Promise<void>) => t.after(clean) };
    const media = await startMediaServer();
    t.after(() => media.close());
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    const file = `${managed.folder}/backstep.yaml`;
    const manifest = readFileSync(file, 'utf8');
    const run = "run: '{node} {release}/server.ts migrate --data {data}'";
    assert.ok(manifest.includes(run));
    const start = `start: '{node} {release}/server.ts --data {data} --port {port}'
  until: healthy
  timeout: 2m
  seclude: required`;
    writeFileSync(file, manifest.replace(run, start));
    await managed.document('service', 'start');
    const client = managed.client();
    await setUp(client);
    // No asset, so that the copy does not have it: it is the live one, in which the release tries whether it can write.
    const downloadFolder = `${managed.folder}/media`;
    mkdirSync(downloadFolder);
    const settings = await client.put('/api/settings', { downloadFolder });
    assert.equal(settings.status, 200, settings.text);
    await download(
      client,
      ['one.mp4', 'two.mp4'].map((name) => `${media.origin}/file/${name}?size=20000`),
    );

    const upgraded = await managed.document('upgrade', '--to', '2.0.0', '--yes');
    assert.equal(upgraded['result'], 'upgraded');
    assert.deepEqual(upgraded['warnings'], []);
    await eventually(() => existsSync(`${managed.folder}/run/backstep/candidate`), false);
    await download(client, [`${media.origin}/file/three.mp4?size=20000`]);
    const back = await managed.document('rollback', '--yes');
    assert.equal(back['result'], 'rolled-back');
    assert.deepEqual(await historyOf(client), [
      '1 one done null',
      '2 two done null',
      '3 three done null',
    ]);
  },
);
