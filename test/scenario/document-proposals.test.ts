import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { SmallApplication } from './small-application.ts';
import { hasTerminals, keys, TerminalSession } from './terminal-session.ts';

const manifest = `app: notes
state: state
paths: { data: data }
releases: { root: releases, layout: symlink }
service: { manager: none }
migrate: { run: '{node} {release}/migrate.mjs {data}' }
assets:
  settings: { kind: json, root: '{data}', files: [settings.json] }
  people: { kind: json, root: '{data}/people', files: ['*.json'] }
reversals: reversals
`;

/** Moves one setting that tells itself apart and one that does not, and in each person's file a theme and a word. */
const migration = `import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
const data = process.argv[2];
const change = (file, by) =>
  writeFileSync(file, JSON.stringify(by(JSON.parse(readFileSync(file, 'utf8'))), null, 2) + '\\n');
change(data + '/settings.json', ({ download_folder, retries, jobs, ...rest }) => ({
  ...rest, downloads: { folder: download_folder }, network: { retries },
  jobs: jobs.map((job) => ({ ...job, state: job.state === 'done' ? 'completed' : job.state, note: null })),
}));
for (const name of readdirSync(data + '/people')) {
  change(data + '/people/' + name, ({ theme, state, ...rest }) => ({
    ...rest, state: state === 'done' ? 'completed' : state, ui: { theme: { mode: theme } },
  }));
}
`;

const jobs = [
  { id: 1, title: 'first', state: 'done' },
  { id: 2, title: 'second', state: 'done' },
];
const settings = { language: 'en', download_folder: '/home/kim/Downloads', retries: 3, jobs };
const people = [
  { theme: 'dark', state: 'done' },
  { theme: 'light', state: 'done' },
  { theme: 'dark', state: 'failed' },
  { theme: 'sepia', state: 'done' },
];

const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const folderMoved = 'download_folder: downloads.folder';

function migratedJob(id: number, title: string): unknown {
  return { id, title, state: 'completed', note: null };
}

class DocumentApplication extends SmallApplication {
  constructor(t: TestContext) {
    super(t);
    this.write('backstep.yaml', manifest);
    this.write('2.0.0/migrate.mjs', migration);
    this.write('data/settings.json', text(settings));
    for (const [n, person] of people.entries()) this.write(`data/people/${n}.json`, text(person));
    this.ran('release', 'add', '1.0.0', '1.0.0');
    this.ran('release', 'add', '2.0.0', '2.0.0');
  }

  /** What a command that succeeds says, as JSON where it was asked for that. */
  ran(...argv: string[]): string {
    const { exitCode, stdout, stderr } = this.backstep(...argv);
    assert.equal(exitCode, 0, stdout + stderr);
    return stdout;
  }

  change(file: string, by: (document: Record<string, never>) => unknown): void {
    this.write(file, text(by(JSON.parse(this.read(file)))));
  }

  /** Choices of the only pair, by place. */
  decided(): Record<string, string> {
    const [pair = ''] = readdirSync(this.path('state/pairs'));
    const { assets } = JSON.parse(this.read(`state/pairs/${pair}/decisions.json`));
    const all: { place: string; choice: string; by: string; evidence: string }[] =
      Object.values<typeof all>(assets).flat();
    assert.ok(all.every(({ evidence }) => evidence !== ''));
    return Object.fromEntries(all.map(({ place, choice, by }) => [place, `${choice} by ${by}`]));
  }
}

test('an upgrade takes what its documents prove, and a rollback carries by it, back and forth', (t) => {
  const app = new DocumentApplication(t);
  const report = JSON.parse(app.ran('upgrade', '--to', '2.0.0', '--yes', '--json'));
  assert.deepEqual(report.survey.settings.documents, {
    'settings/settings.json': {
      download_folder: 'downloads.folder',
      jobs: { key: 'id', fields: { state: { completed: 'done' } } },
    },
  });
  const taken = app.decided();
  assert.deepEqual(taken, {
    'settings/settings.json#download_folder': 'map by data',
    'settings/settings.json#jobs': 'map by data',
    'settings/settings.json#retries': 'park by default',
    ...Object.fromEntries(people.map((_person, n) => [`people/${n}.json#theme`, 'map by data'])),
    ...Object.fromEntries(people.map((_person, n) => [`people/${n}.json#state`, 'map by data'])),
  });
  app.change('data/settings.json', (now) => ({
    ...now,
    downloads: { folder: '/srv/new' },
    network: { retries: 9 },
    jobs: [migratedJob(1, 'renamed'), migratedJob(2, 'second'), migratedJob(3, 'third')],
  }));
  const used = { state: 'completed', ui: { theme: { mode: 'light' } } };
  app.write('data/people/2.json', text(used));
  app.ran('rollback', '--yes');
  const third = { id: 3, title: 'third', state: 'done' };
  assert.deepEqual(JSON.parse(app.read('data/settings.json')), {
    ...settings,
    download_folder: '/srv/new',
    jobs: [{ ...jobs[0], title: 'renamed' }, jobs[1], third],
  });
  assert.equal(app.read('data/people/2.json'), text({ theme: 'light', state: 'done' }));
  for (const n of [0, 1, 3]) assert.equal(app.read(`data/people/${n}.json`), text(people[n]));
  app.write('data/people/0.json', text({ theme: 'sepia', state: 'failed' }));
  app.ran('return', '--release-hold', '--yes');
  assert.deepEqual(JSON.parse(app.read('data/people/2.json')), used);
  assert.deepEqual(JSON.parse(app.read('data/people/0.json')), {
    state: 'failed',
    ui: { theme: { mode: 'sepia' } },
  });
  assert.deepEqual(JSON.parse(app.read('data/settings.json')), {
    language: 'en',
    downloads: { folder: '/srv/new' },
    network: { retries: 9 },
    jobs: [migratedJob(1, 'renamed'), migratedJob(2, 'second'), migratedJob(3, 'third')],
  });
});

test('a plan shows what is proposed and what is a guess, and --decide answers beforehand and afterwards', (t) => {
  const app = new DocumentApplication(t);
  const place = 'settings/settings.json#download_folder';
  const planned = app.ran('plan', '--upgrade', '2.0.0');
  assert.ok(planned.includes(`proposed: ${folderMoved}`), planned);
  assert.ok(planned.includes('a guess: retries: network.retries'), planned);
  assert.ok(planned.includes('? people/*.json#theme: '), planned);
  assert.ok(planned.includes('proposed: theme: ui.theme.mode (4 documents)'), planned);
  const decided = app.ran('plan', '--upgrade', '2.0.0', '--decide', `${place}=park`);
  assert.ok(!decided.includes(folderMoved), decided);
  const refused = app.backstep('upgrade', '--to', '2.0.0');
  assert.equal(refused.exitCode, 2);
  assert.ok(refused.stderr.includes(`proposed: ${folderMoved}`), refused.stderr);
  app.ran('upgrade', '--to', '2.0.0', '--yes');
  app.change('data/settings.json', (now) => ({ ...now, downloads: { folder: '/srv/new' } }));
  const carried = JSON.parse(app.ran('plan', '--json')).assets.settings;
  assert.deepEqual([carried.carried.updated, carried.parked], [1, []]);
  const parked = JSON.parse(app.ran('plan', '--json', '--decide', `${place}=park`)).assets.settings;
  assert.deepEqual(parked.carried, { inserted: 0, updated: 0, deleted: 0 });
  assert.deepEqual(
    parked.parked.map(({ why, count }: { why: string; count: number }) => [why, count]),
    [['blind', 1]],
  );
  app.ran('rollback', '--yes', '--decide', `${place}=park`);
  assert.equal(app.read('data/settings.json'), text(settings));
});

test('a decision at the upgrade keeps a proposal from being taken', (t) => {
  const app = new DocumentApplication(t);
  const places = ['settings/settings.json#download_folder', 'people/1.json#theme'];
  const said = places.flatMap((place) => ['--decide', `${place}=park`]);
  app.ran('upgrade', '--to', '2.0.0', '--yes', ...said);
  const decided = app.decided();
  assert.equal(decided['settings/settings.json#download_folder'], 'park by operator');
  assert.equal(decided['people/1.json#theme'], 'park by operator');
  assert.equal(decided['people/0.json#theme'], 'map by data');
});

test('a person who is asked can take a guess, and a proposal comes first only where it is proven', async (t) => {
  if (!hasTerminals) {
    t.skip('script is not installed');
    return;
  }
  const app = new DocumentApplication(t);
  const session = new TerminalSession(['upgrade', '--to', '2.0.0'], { cwd: app.folder });
  await session.until(/● map download_folder: downloads\.folder/);
  session.type(keys.enter);
  await session.until(/● map jobs: /);
  session.type(keys.enter);
  await session.until(/● park[^]*○ map retries: network\.retries/);
  session.type(keys.down);
  await session.until(/● map retries: network\.retries/);
  session.type(keys.enter);
  await session.until(/● map theme: ui\.theme\.mode/);
  session.type(keys.enter);
  await session.until(/● map state: /);
  session.type(keys.enter);
  await session.until(/Upgrade from 1\.0\.0 to 2\.0\.0\?/);
  session.type(keys.yes);
  assert.equal(await session.end(), 0, session.screen);
  assert.equal(app.decided()['settings/settings.json#retries'], 'map by operator');
  app.change('data/settings.json', (now) => ({ ...now, network: { retries: 9 } }));
  app.ran('rollback', '--yes');
  assert.equal(app.read('data/settings.json'), text({ ...settings, retries: 9 }));
});

test('a draft holds the lines of what is proven, and the same file goes by them alone', (t) => {
  const app = new DocumentApplication(t);
  app.ran('upgrade', '--to', '2.0.0', '--yes');
  const [pair = ''] = readdirSync(app.path('state/pairs'));
  app.ran('reversal', 'draft', '--pair', pair);
  const drafted = app.read('reversals/2.0.0-to-1.0.0.yaml');
  assert.ok(drafted.includes(`    ${folderMoved}\n`), drafted);
  assert.ok(drafted.includes('    state: { map: { completed: done, failed: failed } }\n'), drafted);
  assert.match(drafted, /# HOLE: settings\/settings\.json: .*a guess.*`retries: network\.retries`/);
  const file = app.path('reversals/2.0.0-to-1.0.0.yaml');
  const checked = app.ran('reversal', 'check', file, '--pair', pair);
  app.change('data/settings.json', (now) => ({ ...now, downloads: { folder: '/srv/new' } }));
  app.ran('rollback', '--yes');
  assert.equal(
    app.read('data/settings.json'),
    text({ ...settings, download_folder: '/srv/new' }),
    checked,
  );
});

test('merge takes by --yes what its documents prove', (t) => {
  const app = new SmallApplication(t);
  const after = { language: 'en', downloads: { folder: settings.download_folder } };
  app.write('before.json', text({ ...settings, retries: undefined, jobs: undefined }));
  app.write('after.json', text(after));
  app.write('now.json', text({ ...after, downloads: { folder: '/srv/new' } }));
  const states = ['merge', 'before.json', 'after.json', 'now.json'];
  const unasked = app.backstep(...states, '-o', 'parked.json', '--json');
  assert.equal(unasked.exitCode, 0, unasked.stderr);
  assert.ok(JSON.parse(unasked.stdout).proposals.includes(`    ${folderMoved}`), unasked.stdout);
  assert.equal(JSON.parse(app.read('parked.json')).download_folder, settings.download_folder);
  const merged = app.backstep(...states, '-o', 'out.json', '--yes', '--json');
  assert.equal(merged.exitCode, 0, merged.stderr);
  const document = JSON.parse(merged.stdout);
  assert.deepEqual([document.takenMaps, document.parked], [true, []]);
  assert.equal(JSON.parse(app.read('out.json')).download_folder, '/srv/new');
});
