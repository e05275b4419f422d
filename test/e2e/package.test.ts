import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Desk, makeDownloads, states } from '../scenario/merge-files.ts';
import { NotesService } from '../scenario/notes-service.ts';
import { SmallApplication } from '../scenario/small-application.ts';

const repository = join(import.meta.dirname, '../..');
const room = mkdtempSync(join(tmpdir(), 'package-'));
const installed = join(room, 'installed');
const ours = join(installed, 'node_modules/backstep');
const program = join(ours, 'dist/main.js');

interface Description {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
}

const description: Description = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));

interface Called {
  readonly cwd: string;
  readonly argv: readonly [string, ...string[]];
}

/** Runs a program with this Node before any other on its path; fails with all that it said. */
function run({ cwd, argv: [name, ...args] }: Called): string {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const ended = spawnSync(name, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: path, npm_config_update_notifier: 'false' },
  });
  assert.equal(ended.status, 0, `${name} ${args.join(' ')}\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

/** Packs a folder and returns the tarball's path; the scripts of dependencies are not run. */
function pack(folder: string, ...flags: string[]): string {
  const argv = ['npm', 'pack', '--json', '--pack-destination', room, ...flags] as const;
  const said = run({ cwd: folder, argv });
  const [packed] = JSON.parse(said.slice(said.indexOf('[')));
  return join(room, packed.filename);
}

/** The folders of the dependencies and of theirs, by the lock file. */
function neededToRun(): readonly string[] {
  const text = readFileSync(join(repository, 'package-lock.json'), 'utf8');
  const { packages }: { packages: Record<string, { dev?: boolean }> } = JSON.parse(text);
  return Object.entries(packages).flatMap(([path, { dev }]) =>
    path === '' || dev === true ? [] : [path],
  );
}

/** The dependencies come along as tarballs of what is installed here, so that no registry and no cache is asked. */
before(() => {
  const tarballs = [
    pack(repository),
    ...neededToRun().map((path) => pack(join(repository, path), '--ignore-scripts')),
  ];
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{ "private": true }\n');
  const flags = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  run({ cwd: installed, argv: ['npm', 'install', ...flags, ...tarballs] });
});
after(() => rmSync(room, { recursive: true, force: true }));

test('npx backstep tells its version and its commands', () => {
  const version = run({ cwd: installed, argv: ['npx', '--no-install', 'backstep', '--version'] });
  assert.equal(version, `${description.version}\n`);
  const help = run({ cwd: installed, argv: ['npx', '--no-install', 'backstep', '--help'] });
  assert.match(help, /^ {2}merge {2}/m);
});

test('npx backstep merges three small databases', (t) => {
  const desk = new Desk(t);
  makeDownloads(desk);
  const files = [...states, 'out.db'].map((name) => desk.path(name));
  const [one = '', two = '', three = '', out = ''] = files;
  const argv = ['npx', '--no-install', 'backstep', 'merge', one, two, three, '-o', out] as const;
  run({ cwd: installed, argv: [...argv, '--yes'] });
  const rows = desk.rows('out.db', 'SELECT title, status FROM downloads WHERE id IN (3, 41)');
  assert.deepEqual(rows, [
    ['renamed', 'done'],
    ['new', 'done'],
  ]);
});

test('the installed program upgrades, rolls back and returns', (t) => {
  const app = new SmallApplication(t, [process.execPath, program]);
  const done = (...argv: string[]): void => {
    const { exitCode, stdout, stderr } = app.backstep(...argv);
    assert.equal(exitCode, 0, stdout + stderr);
  };
  for (const version of ['1.0.0', '2.0.0']) done('release', 'add', version, version);
  done('upgrade', '--to', '2.0.0', '--yes');
  app.sql(`INSERT INTO notes VALUES (41, 'mine', 'completed', 'red')`);
  done('rollback', '--yes');
  assert.deepEqual(app.rows('SELECT * FROM notes WHERE id = 41'), [[41, 'mine', 'done']]);
  done('return', '--release-hold', '--yes');
  assert.deepEqual(app.rows('SELECT * FROM notes WHERE id = 41'), [
    [41, 'mine', 'completed', 'red'],
  ]);
});

test('the installed program starts the supervisor of a service, which runs on after it', async (t) => {
  const app = await NotesService.start(t, [process.execPath, program]);
  assert.notEqual(await app.post('written through the service'), null);
  app.must('service', 'stop');
  assert.equal(await app.post('nobody listens any more'), null);
});

test('the program is joined from its dependencies, with their licences, and needs none of them', () => {
  const alone = join(room, 'alone/backstep');
  cpSync(ours, alone, { recursive: true });
  const argv = [process.execPath, join(alone, 'dist/main.js'), 'rollback', '--help'] as const;
  assert.match(run({ cwd: room, argv }), /^Usage: backstep rollback/);
  const notices = readFileSync(join(ours, 'dist/THIRD-PARTY.txt'), 'utf8');
  for (const name of Object.keys(description.dependencies)) {
    const { version } = JSON.parse(
      readFileSync(join(repository, 'node_modules', name, 'package.json'), 'utf8'),
    );
    const licence = `\n${name} ${version}\n\n`;
    assert.ok(notices.includes(licence), `${name} ${version}`);
    assert.match(notices.slice(notices.indexOf(licence)), /^\n.*\n\n[^-]*copyright/i);
  }
});

test('no file of the program names a folder of the machine that built it', () => {
  const files = readdirSync(join(ours, 'dist'), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((name) => /\.(js|txt)$/.test(name))
    .map((name) => [name, readFileSync(join(ours, 'dist', name), 'utf8')] as const);
  assert.ok(texts.length > 300);
  const folders = [repository, realpathSync(join(repository, 'node_modules'))];
  const naming = texts.filter(([, text]) => folders.some((folder) => text.includes(folder)));
  assert.deepEqual(
    naming.map(([name]) => name),
    [],
  );
});

test('every subpath can be imported, and brings its types', () => {
  const names = Object.keys(description.exports).filter((name) => !/\.json$|\*$/.test(name));
  assert.ok(names.length >= 8);
  const modules = names.map((name) => `backstep${name.slice(1)}`);
  const loads = modules.map((name) => `await import('${name}');`);
  writeFileSync(join(installed, 'load.mjs'), loads.join('\n'));
  run({ cwd: installed, argv: [process.execPath, 'load.mjs'] });
  const source = [
    ...modules.map((name, n) => `import * as module${n} from '${name}';`),
    `import { openStore } from 'backstep/store';`,
    `import { nodeHost } from 'backstep/host';`,
    `export const ids: string[] = openStore(nodeHost(), '/x').list().map(({ id }) => id);`,
    `// @ts-expect-error -- a root is a path`,
    `openStore(nodeHost(), 7);`,
    `export const all = [${modules.map((_, n) => `module${n}`).join(', ')}];`,
  ];
  writeFileSync(join(installed, 'use.mts'), source.join('\n'));
  symlinkSync(join(repository, 'node_modules/@types'), join(installed, 'node_modules/@types'));
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const flags = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2024',
    '--module',
    'nodenext',
  ];
  const lib = ['--lib', 'es2024,esnext.disposable', '--types', 'node'];
  run({ cwd: installed, argv: [process.execPath, tsc, ...flags, ...lib, 'use.mts'] });
});
