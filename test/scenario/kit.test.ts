import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { test, type TestContext } from 'node:test';
import { linkTools } from './kit-tools.ts';
import { SmallApplication } from './small-application.ts';

/** Programs that change something. */
const acts = ['mv', 'cp', 'ln', 'mkdir', 'sqlite3', 'chmod', 'chown', 'rm', 'sync'];

class Kitted extends SmallApplication {
  must(...argv: string[]): string {
    const { exitCode, stdout, stderr } = this.backstep(...argv);
    assert.equal(exitCode, 0, `${argv.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Upgraded and used, with a kit. */
  static upgraded(t: TestContext): Kitted {
    const app = new Kitted(t);
    app.must('release', 'add', '1.0.0', '1.0.0');
    app.must('release', 'add', '2.0.0', '2.0.0');
    app.must('upgrade', '--to', '2.0.0', '--yes');
    app.sql(`INSERT INTO notes (body, state, color) VALUES ('under two', 'completed', 'red');
      UPDATE notes SET body = 'changed' WHERE id = 3; DELETE FROM notes WHERE id = 4`);
    return app;
  }

  tools(without: readonly string[] = []): string {
    const folder = this.path(`tools-${without.join('-')}`);
    linkTools(folder, without);
    return folder;
  }

  plain(
    { shell = ['sh'], path }: { readonly shell?: readonly string[]; readonly path: string },
    script: string,
    ...argv: string[]
  ): { code: number | null; said: string } {
    const [program = 'sh', ...before] = shell;
    const ended = spawnSync(
      `${path}/${program}`,
      [...before, this.path(`state/kit/${script}`), ...argv],
      { encoding: 'utf8', env: { PATH: path, HOME: this.folder }, cwd: this.folder },
    );
    return { code: ended.status, said: ended.stdout + ended.stderr };
  }

  /** Keeps the live state, for `again`. */
  keep(): void {
    for (const name of ['data', 'releases']) {
      spawnSync('cp', ['-a', this.path(name), this.path(`kept-${name}`)]);
    }
  }

  /** As it was kept: nothing of a way back is there. */
  again(): void {
    const gone = 'rm -rf data releases state/emergency .backstep-*';
    const back = 'cp -a kept-data data && cp -a kept-releases releases';
    const { status } = spawnSync('sh', ['-c', `${gone} && ${back}`], { cwd: this.folder });
    assert.equal(status, 0);
  }

  /** A folder to be the whole PATH, whose programs count what changes something, and kill the script at `KILL_AT`. */
  counting(tools: string): string {
    const folder = this.path('counting');
    const count = this.path('count');
    this.write('count', '0');
    for (const program of readdirSync(tools).filter((name) => !name.startsWith('.'))) {
      const counts = `n=$(( $(${tools}/cat ${count}) + 1 )); echo $n >${count}; [ "$n" != "$KILL_AT" ] || kill -KILL 0\n`;
      const text = `#!${tools}/dash\n${acts.includes(program) ? counts : ''}exec ${tools}/${program} "$@"\n`;
      this.write(`counting/${program}`, text);
      chmodSync(`${folder}/${program}`, 0o755);
    }
    return folder;
  }

  /** What 1.0.0 finds. */
  isBack(): void {
    assert.equal(readdirSync(this.path('releases')).includes('current'), true);
    assert.deepEqual(JSON.parse(this.read('data/settings.json')), { language: 'en' });
    assert.deepEqual(this.rows('SELECT id, body, state FROM notes WHERE id IN (3, 4, 41)'), [
      [3, 'changed', 'done'],
      [41, 'under two', 'done'],
    ]);
  }
}

test('without Node and without Backstep, a plain shell goes back with what was written since', async (t) => {
  const app = Kitted.upgraded(t);
  app.keep();
  const path = app.tools();
  for (const shell of [['dash'], ['bash', '--posix'], ['busybox', 'ash']]) {
    await t.test(shell.join(' '), (part) => {
      if (!existsSync(`${path}/${shell[0]}`)) {
        part.skip(`${shell[0]} is not installed`);
        return;
      }
      app.again();
      const { code, said } = app.plain({ shell, path }, 'emergency_rollback.sh', '--confirm');
      assert.equal(code, 0, said);
      app.isBack();
      assert.match(said, /notes: notes: 1 rows inserted, 1 updated, 1 deleted/);
      const repeated = app.plain({ shell, path }, 'emergency_rollback.sh', '--confirm');
      assert.equal(repeated.code, 0, repeated.said);
      assert.match(repeated.said, /is at 1\.0\.0 already/);
      app.isBack();
      const verified = app.plain({ shell, path }, 'verify_rollback.sh');
      assert.equal(verified.code, 0, verified.said);
    });
  }
});

test('killed at every program that it calls, and called again, it ends the same', (t) => {
  const app = Kitted.upgraded(t);
  app.keep();
  const path = app.tools();
  const wrapped = app.counting(path);
  const run = (killAt: number): number | null =>
    spawnSync(
      `${path}/setsid`,
      ['-w', `${path}/dash`, app.path('state/kit/emergency_rollback.sh'), '--confirm'],
      { env: { PATH: wrapped, HOME: app.folder, KILL_AT: String(killAt) }, cwd: app.folder },
    ).status;
  assert.equal(run(0), 0);
  const count = Number(app.read('count'));
  assert.ok(count > 20, `${count} acts`);
  for (let at = 1; at <= count; at += 1) {
    app.again();
    app.write('count', '0');
    assert.notEqual(run(at), 0, `act ${at} was killed`);
    const { code, said } = app.plain({ path }, 'emergency_rollback.sh', '--confirm');
    assert.equal(code, 0, `after a kill at act ${at}: ${said}`);
    app.isBack();
  }
  t.diagnostic(`${count} kill points`);
});

test('without sqlite3 the state before the upgrade comes back, and it says what is not carried and where it lies', (t) => {
  const app = Kitted.upgraded(t);
  const path = app.tools(['sqlite3']);
  const { code, said } = app.plain({ path }, 'emergency_rollback.sh', '--confirm');
  assert.equal(code, 0, said);
  assert.match(
    said,
    /notes: sqlite3 3\.\d+\.\d+ or newer is not here; it comes back as before the upgrade/,
  );
  assert.deepEqual(app.rows('SELECT count(*) FROM notes'), [[40]]);
  assert.match(said, /not removed/);
});

test('a damaged object, an altered kit and a run that was interrupted are refused before anything is touched', (t) => {
  const app = Kitted.upgraded(t);
  const path = app.tools();
  const untouched = (): void =>
    assert.deepEqual(app.rows('SELECT color FROM notes WHERE id = 41'), [['red']]);
  const missed = app.plain({ path }, 'emergency_rollback.sh');
  assert.equal(missed.code, 2);
  const units = app.read('state/kit/units.tsv');
  writeFileSync(app.path('state/kit/units.tsv'), units.replace('state', 'State'));
  const altered = app.plain({ path }, 'emergency_rollback.sh', '--confirm');
  assert.equal(altered.code, 3, altered.said);
  assert.match(altered.said, /the kit was altered: units\.tsv; nothing was touched/);
  untouched();
  writeFileSync(app.path('state/kit/units.tsv'), units);
  const hash = /\b[0-9a-f]{64}\b/.exec(units)?.[0] ?? '';
  const object = app.path(`state/store/objects/${hash.slice(0, 2)}/${hash.slice(2)}`);
  spawnSync('chmod', ['u+w', object]);
  const bytes = readFileSync(object);
  writeFileSync(object, 'rubbish');
  const damaged = app.plain({ path }, 'emergency_rollback.sh', '--confirm');
  assert.equal(damaged.code, 3, damaged.said);
  assert.match(damaged.said, /is damaged; nothing was touched/);
  untouched();
  writeFileSync(object, bytes);
  writeFileSync(
    app.path('state/journal/rollback-20260101T000000000Z.jsonl'),
    '{"event":"begun"}\n',
  );
  const open = app.plain({ path }, 'emergency_rollback.sh', '--confirm');
  assert.equal(open.code, 3, open.said);
  assert.match(open.said, /was interrupted, and only Backstep can finish it/);
  untouched();
});

test('files come back, further names of one too; those that the upgrade brought are moved aside', (t) => {
  const app = new Kitted(t);
  const extras = "  extras: { kind: files, root: '{data}/extras', files: ['**'] }\n";
  app.write(
    'backstep.yaml',
    app.read('backstep.yaml').replace('reversals:', `${extras}reversals:`),
  );
  app.write('data/extras/one', 'first');
  linkSync(app.path('data/extras/one'), app.path('data/extras/two'));
  app.write('data/extras/kept', 'kept');
  app.write(
    '2.0.0/migrate.mjs',
    `${app.read('2.0.0/migrate.mjs')}
import { rmSync } from 'node:fs';
for (const name of ['one', 'two', 'brought']) {
  rmSync(data + '/extras/' + name, { force: true });
  writeFileSync(data + '/extras/' + name, 'new ' + name);
}
`,
  );
  for (const version of ['1.0.0', '2.0.0']) app.must('release', 'add', version, version);
  app.must('upgrade', '--to', '2.0.0', '--yes');
  app.write('data/extras/kept', 'changed since');
  app.write('data/extras/added', 'since');
  assert.equal(app.read('data/extras/two'), 'new two');
  const { code, said } = app.plain({ path: app.tools() }, 'emergency_rollback.sh', '--confirm');
  assert.equal(code, 0, said);
  const found = readdirSync(app.path('data/extras'))
    .toSorted()
    .map((name) => [name, app.read(`data/extras/${name}`)]);
  assert.deepEqual(found, [
    ['added', 'since'],
    ['kept', 'changed since'],
    ['one', 'first'],
    ['two', 'first'],
  ]);
});

test('the kit is written at each upgrade, goes with the rollback, and the doctor misses one that is gone', (t) => {
  const app = Kitted.upgraded(t);
  const first = app.read('state/kit/facts.sh');
  assert.match(first, /from='2\.0\.0'\nto='1\.0\.0'/);
  const about = (): string[] =>
    JSON.parse(app.backstep('doctor', '--json').stdout).findings.map(
      (finding: { about: string }) => finding.about,
    );
  assert.equal(about().includes('emergency kit'), false);
  spawnSync('rm', ['-r', app.path('state/kit')]);
  assert.equal(about().includes('emergency kit'), true);
  app.must('kit');
  app.must('kit', '--to', 'elsewhere');
  assert.deepEqual(readdirSync(app.path('elsewhere')), readdirSync(app.path('state/kit')));
  app.must('rollback', '--yes');
  assert.equal(existsSync(app.path('state/kit')), false);
  assert.match(app.backstep('kit').stderr, /there is no upgrade to go back over/);
  const path = app.tools();
  const old = spawnSync(
    `${path}/dash`,
    [app.path('elsewhere/emergency_rollback.sh'), '--confirm'],
    {
      encoding: 'utf8',
      env: { PATH: path },
    },
  );
  assert.equal(old.status, 3, old.stdout + old.stderr);
  assert.match(old.stderr, /the kit is stale: .*; nothing was touched/);
  app.must('return', '--release-hold', '--yes');
  assert.notEqual(app.read('state/kit/facts.sh'), first);
});

test('sqlite3 keeps its temporary files in the working folder of the kit', (t) => {
  const app = Kitted.upgraded(t);
  const tools = app.tools();
  const real = readlinkSync(app.path('tools-/sqlite3'));
  rmSync(app.path('tools-/sqlite3'));
  app.write(
    'tools-/sqlite3',
    `#!${tools}/dash\necho "$SQLITE_TMPDIR" >>${app.path('told')}\nexec ${real} "$@"\n`,
  );
  chmodSync(app.path('tools-/sqlite3'), 0o755);
  const { code, said } = app.plain({ path: tools }, 'emergency_rollback.sh', '--confirm');
  assert.equal(code, 0, said);
  app.isBack();
  assert.match(app.read('told'), /\.backstep-notes-emergency-[^/]+\/made\/\d+\n$/);
});

test('the scripts are clean by shellcheck', (t) => {
  if (spawnSync('shellcheck', ['--version']).error !== undefined) {
    t.skip('shellcheck is not installed');
    return;
  }
  const folder = new URL('../../kit/', import.meta.url).pathname;
  const names = readdirSync(folder).filter((name) => name.endsWith('.sh'));
  const ended = spawnSync('shellcheck', ['-x', ...names.map((name) => folder + name)], {
    encoding: 'utf8',
    cwd: `${folder}..`,
  });
  assert.equal(ended.status, 0, ended.stdout);
  const app = Kitted.upgraded(t);
  const made = spawnSync(
    'shellcheck',
    [app.path('state/kit/service.sh'), app.path('state/kit/facts.sh')],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(made.status, 0, made.stdout);
});
