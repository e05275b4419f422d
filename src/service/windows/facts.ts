/** What `sc.exe queryex` tells of a service. Numbers are read, since the words beside them are translated. */
export interface WindowsFacts {
  readonly state: WindowsState;
  readonly pid: number | null;
  /** Of its last end; 1077 where it was not started since the machine was. */
  readonly exitCode: number;
}

const states = {
  1: 'stopped',
  2: 'start-pending',
  3: 'stop-pending',
  4: 'running',
  5: 'continue-pending',
  6: 'pause-pending',
  7: 'paused',
} as const;
export type WindowsState = (typeof states)[keyof typeof states];

/** sc.exe's exit code for a service that does not exist. */
export const noSuchService = 1060;

/** Reads `        STATE              : 4  RUNNING` and its likes. */
export function parseQuery(text: string): WindowsFacts | null {
  const state = Object.entries(states).find(([number]) => number === numberOf(text, 'STATE'))?.[1];
  if (state === undefined) return null;
  const pid = Number(numberOf(text, 'PID'));
  return {
    state,
    pid: pid > 0 ? pid : null,
    exitCode: Number(numberOf(text, 'WIN32_EXIT_CODE') ?? '0'),
  };
}

const startTypes = { 2: 'auto', 3: 'demand', 4: 'disabled' } as const;

/** The way of starting in the words that `sc.exe config` takes; null where it cannot be read. */
export function parseStartType(text: string): string | null {
  const number = numberOf(text, 'START_TYPE');
  const found = Object.entries(startTypes).find(([each]) => each === number)?.[1];
  if (found === undefined) return null;
  return found === 'auto' && /START_TYPE\s*:\s*2\s+\w+\s+\(DELAYED\)/.test(text)
    ? 'delayed-auto'
    : found;
}

function numberOf(text: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}\\s*:\\s*(\\d+)`, 'm').exec(text)?.[1];
}
