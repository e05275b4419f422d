/** A small application that was upgraded, written to and rolled back: every record that Backstep writes is there. */
import assert from 'node:assert/strict';
import process from 'node:process';
import type { TestContext } from 'node:test';
import { openApplication } from '../../src/cli/open.ts';
import type { Surroundings } from '../../src/cli/context.ts';
import { nodeHost } from '../../src/host/node.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import type { System } from '../../src/manifest/system.ts';
import type { Ground } from '../../src/switch/ground.ts';
import { said } from '../scenario/said.ts';
import { SmallApplication } from '../scenario/small-application.ts';

export const system: System = { platform: 'linux', home: '/', env: process.env };

/** Upgraded to 2.0.0, with work of its users since. */
export async function upgraded(t: TestContext): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  await must(app, 'release', 'add', '1.0.0', '1.0.0');
  await must(app, 'release', 'add', '2.0.0', '2.0.0');
  await must(app, 'upgrade', '--to', '2.0.0', '--yes');
  app.sql(`INSERT INTO notes (body, state) VALUES ('written after', 'completed');
    UPDATE notes SET body = 'changed after' WHERE id = 3;
    UPDATE notes SET color = 'red' WHERE id = 4;`);
  return app;
}

/** And rolled back to 1.0.0. */
export async function rolledBack(t: TestContext): Promise<SmallApplication> {
  const app = await upgraded(t);
  await must(app, 'rollback', '--yes');
  return app;
}

export async function must(app: SmallApplication, ...argv: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await said(app.folder, ...argv);
  assert.equal(exitCode, 0, `${argv.join(' ')}\n${stdout}${stderr}`);
}

export function groundOf(app: SmallApplication): Ground {
  const host = nodeHost();
  const stream = { write: () => true };
  const surroundings: Surroundings = {
    host,
    system,
    streams: { stdout: stream, stderr: stream },
    cwd: app.folder,
    node: process.execPath,
    terminal: null,
    signal: new AbortController().signal,
  };
  return openApplication(surroundings, loadManifest(host.disk, app.path('backstep.yaml'), system));
}
