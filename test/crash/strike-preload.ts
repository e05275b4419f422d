/**
 * Loaded before the real executable (`node --import strike-preload.ts src/main.ts …`): puts what is to befall it
 * between the program and its machine. The program itself knows nothing of it.
 */
import process from 'node:process';
import { observedDisk, observedProcesses } from '../../sim/observed-host.ts';
import { nodeDisk } from '../../src/host/node-disk.ts';
import { nodeProcesses } from '../../src/host/node-processes.ts';
import { fateFrom, observerOf } from './strike.ts';

const observe = observerOf(fateFrom(process.env), () => {
  process.kill(process.pid, 'SIGKILL');
  // The signal ends this thread before the call returns; nothing below is reached.
  for (;;);
});
Object.assign(nodeDisk, observedDisk({ ...nodeDisk }, observe));
Object.assign(nodeProcesses, observedProcesses({ ...nodeProcesses }, observe));
