import { tmpdir } from 'node:os';
import { join } from 'node:path/posix';
import type { TestContext } from 'node:test';
import type { Host } from '../../src/host/host.ts';
import { randomHex } from '../../src/host/random.ts';
import { removeTree } from '../../src/host/whole-file.ts';

/** A fresh folder, removed when the test ends. */
export function scratchFolder(t: TestContext, host: Host): string {
  const real = host.disk.realPath(tmpdir());
  const folder = join(real, `backstep-${randomHex(host.random, 6)}`);
  host.disk.makeFolder(folder, 0o700);
  t.after(() => removeTree(host.disk, folder));
  return folder;
}
