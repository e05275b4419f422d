import { BackstepError } from '../fault/backstep-error.ts';
import { strict, z } from '../form/schema.ts';
import { DiskError } from '../host/disk-error.ts';
import type { Host } from '../host/host.ts';
import { argumentsOf, executableOf, listed, shown, workingFolderOf } from './process-table.ts';
import { isAbsolute, join, sep } from 'node:path';
import { serviceKeys } from './keys.ts';
import type { RunningProcess, Service, ServiceKind } from './service.ts';

/** A desktop program, which only a person opens and closes: it must not run during a switch. */
export type NoneDefinition = Readonly<z.output<typeof noneSchema>>;

const noneSchema = strict({ manager: z.literal('none'), port: serviceKeys.port });

/**
 * Nothing is started, stopped or signalled. A program counts as running while its executable lies in a
 * folder of the releases, or while a known interpreter runs a script from there. (Who holds an asset's
 * files open is asked by `quiesce`, for every manager.)
 */
export const noneKind: ServiceKind<NoneDefinition> = {
  schema: noneSchema,
  files: () => [],
  commands: () => [],
  open: (_definition, { host, releaseFolders }): Service => {
    const running = () => {
      const folders = releaseFolders.map((folder) => withoutLinks(host, folder));
      return runningFrom(host, folders);
    };
    return {
      canStart: false,
      status: async () => {
        const [first] = running();
        return {
          state: first === undefined ? 'stopped' : 'running',
          isMasked: false,
          mainPid: first?.pid ?? null,
          restartCount: 0,
          detail: first?.command ?? '',
        };
      },
      // Nothing to hold back: the release is displaced before all else and placed last.
      mask: async () => undefined,
      unmask: async () => undefined,
      stop: async () => refuseRunning(running()),
      start: async () => undefined,
      processes: async () => running(),
      death: async () => null,
      lastLines: async () => [],
    };
  },
};

function refuseRunning(running: readonly RunningProcess[]): void {
  if (running.length === 0) return;
  throw new BackstepError('service/running', {
    message: `the application is open: ${listed(running)}`,
    hint: 'close it, then run the command again; nothing was touched',
  });
}

function runningFrom(host: Host, folders: readonly string[]): readonly RunningProcess[] {
  const self = host.processes.self();
  return host.processes
    .list()
    .filter((entry) => entry.pid !== self.pid && isFrom(host, entry.pid, folders))
    .map((entry) => shown(host, entry));
}

function isFrom(host: Host, pid: number, folders: readonly string[]): boolean {
  const executable = executableOf(host, pid);
  if (executable === null) return false;
  if (folders.some((folder) => isBelow(executable, folder))) return true;
  if (!interpreters.test(executable)) return false;
  const script = scriptOf(host, pid);
  return script !== null && folders.some((folder) => isBelow(script, folder));
}

/** The first argument that is no option: what an interpreter runs. */
function scriptOf(host: Host, pid: number): string | null {
  const script = argumentsOf(host, pid)
    ?.slice(1)
    .find((argument) => !argument.startsWith('-'));
  if (script === undefined) return null;
  if (isAbsolute(script)) return withoutLinks(host, script);
  const folder = workingFolderOf(host, pid);
  return folder === null ? null : withoutLinks(host, join(folder, script));
}

// A launcher elsewhere is often a link into the release; and what another program was given need be no path at all.
function withoutLinks(host: Host, path: string): string {
  try {
    return host.disk.realPath(path);
  } catch (error) {
    if (error instanceof DiskError) return path;
    throw error;
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

const interpreters =
  /\/(node|nodejs|bun|deno|electron|python[\d.]*|ruby[\d.]*|perl[\d.]*|php[\d.]*|java|mono|dotnet|bash|dash|sh|zsh)$/;
