/**
 * The supervisor's own executable: `node supervisor.ts FOLDER ORDER`. Started detached, in a session of
 * its own; it ends with the application, or when SIGTERM asks it to.
 * Exit codes: 0 it stopped, or was masked · 1 the application stays down · 75 another one supervises.
 */
import { nodeHost } from '../../host/node.ts';
import { takeOrder } from './launch-order.ts';
import { supervise } from './supervision.ts';

const [folder, orderName] = process.argv.slice(2);
if (folder === undefined || orderName === undefined) {
  process.stderr.write('usage: supervisor FOLDER ORDER (it is started by `backstep`)\n');
  process.exit(2);
}

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
process.on('SIGINT', () => stop.abort());
// The terminal that it was started from may close.
process.on('SIGHUP', () => undefined);

const host = nodeHost();
const order = takeOrder(host, folder, orderName);
const record = await supervise(host, { folder, order, stop: stop.signal });
const anotherSupervises = 75;
if (record === null) process.exitCode = anotherSupervises;
else process.exitCode = ['stopped', 'masked', 'ended'].includes(record.state) ? 0 : 1;
