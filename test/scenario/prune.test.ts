import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SmallApplication } from './small-application.ts';

interface PrunedSeen {
  readonly applied: boolean;
  readonly remove: readonly string[];
  readonly keep: readonly string[];
  readonly dropped: readonly { readonly by: string }[];
  readonly freedBytes: number;
  readonly releases: readonly string[];
}

class Pruning extends SmallApplication {
  must(...argv: string[]): string {
    const { exitCode, stdout, stderr } = this.backstep(...argv);
    assert.equal(exitCode, 0, `${argv.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Keeps nothing that nothing needs. */
  prune(...more: string[]): PrunedSeen {
    const none = ['--last', '0', '--daily', '0', '--weekly', '0', '--monthly', '0'];
    return JSON.parse(this.must('prune', '--safety', '0s', ...none, '--json', ...more));
  }

  bodies(): unknown[] {
    return this.rows('SELECT body FROM notes WHERE id > 39 ORDER BY id').flat();
  }

  restorable(): void {
    this.must('snapshot', 'check', 'all');
  }
}

function installed(t: TestContext): Pruning {
  const app = new Pruning(t);
  app.must('release', 'add', '1.0.0', '1.0.0');
  app.must('release', 'add', '2.0.0', '2.0.0');
  return app;
}

test('prune shows, then removes, and a rollback, a return and a rollback after it still go', (t) => {
  const app = installed(t);
  app.sql("UPDATE notes SET body = 'other ' || body");
  app.must('snapshot', '--label', 'by hand');
  app.sql('UPDATE notes SET body = substr(body, 7)');
  app.must('upgrade', '--to', '2.0.0', '--yes');
  app.sql("INSERT INTO notes (body, state) VALUES ('under two', 'completed')");

  const shown = app.prune();
  assert.equal(shown.applied, false);
  assert.ok(shown.remove.length > 0);
  assert.deepEqual(app.prune().remove, shown.remove, 'showing removes nothing');
  const done = app.prune('--yes');
  assert.deepEqual(done.remove, shown.remove);
  assert.ok(done.freedBytes > 0);
  assert.deepEqual(app.prune().remove, []);
  app.restorable();

  app.must('rollback', '--yes');
  assert.deepEqual(app.bodies(), ['note 40', 'under two']);
  app.sql("INSERT INTO notes (body, state) VALUES ('under one', 'done')");
  app.prune('--yes');
  app.must('return', '--release-hold', '--yes');
  assert.deepEqual(app.bodies(), ['note 40', 'under two', 'under one']);
  app.prune('--yes');
  app.restorable();
  app.must('rollback', '--yes');
  assert.deepEqual(app.bodies(), ['note 40', 'under two', 'under one']);
});

test('pairs that lead nowhere any more, and old safety snapshots, go once they are old enough', (t) => {
  const app = installed(t);
  app.must('upgrade', '--to', '2.0.0', '--yes');
  app.must('rollback', '--yes');
  app.must('return', '--release-hold', '--yes');
  app.must('rollback', '--yes');
  const kept: PrunedSeen = JSON.parse(app.must('prune', '--json'));
  assert.deepEqual(kept.dropped, []);
  const { dropped, keep } = app.prune('--yes');
  const kinds = new Set(dropped.map(({ by }) => by.split('-')[0]));
  assert.deepEqual(kinds, new Set(['pair', 'rollback', 'upgrade', 'return']));
  assert.ok(keep.length > 0);
  app.must('return', '--release-hold', '--yes');
});

test('releases beyond those to keep go, and never one that is needed', (t) => {
  const app = installed(t);
  app.write('backstep.yaml', app.read('backstep.yaml').replace(/releases: \{ ?/, '$&keep: 2, '));
  const known = (): string[] =>
    JSON.parse(app.must('release', 'list', '--json')).map(
      ({ version }: { version: string }) => version,
    );
  app.must('upgrade', '--to', '2.0.0', '--yes');
  for (const version of ['2.0.1', '2.0.2', '2.0.3', '2.0.4'])
    app.must('release', 'add', version, '2.0.0');
  const shown = app.prune();
  assert.deepEqual(shown.releases, ['2.0.1', '2.0.2'], 'the pair, the running one and the newest');
  assert.deepEqual(
    known(),
    ['1.0.0', '2.0.0', '2.0.1', '2.0.2', '2.0.3', '2.0.4'],
    'showing removes none',
  );
  app.prune('--yes');
  assert.deepEqual(known(), ['1.0.0', '2.0.0', '2.0.3', '2.0.4']);
  assert.deepEqual(app.prune().releases, []);
  app.must('release', 'add', '2.0.1', '2.0.0');
  app.must('rollback', '--yes');
  app.prune('--yes');
  assert.deepEqual(
    known(),
    ['1.0.0', '2.0.0', '2.0.4', '2.0.1'],
    'the one that a return leads to stays',
  );
  app.must('return', '--release-hold', '--yes');
  app.restorable();
});
