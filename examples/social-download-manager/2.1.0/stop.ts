import type { Server } from 'node:http';

/** How long requests that are under way may take to end; the whole stop has 5 s. */
const graceMs = 2_000;

/** Resolves with the first signal that asks for a stop and is not ignored; later ones change nothing. */
export function stopSignal(
  isIgnored: (signal: NodeJS.Signals) => boolean,
): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => (isIgnored(signal) ? undefined : resolve(signal)));
  });
}

/** Takes no more connections, lets requests end for 2 s, and cuts off those that are left. */
export async function stopHttp(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  server.closeIdleConnections();
  await closed.finally(() => clearTimeout(timer));
}
