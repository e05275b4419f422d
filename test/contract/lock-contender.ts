/** For src/store/lock.test.ts: adds 1 to a counter 20 times under the lock, failing if somebody else is at it. */
import { join } from 'node:path/posix';
import { nodeHost } from '../../src/host/node.ts';
import { createWhole, readWhole } from '../../src/host/whole-file.ts';
import { acquireLock } from '../../src/store/lock.ts';

const [locks = '', folder = ''] = process.argv.slice(2);
const host = nodeHost();
const { disk } = host;
const count = join(folder, 'count');

for (let round = 0; round < 20; round += 1) {
  const lock = await acquireLock(host, locks, { purpose: 'count', waitMs: 100_000 });
  createWhole(disk, join(folder, 'inside'), { bytes: new Uint8Array(), mode: 0o600 });
  const before = disk.lstat(count) === null ? 0 : Number(readWhole(disk, count).toString());
  if (before > 0) disk.removeFile(count);
  createWhole(disk, count, { bytes: Buffer.from(String(before + 1)), mode: 0o600 });
  disk.removeFile(join(folder, 'inside'));
  lock.release();
}
