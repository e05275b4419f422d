import { BackstepError } from '../fault/backstep-error.ts';
import type { FileStat } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import type { Holder, OpenFiles } from '../host/processes.ts';
import { listed, shown } from './process-table.ts';

/** Files that no other process may have held open at one moment. */
export interface Released {
  readonly see: (path: string, stat: FileStat) => void;
  /** Throws `service/held` with pid, command and file where one that was seen was held. */
  readonly require: () => void;
}

export function openReleased(host: Host, open: OpenFiles): Released {
  const { pid: self } = host.processes.self();
  const holders: Holder[] = [];
  return {
    see: (path, stat) => {
      holders.push(...othersWith(open, { path, stat, self }));
    },
    require: () => {
      if (holders.length > 0) throw held(host, holders);
    },
  };
}

/** Other processes that hold one of the files open now. */
export function holdersOf(host: Host, files: readonly string[]): readonly Holder[] {
  const there = filesThere(host, files);
  if (there.length === 0) return [];
  const open = host.processes.openFiles();
  const { pid: self } = host.processes.self();
  return there.flatMap((file) => othersWith(open, { ...file, self }));
}

export interface FileThere {
  readonly path: string;
  readonly stat: FileStat;
}

export function filesThere({ disk }: Host, paths: readonly string[]): readonly FileThere[] {
  return paths.flatMap((path) => {
    const stat = disk.lstat(path);
    return stat === null ? [] : [{ path, stat }];
  });
}

function othersWith(
  open: OpenFiles,
  { path, stat, self }: FileThere & { readonly self: number },
): readonly Holder[] {
  const holders = open.holdersOf(stat).filter(({ pid }) => pid !== self);
  return holders.map(({ pid, name }) => ({ pid, name, path }));
}

function held(host: Host, holders: readonly Holder[]): BackstepError {
  const byProgram = Map.groupBy(holders, (holder) => listed([shown(host, holder)]));
  const named = [...byProgram].map(
    ([program, files]) => `${program} holds ${files.map(({ path }) => path).join(', ')}`,
  );
  return new BackstepError('service/held', {
    message: `still open: ${named.join('; ')}`,
    hint: 'close that program, then run the command again',
  });
}
