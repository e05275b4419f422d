import type { RunningProcess } from '../service.ts';

/** What `launchctl print` tells of a job; null where launchd does not know it. */
export interface JobFacts {
  /** `running`, `waiting`, `not running`, … */
  readonly state: string;
  readonly pid: number | null;
  readonly runCount: number;
  /** null where it has not ended yet, or was ended by a signal. */
  readonly lastExitCode: number | null;
  /** `Killed: 9`; empty where no signal ended it. */
  readonly lastSignal: string;
  /** Where it writes to; empty where that is nowhere. */
  readonly outputPath: string;
}

/** Reads the job's own `name = value` lines; those of its parts are indented further. */
export function parsePrint(text: string): JobFacts {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const found = /^\t([a-z][a-z ]*) = (.*)$/.exec(line);
    const [, name, value] = found ?? [];
    if (name !== undefined && value !== undefined && !values.has(name)) values.set(name, value);
  }
  const pid = Number(values.get('pid'));
  const code = /^(\d+)/.exec(values.get('last exit code') ?? '')?.[1];
  return {
    state: values.get('state') ?? '',
    pid: pid > 0 ? pid : null,
    runCount: Number(values.get('runs') ?? '0'),
    lastExitCode: code === undefined ? null : Number(code),
    lastSignal: values.get('last terminating signal') ?? '',
    outputPath: values.get('stderr path') ?? values.get('stdout path') ?? '',
  };
}

/** Whether `launchctl print-disabled` lists the label as held back: `=> disabled`, or `=> true` before macOS 13. */
export function isListedDisabled(text: string, label: string): boolean {
  const line = text.split('\n').find((each) => each.trim().startsWith(`"${label}" =>`));
  return line !== undefined && /=> (disabled|true)\s*$/.test(line);
}

/** A process and all below it, from the lines of `ps -axo pid=,ppid=,command=`. */
export function treeBelow(text: string, rootPid: number): readonly RunningProcess[] {
  const rows = text.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || parent === undefined || command === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), command }];
  });
  const wanted = new Set([rootPid]);
  for (let grown = true; grown;) {
    const more = rows.filter(({ pid, parent }) => wanted.has(parent) && !wanted.has(pid));
    for (const { pid } of more) wanted.add(pid);
    grown = more.length > 0;
  }
  return rows.filter(({ pid }) => wanted.has(pid)).map(({ pid, command }) => ({ pid, command }));
}
