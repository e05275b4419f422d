import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readDocument } from '../../src/form/document.ts';
import { z } from '../../src/form/schema.ts';
import { parseManifest } from '../../src/manifest/parse.ts';
import type { Manifest } from '../../src/manifest/manifest.ts';

// No container engine is needed: what is held is that the three files of the example say the same.
const example = join(import.meta.dirname, '../../examples/social-download-manager');

function textOf(path: string): string {
  return readFileSync(join(example, path), 'utf8');
}

function manifestOf(path: string): Manifest {
  const system = { platform: 'linux', home: '/home/owner', env: {} } as const;
  const reading = parseManifest({ text: textOf(path), file: '/srv/sdm/backstep.yaml', system });
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.value;
}

const mount = z.object({
  source: z.string(),
  target: z.string(),
  read_only: z.boolean().optional(),
});
const composeFile = z.object({
  services: z.record(
    z.string(),
    z.object({
      ports: z.array(z.string()),
      volumes: z.array(mount),
      stop_grace_period: z.string(),
    }),
  ),
});

const manifest = manifestOf('docker/backstep.yaml');
const compose = composeFile.parse(readDocument(textOf('docker/compose.yaml')).value);
const dockerfile = textOf('docker/Dockerfile');

function theService() {
  const { service } = manifest;
  assert.ok(service.manager === 'compose');
  const [name = ''] = service.services;
  const app = compose.services[name];
  assert.ok(app !== undefined, `compose.yaml has no service ${name}`);
  return { service, app };
}

test('the container sees the data and the releases that Backstep switches, and may not write the latter', () => {
  const { app } = theService();
  const mounted = app.volumes.map(({ source, target, read_only: isReadOnly = false }) => ({
    source: join('/srv/sdm', source),
    target,
    isReadOnly,
  }));
  assert.deepEqual(mounted, [
    { source: manifest.releases.root, target: '/releases', isReadOnly: true },
    { source: manifest.paths['data'], target: '/data', isReadOnly: false },
  ]);
});

test('the container runs the current release, on the port that is asked whether it is ready', () => {
  const { service, app } = theService();
  const [, start = ''] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  const argv = z.array(z.string()).parse(JSON.parse(start));
  assert.deepEqual(argv.slice(0, 4), ['node', '/releases/current/server.ts', '--data', '/data']);
  const inside = argv[argv.indexOf('--port') + 1];
  assert.deepEqual(app.ports, [`127.0.0.1:${service.port}:${inside}`]);
  assert.match(dockerfile, new RegExp(`^EXPOSE ${inside}$`, 'm'));
  assert.match(dockerfile, new RegExp(`127\\.0\\.0\\.1:${inside}/healthz`));
});

test('Docker waits for a clean stop as long as Backstep does', () => {
  const { service, app } = theService();
  assert.equal(app.stop_grace_period, `${service.stopTimeoutMs / 1000}s`);
});

test('in a container and without one, the same is kept', () => {
  const plain = manifestOf('backstep.yaml');
  const kept = ({ assets }: Manifest) => Object.entries(assets);
  assert.deepEqual(kept(manifest), kept(plain));
  assert.deepEqual(manifest.migrate, plain.migrate);
  assert.deepEqual(manifest.health, plain.health);
});
