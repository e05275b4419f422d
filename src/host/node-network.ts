import { createServer, type NetConnectOpts, Socket } from 'node:net';
import type { Endpoint, Network, Reach } from './network.ts';
import { errnoOf } from './node-fault.ts';
import { get } from './node-http.ts';

export const nodeNetwork: Network = { freePort, reach, get };

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () => {
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
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
