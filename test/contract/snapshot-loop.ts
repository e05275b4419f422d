/** For src/store/crash.test.ts: takes snapshots of a tree, changing it each time, until it is killed. */
import { join } from 'node:path/posix';
import { nodeHost } from '../../src/host/node.ts';
import { replaceWhole } from '../../src/host/whole-file.ts';
import { openStore } from '../../src/store/store.ts';

const [root = '', tree = ''] = process.argv.slice(2);
const host = nodeHost();
const store = openStore(host, root);

for (let round = 0; ; round += 1) {
  for (let at = 0; at < 20; at += 1) {
    const bytes = Buffer.from(`round ${round} of file ${at}`);
    replaceWhole(host, join(tree, String(at)), { bytes, mode: 0o600 });
  }
  const writer = await store.beginSnapshot({ label: `round ${round}`, waitMs: 60_000 });
  writer.addTree(tree, { as: 'data' });
  writer.commit();
}
