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
import { composeActs, composeCommand, policyCommand, restartCommand } from './commands.ts';
import { composeSchema, type ComposeDefinition } from './definition.ts';
import { parseContainers, parsePolicy, type Container } from './facts.ts';

/** Containers of a Compose file. Its own files are the Compose file. */
export const composeKind: ServiceKind<ComposeDefinition> = {
  schema: composeSchema,
  files: ({ file }) => [file],
  commands: (definition) =>
    composeActs.map((act) => ({ act, argv: composeCommand(definition, act) })),
  open: (definition, surroundings) => new ComposeService(definition, surroundings),
};

class ComposeService implements Service {
  readonly canStart = true;
  readonly #definition: ComposeDefinition;
  readonly #around: ServiceSurroundings;

  constructor(definition: ComposeDefinition, around: ServiceSurroundings) {
    this.#definition = definition;
    this.#around = around;
  }

  async status(): Promise<ServiceStatus> {
    const containers = await this.#containers();
    return {
      state: stateOf(containers),
      isMasked: this.#memory().read() !== null,
      mainPid: null,
      restartCount: 0,
      detail: containers.map(detailOf).join(', ') || 'no containers',
    };
  }

  async mask(): Promise<void> {
    const containers = await this.#containers();
    if (containers.length === 0) return;
    const ids = containers.map(({ ID }) => ID);
    const argv = policyCommand(ids);
    const printed = await runQuery(this.#around.host, argv);
    if (printed.code !== 0) throw refused(argv, printed, this.#log());
    const policies = printed.stdout.trim().split('\n').map(parsePolicy);
    this.#memory().keep(Object.fromEntries(ids.map((id, n) => [id, policies[n] ?? 'no'])));
    await this.#run(restartCommand('no', ids));
  }

  /** Containers that were made anew meanwhile have the policy of their Compose file already. */
  async unmask(): Promise<void> {
    const memory = this.#memory();
    const known = memory.read();
    if (known === null) return;
    const there = new Set((await this.#containers()).map(({ ID }) => ID));
    for (const [id, policy] of Object.entries(known)) {
      if (there.has(id)) await this.#run(restartCommand(policy, [id]));
    }
    memory.forget();
  }

  async stop(signal?: AbortSignal): Promise<void> {
    if ((await this.#running()).length === 0) return;
    await this.#run(composeCommand(this.#definition, 'stop'), signal);
    const left = await this.#running();
    if (left.length === 0) return;
    throw new BackstepError('service/still-running', {
      message: `containers still run: ${left.map(detailOf).join(', ')}`,
      hint: 'see `docker ps`, end them by hand, then run the command again',
    });
  }

  async start(signal?: AbortSignal): Promise<void> {
    await this.#run(composeCommand(this.#definition, 'start'), signal);
  }

  /** The engine's own numbers of processes mean nothing here: a container counts as one, by its name. */
  async processes(): Promise<readonly RunningProcess[]> {
    return (await this.#running()).map(({ Name }) => ({ pid: 0, command: `container ${Name}` }));
  }

  async death(): Promise<Death | null> {
    const dead = (await this.#containers()).find(hasFailed);
    if (dead === undefined) return null;
    return {
      exitCode: dead.ExitCode,
      signal: null,
      detail: detailOf(dead),
      lastLines: await this.lastLines(shownLineCount),
    };
  }

  async lastLines(count: number): Promise<readonly string[]> {
    const printed = await runQuery(this.#around.host, this.#log());
    const lines = printed.stdout.split('\n').filter((line) => line !== '');
    return lines.slice(-count);
  }

  async #running(): Promise<readonly Container[]> {
    return (await this.#containers()).filter(isLive);
  }

  async #containers(): Promise<readonly Container[]> {
    const argv = composeCommand(this.#definition, 'show');
    const printed = await runQuery(this.#around.host, argv);
    if (printed.code !== 0) throw refused(argv, printed, this.#log());
    return parseContainers(printed.stdout);
  }

  #memory() {
    return remembered(this.#around, 'compose');
  }

  #log(): Argv {
    return composeCommand(this.#definition, 'log');
  }

  async #run(argv: Argv, signal?: AbortSignal): Promise<void> {
    await runStep(this.#around.host, argv, { signal, log: this.#log() });
  }
}

function isLive({ State }: Container): boolean {
  return ['running', 'paused', 'restarting', 'removing'].includes(State);
}

function hasFailed({ State, ExitCode }: Container): boolean {
  return State === 'dead' || State === 'restarting' || (State === 'exited' && ExitCode !== 0);
}

function stateOf(containers: readonly Container[]): ServiceStatus['state'] {
  if (containers.some(({ State }) => State === 'restarting')) return 'waiting';
  if (containers.some(isLive)) return 'running';
  return containers.some(hasFailed) ? 'down' : 'stopped';
}

function detailOf({ Name, State, ExitCode }: Container): string {
  return State === 'exited' ? `${Name} ${State} (${ExitCode})` : `${Name} ${State}`;
}

const shownLineCount = 20;
