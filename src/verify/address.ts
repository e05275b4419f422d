import type { Ground } from '../switch/ground.ts';

/** Where a path of the application is asked for; null where neither it nor a port says where. */
export function addressOf({ manifest }: Ground, path: string): URL | null {
  if (!path.startsWith('/')) return URL.parse(path);
  const { port } = manifest.service;
  const ready = manifest.health.ready?.http;
  const origin = ready === undefined || ready.startsWith('/') ? null : URL.parse(ready)?.origin;
  if (origin !== null && origin !== undefined) return URL.parse(path, origin);
  return port === undefined ? null : URL.parse(path, `http://127.0.0.1:${port}`);
}
