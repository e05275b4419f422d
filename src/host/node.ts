import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import type { Host } from './host.ts';
import { nodeClock } from './node-clock.ts';
import { nodeDisk } from './node-disk.ts';
import { nodeNetwork } from './node-network.ts';
import { nodeProcesses } from './node-processes.ts';

/** The machine that this process runs on. */
export function nodeHost(): Host {
  return {
    clock: nodeClock,
    disk: nodeDisk,
    processes: nodeProcesses,
    network: nodeNetwork,
    random: { bytes: (count) => randomBytes(count) },
  };
}

/** The home folder of whoever runs this process. */
export function homeFolder(): string {
  return homedir();
}
