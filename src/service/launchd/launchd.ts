import { BackstepError } from '../../fault/backstep-error.ts';
import { readTail } from '../private-file.ts';
import { listed } from '../process-table.ts';
import { remembered } from '../remembered.ts';
import { refused, runQuery, runStep, type Argv } from '../run-command.ts';
import type {
  RunningProcess,
  Service,
  ServiceKind,
  ServiceStatus,
  ServiceSurroundings,
} from '../service.ts';
import {
  launchdActs,
  launchdCommand,
  listProcesses,
  plistOf,
  whoami,
  type JobPlace,
  type LaunchdAct,
} from './commands.ts';
import { launchdSchema, type LaunchdDefinition } from './definition.ts';
import { isListedDisabled, parsePrint, treeBelow, type JobFacts } from './facts.ts';

/** A job of launchd, of the system or of a logged-in user (macOS). */
export const launchdKind: ServiceKind<LaunchdDefinition> = {
  schema: launchdSchema,
  files: (definition, { home }) => [plistOf(definition, home)],
  commands: (definition) => {
    const domain = definition.domain === 'system' ? 'system' : 'gui/UID';
    const place = { plist: plistOf(definition, 'HOME'), domain };
    return launchdActs.map((act) => ({ act, argv: launchdCommand(definition, place, act) }));
  },
  open: (definition, surroundings) => new Job(definition, surroundings),
};

class Job implements Service {
  readonly canStart = true;
  readonly #definition: LaunchdDefinition;
  readonly #around: ServiceSurroundings;

  constructor(definition: LaunchdDefinition, around: ServiceSurroundings) {
    this.#definition = definition;
    this.#around = around;
  }

  async status(): Promise<ServiceStatus> {
    const facts = await this.#facts();
    return {
      state: stateOf(facts),
      isMasked: await this.#isDisabled(),
      mainPid: facts?.pid ?? null,
      restartCount: Math.max(0, (facts?.runCount ?? 0) - 1),
      detail: facts === null ? 'not loaded' : detailOf(facts),
    };
  }

  async mask(): Promise<void> {
    const was = (await this.#isDisabled()) ? 'disabled' : 'enabled';
    remembered(this.#around, 'launchd').keep({ was });
    await this.#act('mask');
  }

  async unmask(): Promise<void> {
    const memory = remembered(this.#around, 'launchd');
    const known = memory.read();
    if (known === null) return;
    if (known['was'] !== 'disabled') await this.#act('unmask');
    memory.forget();
  }

  async stop(signal?: AbortSignal): Promise<void> {
    const { clock } = this.#around.host;
    const there = await this.processes();
    if ((await this.#facts()) !== null) {
      await this.#act('stop', { signal, mayFail: true });
    }
    const deadlineMs = clock.monotonicMs() + this.#definition.stopTimeoutMs;
    while ((await this.#left(there)).length > 0 && clock.monotonicMs() < deadlineMs) {
      await clock.sleep(lookEveryMs, signal);
    }
    if ((await this.#facts()) !== null) await this.#act('kill', { mayFail: true });
    const left = await this.#left(there);
    if (left.length === 0 && (await this.#facts()) === null) return;
    throw new BackstepError('service/still-running', {
      message: `processes of ${this.#definition.label} do not end: ${listed(left)}`,
      hint: `end them by hand, then run the command again (\`${(await this.#command('show')).join(' ')}\`)`,
    });
  }

  async start(signal?: AbortSignal): Promise<void> {
    if ((await this.#facts()) === null) await this.#act('load', { signal });
    const { pid = null } = (await this.#facts()) ?? {};
    if (pid === null) await this.#act('start', { signal });
  }

  async processes(): Promise<readonly RunningProcess[]> {
    const pid = (await this.#facts())?.pid ?? null;
    return pid === null ? [] : treeBelow(await this.#processTable(), pid);
  }

  async death() {
    const facts = await this.#facts();
    if (facts === null || (facts.pid !== null && facts.runCount <= 1)) return null;
    return {
      exitCode: facts.lastSignal === '' ? facts.lastExitCode : null,
      signal: facts.lastSignal === '' ? null : facts.lastSignal,
      detail: detailOf(facts),
      lastLines: await this.lastLines(shownLineCount),
    };
  }

  async lastLines(count: number): Promise<readonly string[]> {
    const path = (await this.#facts())?.outputPath ?? '';
    const { disk } = this.#around.host;
    if (path === '' || disk.lstat(path)?.kind !== 'file') return [];
    const lines = readTail(disk, path, tailBytes).split('\n');
    return lines.filter((line) => line !== '').slice(-count);
  }

  /** Those of the processes that were there which still live. */
  async #left(there: readonly RunningProcess[]): Promise<readonly RunningProcess[]> {
    if (there.length === 0) return [];
    const table = await this.#processTable();
    return there.filter(({ pid, command }) =>
      treeBelow(table, pid).some((each) => each.pid === pid && each.command === command),
    );
  }

  async #processTable(): Promise<string> {
    return (await runQuery(this.#around.host, listProcesses)).stdout;
  }

  async #facts(): Promise<JobFacts | null> {
    const printed = await runQuery(this.#around.host, await this.#command('show'));
    return printed.code === 0 ? parsePrint(printed.stdout) : null;
  }

  async #isDisabled(): Promise<boolean> {
    const printed = await runQuery(this.#around.host, await this.#command('disabled'));
    return isListedDisabled(printed.stdout, this.#definition.label);
  }

  async #act(
    act: LaunchdAct,
    options: { readonly signal?: AbortSignal | undefined; readonly mayFail?: boolean } = {},
  ): Promise<void> {
    const argv = await this.#command(act);
    if (options.mayFail === true) await runQuery(this.#around.host, argv);
    else {
      const log = await this.#command('show');
      await runStep(this.#around.host, argv, { signal: options.signal, log });
    }
  }

  async #command(act: LaunchdAct): Promise<Argv> {
    return launchdCommand(this.#definition, await this.#place(), act);
  }

  async #place(): Promise<JobPlace> {
    const home = this.#around.environment['HOME'] ?? '/';
    const plist = plistOf(this.#definition, home);
    if (this.#definition.domain === 'system') return { plist, domain: 'system' };
    const asked = await runQuery(this.#around.host, whoami);
    if (asked.code !== 0) throw refused(whoami, asked, whoami);
    return { plist, domain: `gui/${asked.stdout.trim()}` };
  }
}

function stateOf(facts: JobFacts | null): ServiceStatus['state'] {
  if (facts === null) return 'stopped';
  if (facts.pid !== null) return 'running';
  const hasFailed = facts.lastSignal !== '' || (facts.lastExitCode ?? 0) !== 0;
  return hasFailed ? 'down' : 'stopped';
}

function detailOf({ state, lastExitCode, lastSignal }: JobFacts): string {
  if (lastSignal !== '') return `${state}, last ended by ${lastSignal}`;
  return lastExitCode === null ? state : `${state}, last exit code ${lastExitCode}`;
}

const lookEveryMs = 100;
const shownLineCount = 20;
const tailBytes = 64 * 1024;
