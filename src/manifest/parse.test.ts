import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeDisk } from '../host/node-disk.ts';
import { loadManifest } from './load.ts';
import { assetsOf, valuesOf, type Manifest } from './manifest.ts';
import { parseManifest } from './parse.ts';
import { fillInCommand } from './placeholder.ts';
import { stagedPaths, stagedPlace } from './staging.ts';
import type { System } from './system.ts';
import { ownership } from './territory.ts';
import { fc } from '../../test/chance.ts';

const linux: System = { platform: 'linux', home: '/home/owner', env: {} };
const shipped = join(import.meta.dirname, '../../examples/social-download-manager/backstep.yaml');

function read(text: string, system: System = linux): Manifest {
  const file = system.platform === 'win32' ? 'C:\\app\\backstep.yaml' : '/app/backstep.yaml';
  const reading = parseManifest({ text, file, system });
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.value;
}

const small = `app: a
state: /state
paths: { data: /data }
assets: { db: { kind: sqlite, path: '{data}/a.db' } }
`;

test('the manifest of Social Download Manager loads, without a look at the environment', () => {
  const manifest = loadManifest(nodeDisk, shipped, {
    platform: 'linux',
    home: '/nowhere',
    env: {},
  });
  const folder = join(shipped, '..');
  assert.equal(manifest.app, 'social-download-manager');
  assert.equal(manifest.state, join(folder, 'run/backstep'));
  assert.deepEqual(Object.keys(manifest.assets), [
    'configuration',
    'preferences',
    'platforms',
    'user-data',
    'history',
    'release',
  ]);
  const [history] = assetsOf(manifest, 'sqlite');
  assert.equal(history?.path, join(folder, 'run/data/sdm.db'));
  assert.equal(history.rpo, 300_000);
  assert.equal(history.tables['user_preferences']?.rpo, 0);
  assert.equal(manifest.objectives.database.maxDowntime, 7_200_000);
});

test('what is left out has its defaults', () => {
  const manifest = read(small);
  assert.deepEqual(manifest.releases, { root: '/opt/a', layout: 'symlink', keep: 5 });
  assert.deepEqual(manifest.service, { manager: 'none' });
  assert.equal(manifest.reversals, '/app/reversals');
  assert.equal(manifest.migrate, null);
  assert.deepEqual(manifest.objectives, {
    configuration: { target: 900_000, maxDowntime: 1_200_000 },
    application: { target: 2_700_000, maxDowntime: 3_600_000 },
    database: { target: 5_400_000, maxDowntime: 7_200_000 },
    system: { target: 10_800_000, maxDowntime: 14_400_000 },
    emergency: { target: 14_400_000, maxDowntime: 21_600_000 },
  });
  assert.equal(manifest.triggers.crashes.moreThan, 3);
  assert.equal(manifest.approvals.logic.role, 'product-owner');
  assert.deepEqual(assetsOf(manifest, 'sqlite')[0]?.carryLimit, {
    share: 0.05,
    rows: 10,
    unattended: 'park',
  });
});

test('commands: text is split, a list is taken as it is, values with spaces stay one argument', () => {
  const manifest =
    read(`${small}service: { manager: process, port: 80, run: "{node}  {release}/s.js --data {data} --port {port}" }
migrate: { run: ['{node}', 'a b', '{{x}}'] }
hooks: { before-stop: { run: [sh, -c, 'echo "$HOME" | cat'], timeout: 5s } }
`);
  const values = valuesOf(manifest, { node: '/n', release: '/with space' });
  assert.equal(manifest.service.manager, 'process');
  assert.deepEqual(
    manifest.service.manager === 'process' && fillInCommand({ argv: manifest.service.run }, values),
    ['/n', '/with space/s.js', '--data', '/data', '--port', '80'],
  );
  assert.ok(manifest.migrate && 'run' in manifest.migrate);
  assert.deepEqual(fillInCommand(manifest.migrate.run, values), ['/n', 'a b', '{x}']);
  assert.equal(manifest.hooks['before-stop']?.[0]?.timeout, 5_000);
});

test('a staged tree holds every path, one within another where it was so', () => {
  const manifest = read(
    small.replace('{ data: /data }', "{ data: /data, conf: '{data}/conf', log: /log }"),
  );
  assert.deepEqual(stagedPaths(manifest, '/s'), {
    data: '/s/data',
    conf: '/s/data/conf',
    log: '/s/log',
  });
  assert.equal(stagedPlace(manifest, '/s', '/data/conf/x'), '/s/data/conf/x');
  assert.equal(stagedPlace(manifest, '/s', '/etc/x'), null);
});

test('an inner asset is left out of the outer one', () => {
  const manifest = read(`app: a
state: /state
releases: { root: /srv/a, layout: in-place }
assets:
  all: { kind: files, root: /data }
  docs: { kind: json, root: /data, files: ['*.json'] }
  db: { kind: sqlite, path: /data/sub/a.db }
  plugins: { kind: files, root: '{release}/plugins' }
`);
  assert.deepEqual(manifest.assets['all']?.inner, ['docs', 'db']);
  assert.deepEqual(manifest.assets['release']?.inner, ['plugins']);
  const territories = Object.fromEntries(
    Object.values(manifest.assets).map((asset) => [asset.name, asset.territory]),
  );
  const ownerOf = ownership(territories, 'linux');
  assert.equal(ownerOf('/data/a.json'), 'docs');
  assert.equal(ownerOf('/data/sub/a.json'), 'all');
  assert.equal(ownerOf('/data/sub/a.db-wal'), 'db');
  assert.equal(ownerOf('/srv/a/plugins/x'), 'plugins');
  assert.equal(ownerOf('/srv/a/server.js'), 'release');
  assert.equal(ownerOf('/database'), null);
});

test('mutated real files: a manifest or problems with places, never an exception', () => {
  const text = readFileSync(shipped, 'utf8');
  fc.assert(
    fc.property(mutation(text), (mutated) => {
      const reading = parseManifest({ text: mutated, file: '/app/backstep.yaml', system: linux });
      const problems = reading.ok ? [] : reading.problems;
      assert.equal(reading.ok, problems.length === 0);
      for (const each of problems) assert.ok(each.line >= 1 && each.message !== '');
    }),
    { numRuns: 400 },
  );
});

test('any value in any section: a manifest or problems', () => {
  const keys = fc.constantFrom(
    ...'app state paths releases service migrate assets reversals health gate triggers'.split(' '),
    ...'approvals objectives contacts stakeholders hooks x'.split(' '),
  );
  fc.assert(
    fc.property(fc.dictionary(keys, fc.jsonValue({ maxDepth: 4 })), (value) => {
      const text = JSON.stringify(value);
      const reading = parseManifest({ text, file: '/app/backstep.yaml', system: linux });
      assert.ok(reading.ok || reading.problems.length > 0);
    }),
    { numRuns: 500 },
  );
});

/** The text with a few pieces cut out, doubled, or replaced. */
function mutation(text: string): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(text.length),
    length: fc.nat(30),
    put: fc.oneof(
      fc.constantFrom(
        '',
        ':',
        '\n',
        '  ',
        '[',
        '}',
        '&a',
        '*a',
        '<<: ',
        '0',
        'null',
        '\t',
        '"',
        '- ',
        '{',
      ),
      fc.string(),
      fc.nat(text.length).map((at) => text.slice(at, at + 60)),
    ),
  });
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce(
        (whole, { at, length, put }) => whole.slice(0, at) + put + whole.slice(at + length),
        text,
      ),
    );
}
