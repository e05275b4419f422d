import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Network } from './network.ts';
import type { Processes } from './processes.ts';
import type { Random } from './random.ts';

/**
 * Everything outside the program: time, disk, processes, network, randomness. `nodeHost()` in `node.ts`
 * is the real one; a simulated one replays a run from its seed.
 */
export interface Host {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly processes: Processes;
  readonly network: Network;
  readonly random: Random;
}
