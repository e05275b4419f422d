import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..');

/**
 * The package as `npm run build` makes it, in a folder that is not there yet, from what is committed: a work tree may be
 * half edited. Returns its program.
 */
export function buildPackage(folder: string): string {
  mkdirSync(folder);
  const archive = join(folder, 'committed.tar');
  execFileSync('git', ['-C', repository, 'archive', '--output', archive, 'HEAD']);
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const project = join(folder, 'tsconfig.build.json');
  execFileSync(join(repository, 'node_modules/.bin/tsc'), ['-p', project]);
  execFileSync(process.execPath, [join(folder, 'scripts/bundle-program.ts')]);
  return join(folder, 'dist/main.js');
}
