import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { nodeHost } from './node.ts';

test('what was compiled is kept in a folder of the user’s own', (t) => {
  const { cache, start } = scene(t);
  start();
  assert.notDeepEqual(readdirSync(join(cache, 'backstep')), []);
});

test('nothing is kept in a folder that others can write to, or where a link stands', (t) => {
  const open = scene(t);
  mkdirSync(join(open.cache, 'backstep'), { recursive: true });
  chmodSync(join(open.cache, 'backstep'), 0o770);
  open.start();
  assert.deepEqual(readdirSync(join(open.cache, 'backstep')), []);
  const linked = scene(t);
  const elsewhere = join(linked.cache, 'elsewhere');
  mkdirSync(elsewhere, { recursive: true, mode: 0o700 });
  symlinkSync(elsewhere, join(linked.cache, 'backstep'));
  linked.start();
  assert.deepEqual(readdirSync(elsewhere), []);
});

test('a home that is not there, or a file in its place, keeps no command from running', (t) => {
  const { cache, start } = scene(t);
  start({ HOME: join(cache, 'none') });
  assert.equal(existsSync(join(cache, 'backstep')), false);
});

/** Starts a program of one module that keeps what is compiled. */
function scene(t: TestContext): {
  readonly cache: string;
  readonly start: (env?: Record<string, string>) => void;
} {
  const folder = scratchFolder(t, nodeHost());
  const cache = join(folder, 'cache');
  const module = pathToFileURL(join(import.meta.dirname, 'node-compiled.ts')).href;
  const program = `
    import { keepCompiled } from '${module}';
    keepCompiled(process.env);
    await import('${pathToFileURL(join(import.meta.dirname, 'clock.ts')).href}');
    await import('${pathToFileURL(join(import.meta.dirname, 'node-fault.ts')).href}');
    await import('${pathToFileURL(join(import.meta.dirname, 'node-path.ts')).href}');
    await import('${pathToFileURL(join(import.meta.dirname, 'node-mounts.ts')).href}');`;
  return {
    cache,
    start: (env = {}) => {
      const { NODE_COMPILE_CACHE: _, ...inherited } = process.env;
      const done = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
        encoding: 'utf8',
        env: { ...inherited, HOME: folder, XDG_CACHE_HOME: cache, ...env },
      });
      assert.equal(done.status, 0, done.stderr);
    },
  };
}
