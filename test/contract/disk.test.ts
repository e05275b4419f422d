import { nodeHost } from '../../src/host/node.ts';
import { diskContract } from './disk-contract.ts';

/** Takes every permission away from what is made without saying its mode. */
process.umask(0o777);

diskContract('the machine’s disk', nodeHost);
