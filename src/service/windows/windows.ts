import { BackstepError } from '../../fault/backstep-error.ts';
import { remembered } from '../remembered.ts';
import { refused, runQuery, runStep, type Argv } from '../run-command.ts';
import type {
  Death,
  RunningProcess,
  Service,
  ServiceKind,
  ServiceStatus,
  ServiceSurroundings,
} from '../service.ts';
import { killCommand, unmaskCommand, windowsActs, windowsCommand } from './commands.ts';
import { windowsSchema, type WindowsDefinition } from './definition.ts';
import { noSuchService, parseQuery, parseStartType, type WindowsFacts } from './facts.ts';

/** A service of Windows. Its description lies in the registry, so it has no files. */
export const windowsKind: ServiceKind<WindowsDefinition> = {
  schema: windowsSchema,
  files: () => [],
  commands: (definition) =>
    windowsActs.map((act) => ({ act, argv: windowsCommand(definition, act) })),
  open: (definition, surroundings) => new WindowsService(definition, surroundings),
};

class WindowsService implements Service {
  readonly canStart = true;
  readonly #definition: WindowsDefinition;
  readonly #around: ServiceSurroundings;

  constructor(definition: WindowsDefinition, around: ServiceSurroundings) {
    this.#definition = definition;
    this.#around = around;
  }

  async status(): Promise<ServiceStatus> {
    const facts = await this.#facts();
    const hasFailed = facts.state === 'stopped' && !soundEnds.includes(facts.exitCode);
    return {
      state: facts.state === 'stopped' ? (hasFailed ? 'down' : 'stopped') : 'running',
      isMasked: (await this.#startType()) === 'disabled',
      mainPid: facts.pid,
      restartCount: 0,
      detail: detailOf(facts),
    };
  }

  async mask(): Promise<void> {
    remembered(this.#around, 'windows').keep({ startType: await this.#startType() });
    await this.#run(windowsCommand(this.#definition, 'mask'));
  }

  async unmask(): Promise<void> {
    const memory = remembered(this.#around, 'windows');
    const startType = memory.read()?.['startType'];
    if (startType === undefined) return;
    await this.#run(unmaskCommand(this.#definition, startType));
    memory.forget();
  }

  async stop(signal?: AbortSignal): Promise<void> {
    const { state, pid } = await this.#facts();
    if (state === 'stopped') return;
    await runQuery(this.#around.host, windowsCommand(this.#definition, 'stop'));
    if (await this.#isStoppedWithin(this.#definition.stopTimeoutMs, signal)) return;
    if (pid !== null) await runQuery(this.#around.host, killCommand(pid));
    if (await this.#isStoppedWithin(killWaitMs, signal)) return;
    throw new BackstepError('service/still-running', {
      message: `the service ${this.#definition.name} does not end: ${detailOf(await this.#facts())}`,
      hint: 'end its process by hand (Task Manager, Details), then run the command again',
    });
  }

  async start(signal?: AbortSignal): Promise<void> {
    if ((await this.#facts()).state !== 'stopped') return;
    await this.#run(windowsCommand(this.#definition, 'start'), signal);
  }

  async processes(): Promise<readonly RunningProcess[]> {
    const { pid } = await this.#facts();
    return pid === null ? [] : [{ pid, command: `service ${this.#definition.name}` }];
  }

  async death(): Promise<Death | null> {
    const facts = await this.#facts();
    if (facts.state !== 'stopped' || soundEnds.includes(facts.exitCode)) return null;
    return {
      exitCode: facts.exitCode,
      signal: null,
      detail: detailOf(facts),
      lastLines: await this.lastLines(shownLineCount),
    };
  }

  async lastLines(count: number): Promise<readonly string[]> {
    const printed = await runQuery(this.#around.host, windowsCommand(this.#definition, 'log'));
    const lines = printed.stdout.split(/\r?\n/).filter((line) => line.trim() !== '');
    return lines.slice(-count);
  }

  async #isStoppedWithin(waitMs: number, signal?: AbortSignal): Promise<boolean> {
    const { clock } = this.#around.host;
    const deadlineMs = clock.monotonicMs() + waitMs;
    while ((await this.#facts()).state !== 'stopped') {
      if (clock.monotonicMs() >= deadlineMs) return false;
      await clock.sleep(lookEveryMs, signal);
    }
    return true;
  }

  async #facts(): Promise<WindowsFacts> {
    const argv = windowsCommand(this.#definition, 'show');
    const printed = await runQuery(this.#around.host, argv);
    const facts = parseQuery(printed.stdout);
    if (facts !== null) return facts;
    if (printed.code !== noSuchService) throw refused(argv, printed, argv);
    throw new BackstepError('service/unknown', {
      message: `service.name: Windows has no service ${this.#definition.name}`,
      hint: '`sc.exe query state= all` lists the names (SERVICE_NAME, not DISPLAY_NAME)',
    });
  }

  async #startType(): Promise<string> {
    const argv = windowsCommand(this.#definition, 'settings');
    const printed = await runQuery(this.#around.host, argv);
    const startType = parseStartType(printed.stdout);
    if (startType === null) throw refused(argv, printed, argv);
    return startType;
  }

  async #run(argv: Argv, signal?: AbortSignal): Promise<void> {
    const log = windowsCommand(this.#definition, 'log');
    await runStep(this.#around.host, argv, { signal, log });
  }
}

function detailOf({ state, exitCode }: WindowsFacts): string {
  return soundEnds.includes(exitCode) ? state : `${state}, exit code ${exitCode}`;
}

/** Ended in order, or not started since the machine was. */
const soundEnds = [0, 1077];
const killWaitMs = 5000;
const lookEveryMs = 200;
const shownLineCount = 20;
