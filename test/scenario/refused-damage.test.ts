import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SmallApplication } from './small-application.ts';

function succeed(app: SmallApplication, ...argv: string[]): void {
  const { exitCode, stdout, stderr } = app.backstep(...argv);
  assert.equal(exitCode, 0, stdout + stderr);
}

test('damage that a rollback refused stays away on a return, though nothing changed in between', (t) => {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) succeed(app, 'release', 'add', version, version);
  succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  app.sql('DELETE FROM notes WHERE id > 10');
  succeed(app, 'rollback', '--yes');
  assert.deepEqual(app.rows('SELECT count(*) FROM notes'), [[40]]);
  succeed(app, 'return', '--release-hold', '--yes');
  assert.deepEqual(app.rows(`SELECT count(*), count(state = 'completed') FROM notes`), [[40, 40]]);
});
