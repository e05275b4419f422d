import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { SmallApplication } from './small-application.ts';

function must(app: SmallApplication, ...argv: string[]): void {
  const { exitCode, stdout, stderr } = app.backstep(...argv);
  assert.equal(exitCode, 0, `${argv.join(' ')}\n${stdout}\n${stderr}`);
}

test('a kit whose upgrade was taken back or followed by another refuses, with nothing touched', (t) => {
  const app = new SmallApplication(t);
  const goBack = (): { status: number | null; said: string } => {
    const script = app.path('drawer/emergency_rollback.sh');
    const { status, stdout, stderr } = spawnSync('sh', [script, '--confirm', '--plain'], {
      encoding: 'utf8',
    });
    return { status, said: stdout + stderr };
  };
  const expectStale = (): void => {
    const settings = app.read('data/settings.json');
    const { status, said } = goBack();
    assert.equal(status, 3, said);
    assert.match(said, /the kit is stale/);
    assert.equal(app.read('data/settings.json'), settings);
  };
  must(app, 'release', 'add', '1.0.0', '1.0.0');
  must(app, 'release', 'add', '2.0.0', '2.0.0');
  must(app, 'upgrade', '--to', '2.0.0', '--yes');
  must(app, 'kit', '--to', 'drawer');
  must(app, 'rollback', '--yes');
  expectStale();

  must(app, 'return', '--release-hold', '--yes');
  expectStale();
  must(app, 'kit', '--to', 'drawer');
  assert.equal(goBack().status, 0, 'a fresh one goes back');
});
