import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bootSystemd, whyNoSystemd } from '../contract/systemd-machine.ts';
import { eventually } from '../contract/service-scene.ts';
import { SmallApplication, sourceMain } from './small-application.ts';

const server = `const { DatabaseSync } = require('node:sqlite');
globalThis.db = new DatabaseSync(process.argv[3] + '/notes.db');
db.exec('PRAGMA journal_mode = WAL; SELECT count(*) FROM notes');
require('node:fs').writeFileSync(process.argv[3] + '/ready', 'yes');
setInterval(() => {}, 1000);
`;

test(
  'a service of systemd is described: its unit, its program and its data',
  { timeout: 900_000 },
  async (t) => {
    const why = whyNoSystemd();
    if (why !== null) return t.skip(`${why} (systemd)`);
    const app = new SmallApplication(t);
    app.write('program/server.cjs', server);
    app.write('program/package.json', '{ "name": "something-else" }');
    const start = `${process.execPath} ${app.path('program/server.cjs')} --data ${app.path('data')}`;
    const machine = await bootSystemd(t, {
      '/etc/systemd/system/notes.service': `[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=${start}\n`,
    });
    const init = (folder: string): string => {
      const backstep = ['env', '-u', 'NODE_TEST_CONTEXT', process.execPath, sourceMain] as const;
      const flags = ['--unit', 'notes', '--state', app.path('kept')];
      const ran = machine.run([...backstep, 'init', app.path(folder), ...flags]);
      assert.equal(ran.status, 0, ran.output);
      return readFileSync(app.path(`${folder}/backstep.yaml`), 'utf8');
    };
    app.write('stopped/note', '');
    const stopped = init('stopped');
    app.write('running/note', '');
    assert.equal(machine.run(['systemctl', 'start', 'notes.service']).status, 0);
    await eventually(() =>
      machine.run(['test', '-e', app.path('data/ready')]).status === 0 ? true : null,
    );
    const running = init('running');
    for (const manifest of [stopped, running]) {
      assert.match(manifest, /^app: notes # the name of its systemd unit$/m);
      assert.match(manifest, /manager: systemd\n {2}unit: notes\n {2}scope: system/);
      assert.ok(manifest.includes(`data: ${app.path('data')} # --data names it`), manifest);
      assert.ok(manifest.includes(`root: ${app.path('program')}\n  layout: in-place`), manifest);
      assert.match(manifest, /^ {2}notes: # begins as SQLite databases do$/m);
      assert.match(manifest, /^ {2}system: # the unit file\n {4}kind: service$/m);
    }
    assert.match(running, /notes\.db-wal: belongs to the database beside it/);
    return undefined;
  },
);
