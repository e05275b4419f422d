/** What OpenRC takes a service for. */
export type OpenrcState = 'started' | 'stopped' | 'stopping' | 'starting' | 'inactive' | 'crashed';

/** What `rc-service NAME status` ends with. Source: openrc-run.sh and rc.h of OpenRC. */
const states: ReadonlyMap<number | null, OpenrcState> = new Map([
  [0, 'started'],
  [3, 'stopped'],
  [4, 'stopping'],
  [8, 'starting'],
  [16, 'inactive'],
  [32, 'crashed'],
]);

/** null where the exit code is of another matter. */
export function stateOfCode(code: number | null): OpenrcState | null {
  return states.get(code) ?? null;
}

/** The number in the file's first line; null where there is none. */
export function parsePid(text: string): number | null {
  const pid = Number(/^\s*(\d+)\s*$/m.exec(text)?.[1]);
  return pid > 0 ? pid : null;
}
