import { dirname } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { ProcessEntry } from '../../host/processes.ts';
import { createWhole, makeFolders } from '../../host/whole-file.ts';
import { readTail, removeIfThere } from '../private-file.ts';
import { listed, shown } from '../process-table.ts';
import { withDescendants } from '../process/tree.ts';
import { readPseudoFile } from '../pseudo-file.ts';
import { refused, runQuery, runStep, type Argv } from '../run-command.ts';
import type {
  Death,
  RunningProcess,
  Service,
  ServiceKind,
  ServiceStatus,
  ServiceSurroundings,
} from '../service.ts';
import { holdingBack, openrcActs, openrcCommand, pidFileOf, type OpenrcAct } from './commands.ts';
import { openrcSchema, type OpenrcDefinition } from './definition.ts';
import { parsePid, stateOfCode, type OpenrcState } from './facts.ts';

/** A service of OpenRC. Its own file is its script. */
export const openrcKind: ServiceKind<OpenrcDefinition> = {
  schema: openrcSchema,
  files: ({ name }) => [`/etc/init.d/${name}`],
  commands: (definition) =>
    openrcActs.map((act) => ({ act, argv: openrcCommand(definition, act) })),
  open: (definition, surroundings) => new OpenrcService(definition, surroundings),
};

class OpenrcService implements Service {
  readonly canStart = true;
  readonly #definition: OpenrcDefinition;
  readonly #around: ServiceSurroundings;

  constructor(definition: OpenrcDefinition, around: ServiceSurroundings) {
    this.#definition = definition;
    this.#around = around;
  }

  async status(): Promise<ServiceStatus> {
    const { state, hasFailed } = await this.#facts();
    return {
      state: hasFailed ? 'down' : state === 'stopped' ? 'stopped' : 'running',
      isMasked: this.#around.host.disk.lstat(holdingBack(this.#definition).path) !== null,
      mainPid: this.#tree()[0]?.pid ?? null,
      restartCount: 0,
      detail: detailOf(state, hasFailed),
    };
  }

  async mask(): Promise<void> {
    const { path, text } = holdingBack(this.#definition);
    const { disk } = this.#around.host;
    await this.#facts();
    makeFolders(disk, dirname(path), 0o755);
    removeIfThere(disk, path);
    createWhole(disk, path, { bytes: Buffer.from(text), mode: 0o644 });
    await this.#run('refresh');
  }

  async unmask(): Promise<void> {
    const { path } = holdingBack(this.#definition);
    if (this.#around.host.disk.lstat(path) === null) return;
    removeIfThere(this.#around.host.disk, path);
    await this.#run('refresh');
  }

  /** What its script leaves behind, or does not end in time, is killed; then OpenRC is told that it is gone. */
  async stop(signal?: AbortSignal): Promise<void> {
    const { processes } = this.#around.host;
    const there = this.#tree();
    if ((await this.#facts()).state === 'stopped' && there.length === 0) return;
    const abort = signal === undefined ? {} : { abort: signal };
    const limitMs = this.#definition.stopTimeoutMs;
    const argv = openrcCommand(this.#definition, 'stop');
    const ended = await processes.run({ argv }, { limitMs, ...abort });
    if (ended.ended === 'aborted') throw refused(argv, ended, this.#log());
    if (!(await this.#areGone(there, limitMs, signal))) {
      for (const entry of this.#left(there)) this.#kill(entry);
      await this.#areGone(there, killWaitMs, signal);
    }
    const left = this.#left(there);
    if (left.length > 0) throw stillRunning(this.#definition, this.#shown(left));
    if ((await this.#facts()).state !== 'stopped') await this.#run('zap', signal);
  }

  async start(signal?: AbortSignal): Promise<void> {
    const { state, hasFailed } = await this.#facts();
    if (state !== 'stopped' && !hasFailed) return;
    if (hasFailed) await this.#run('zap', signal);
    await this.#run('start', signal);
  }

  async processes(): Promise<readonly RunningProcess[]> {
    return this.#shown(this.#tree());
  }

  /** OpenRC does not keep how a process ended. */
  async death(): Promise<Death | null> {
    const { state, hasFailed } = await this.#facts();
    if (!hasFailed) return null;
    return {
      exitCode: null,
      signal: null,
      detail: detailOf(state, hasFailed),
      lastLines: await this.lastLines(shownLineCount),
    };
  }

  async lastLines(count: number): Promise<readonly string[]> {
    const { log } = this.#definition;
    const { disk } = this.#around.host;
    if (log === undefined || disk.lstat(log)?.kind !== 'file') return [];
    const lines = readTail(disk, log, tailBytes).split('\n');
    return lines.filter((line) => line !== '').slice(-count);
  }

  /** `hasFailed`: it counts as started, and its process is gone (older versions do not see that by themselves). */
  async #facts(): Promise<{ readonly state: OpenrcState; readonly hasFailed: boolean }> {
    const argv = openrcCommand(this.#definition, 'show');
    const asked = await runQuery(this.#around.host, argv);
    const state = stateOfCode(asked.code);
    const isThere = await runQuery(this.#around.host, openrcCommand(this.#definition, 'exists'));
    if (isThere.code !== 0) throw unknown(this.#definition);
    if (state === null) throw refused(argv, asked, this.#log());
    const isLost = state === 'started' && this.#pid() !== null && this.#tree().length === 0;
    return { state, hasFailed: state === 'crashed' || isLost };
  }

  #pid(): number | null {
    return parsePid(readPseudoFile(this.#around.host, pidFileOf(this.#definition)) ?? '');
  }

  /** The process that its pid file names, and all that descend from it. */
  #tree(): readonly ProcessEntry[] {
    const pid = this.#pid();
    if (pid === null) return [];
    const entries = this.#around.host.processes.list();
    return withDescendants(
      entries,
      entries.filter((entry) => entry.pid === pid),
    );
  }

  #left(there: readonly ProcessEntry[]): readonly ProcessEntry[] {
    const now = this.#around.host.processes.list();
    return there.filter(({ pid, startTicks }) =>
      now.some((entry) => entry.pid === pid && entry.startTicks === startTicks),
    );
  }

  async #areGone(
    there: readonly ProcessEntry[],
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { clock } = this.#around.host;
    const deadlineMs = clock.monotonicMs() + waitMs;
    while (this.#left(there).length > 0) {
      if (clock.monotonicMs() >= deadlineMs) return false;
      await clock.sleep(lookEveryMs, signal);
    }
    return true;
  }

  #kill({ pid, startTicks }: ProcessEntry): void {
    const { processes } = this.#around.host;
    const identity = processes.identify(pid);
    if (identity?.startTicks === startTicks) processes.signal(identity, 'SIGKILL');
  }

  #shown(entries: readonly ProcessEntry[]): readonly RunningProcess[] {
    return entries.map((entry) => shown(this.#around.host, entry));
  }

  #log(): Argv {
    return openrcCommand(this.#definition, 'show');
  }

  async #run(act: OpenrcAct, signal?: AbortSignal): Promise<void> {
    const argv = openrcCommand(this.#definition, act);
    await runStep(this.#around.host, argv, { signal, log: this.#log() });
  }
}

function unknown({ name }: OpenrcDefinition): BackstepError {
  return new BackstepError('service/unknown', {
    message: `service.name: OpenRC has no service ${name}`,
    hint: '`rc-service --list` prints the names',
  });
}

function stillRunning({ name }: OpenrcDefinition, left: readonly RunningProcess[]): BackstepError {
  return new BackstepError('service/still-running', {
    message: `processes of ${name} do not end: ${listed(left)}`,
    hint: 'end them by hand, then run the command again',
  });
}

function detailOf(state: OpenrcState, hasFailed: boolean): string {
  return hasFailed ? 'crashed' : state;
}

const killWaitMs = 5000;
const lookEveryMs = 50;
const shownLineCount = 20;
const tailBytes = 64 * 1024;
