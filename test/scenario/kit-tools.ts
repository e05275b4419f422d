import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import type { SmallApplication } from './small-application.ts';

/** Programs that a kit may call. Neither `node` nor `backstep` is among them. */
const programs = `
  sh dash bash busybox env setsid nohup runuser kill sleep id
  cat cp mv ln rm mkdir chmod chown readlink ls dirname sync
  sed grep tr head tail sort date tee sqlite3 curl wget
  sha256sum shasum openssl
`
  .trim()
  .split(/\s+/);

/** Makes a folder that can be the whole PATH: links to what this machine has of the programs, but for some of them. */
export function linkTools(folder: string, without: readonly string[] = []): void {
  mkdirSync(folder);
  for (const program of programs.filter((each) => !without.includes(each))) {
    const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
    const path = found.stdout.trim();
    if (path.startsWith('/')) symlinkSync(path, `${folder}/${program}`);
  }
}

/** A shell that has no `sqlite3` runs the script of the application's kit: documents and rows are left out. */
export function goBackWithoutSqlite(app: SmallApplication): void {
  const path = app.path('tools');
  linkTools(path, ['sqlite3']);
  const script = app.path('state/kit/emergency_rollback.sh');
  const said = spawnSync(`${path}/sh`, [script, '--confirm'], {
    encoding: 'utf8',
    env: { PATH: path },
  });
  assert.equal(said.status, 0, said.stdout + said.stderr);
}
