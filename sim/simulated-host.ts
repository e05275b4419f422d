import { setImmediate } from 'node:timers/promises';
import { BackstepError } from '../src/fault/backstep-error.ts';
import type { Disk } from '../src/host/disk.ts';
import type { Host } from '../src/host/host.ts';
import type { Command, Finished, Processes } from '../src/host/processes.ts';
import type { Chance } from './chance.ts';

/** A moment from which on simulated time runs: 2026-01-01. */
const beginNs = 1_767_225_600_000_000_000n;
const tickNs = 1_000_000n;

/** Time that goes on by a millisecond whenever it is asked for. */
export class SimulatedTime {
  #nowNs = beginNs;

  readonly nowNs = (): bigint => {
    this.#nowNs += tickNs;
    return this.#nowNs;
  };

  skip(durationMs: number): void {
    this.#nowNs += BigInt(Math.ceil(durationMs)) * tickNs;
  }
}

/** A program on a simulated machine: what it does to the disk, all at once. */
export type SimulatedProgram = (command: Command, disk: Disk) => Pick<Finished, 'code' | 'stdout'>;

export interface HostParts {
  readonly disk: Disk;
  readonly time: SimulatedTime;
  readonly chance: Chance;
  /** Tells one boot of the machine from the next; whoever ran in another one is dead. */
  readonly boot?: number;
  /** By the first word of a command. */
  readonly programs?: Readonly<Record<string, SimulatedProgram>>;
}

const noNetwork: Host['network']['get'] = () =>
  Promise.resolve({ kind: 'unreachable', why: 'there is no network' });

/** A machine in memory: nothing on it but the programs it is given, and no network. */
export function simulatedHost(parts: HostParts): Host {
  const { disk, time, chance } = parts;
  return {
    disk,
    clock: {
      now: () => Number(time.nowNs() / tickNs),
      monotonicMs: () => Number((time.nowNs() - beginNs) / tickNs),
      sleep: async (durationMs, signal) => {
        time.skip(durationMs);
        await setImmediate();
        if (signal?.aborted === true) throw interrupted();
      },
    },
    random: { bytes: (count) => Uint8Array.from({ length: count }, () => chance.below(256)) },
    processes: simulatedProcesses(parts),
    network: {
      freePort: () => Promise.resolve(1),
      reach: () => Promise.resolve('refused'),
      get: noNetwork,
      within: () => ({ get: noNetwork }),
    },
  };
}

function simulatedProcesses({ disk, boot, programs }: HostParts): Processes {
  const bootId = `boot ${boot ?? 1}`;
  const self = { pid: 1, startTicks: 1, bootId, pidNamespace: '', machineId: '' };
  return {
    self: () => self,
    identify: (pid) => (pid === self.pid ? self : null),
    isAlive: ({ pid, startTicks }) => pid === self.pid && startTicks === self.startTicks,
    list: () => [],
    spawn: ({ argv }) => Promise.reject(missing(argv[0])),
    run: (command) => {
      const program = programs?.[command.argv[0]];
      if (program === undefined) return Promise.reject(missing(command.argv[0]));
      const said = program(command, disk);
      return Promise.resolve({ ...said, signal: null, ended: 'by-itself', stderr: '' });
    },
    signal: () => false,
    signalGroup: () => false,
    openFiles: () => ({ holdersOf: () => [], isComplete: true }),
  };
}

function missing(program: string): BackstepError {
  return new BackstepError('process/missing', {
    message: `${program} is not on the simulated machine`,
    hint: 'name it among the programs of the host',
  });
}

function interrupted(): BackstepError {
  return new BackstepError('interrupted', { message: 'the sleep was ended', hint: 'run it again' });
}
