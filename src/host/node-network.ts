import { createServer, type NetConnectOpts, Socket } from 'node:net';
import { pid } from 'node:process';
import type { Endpoint, Network, Reach } from './network.ts';
import { errnoOf } from './node-fault.ts';
import { get } from './node-http.ts';
import { getWithin } from './node-within.ts';

export const nodeNetwork: Network = {
  freePort,
  reach,
  get,
  within: (process) => ({ get: (url, limits) => getWithin(process, url, limits) }),
};

/** Below what Linux (32768), Windows and macOS (49152) give to those who ask for any port, and to connections. */
const ownPorts = { first: 20_000, count: 10_000 };
/** Each process begins at a place of its own: two that ask at once are not told the same. */
let asked = pid * 16;

async function freePort(): Promise<number> {
  for (let tries = 0; tries < ownPorts.count; tries += 1) {
    const port = await bound(ownPorts.first + (asked++ % ownPorts.count));
    if (port !== null) return port;
  }
  const any = await bound(0);
  if (any === null) throw new Error('no port of 127.0.0.1 is free');
  return any;
}

/** The port, 0 for any, once somebody has listened there for a moment; null where it is taken. */
function bound(wanted: number): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const server = createServer();
  server.once('error', () => resolve(null));
  server.listen({ host: '127.0.0.1', port: wanted, exclusive: true }, () => {
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : null;
    server.close(() => resolve(port));
  });
  return promise;
}

function reach({ host, port }: Endpoint, limitMs: number): Promise<Reach> {
  const { promise, resolve } = Promise.withResolvers<Reach>();
  const socket = new Socket();
  const alarm = setTimeout(() => done('silent'), limitMs);
  const done = (answer: Reach): void => {
    clearTimeout(alarm);
    socket.destroy();
    resolve(answer);
  };
  socket.once('connect', () => done('open'));
  socket.once('error', (error) =>
    done(errnoOf(error) === 'ECONNREFUSED' ? 'refused' : 'unreachable'),
  );
  const target: NetConnectOpts = { host, port };
  socket.connect(target);
  return promise;
}
