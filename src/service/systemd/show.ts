/** What `systemctl show` tells of a unit. Source: org.freedesktop.systemd1(5). */
export interface UnitFacts {
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly unitFileState: string;
  /** The unit's file; empty where it has none. */
  readonly unitFile: string;
  /** null while no main process runs. */
  readonly mainPid: number | null;
  /** Within the cgroup hierarchy, such as `/system.slice/x.service`; empty while it has none. */
  readonly controlGroup: string;
  /** `success`, or why it failed: `exit-code`, `signal`, `timeout`, `start-limit-hit`, … */
  readonly result: string;
  readonly exitStatus: number;
  readonly restartCount: number;
  /** Sockets, timers and paths that start it by themselves. */
  readonly triggers: readonly string[];
}

/** Reads `Name=value` lines; properties that this version of systemd does not know stay empty. */
export function parseShow(text: string): UnitFacts {
  const values = new Map(text.split('\n').map(splitLine));
  const value = (name: string) => values.get(name) ?? '';
  const mainPid = Number(value('MainPID'));
  return {
    loadState: value('LoadState'),
    activeState: value('ActiveState'),
    subState: value('SubState'),
    unitFileState: value('UnitFileState'),
    unitFile: value('FragmentPath'),
    mainPid: mainPid > 0 ? mainPid : null,
    controlGroup: value('ControlGroup'),
    result: value('Result'),
    exitStatus: Number(value('ExecMainStatus')),
    restartCount: Number(value('NRestarts')),
    triggers: value('TriggeredBy')
      .split(' ')
      .filter((name) => name !== ''),
  };
}

function splitLine(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
