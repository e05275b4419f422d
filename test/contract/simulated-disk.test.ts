import { tmpdir } from 'node:os';
import { chanceFrom } from '../../sim/chance.ts';
import { simulatedDisk, usualTraits } from '../../sim/disk.ts';
import { simulatedHost, SimulatedTime } from '../../sim/simulated-host.ts';
import { makeFolders } from '../../src/host/whole-file.ts';
import { diskContract } from './disk-contract.ts';

for (const clones of [false, true]) {
  diskContract(`the simulated disk${clones ? ' that shares blocks' : ''}`, () => {
    const time = new SimulatedTime();
    const { disk } = simulatedDisk(time.nowNs, { ...usualTraits, clones, syncsWhole: clones });
    makeFolders(disk, tmpdir(), 0o700);
    return simulatedHost({ disk, time, chance: chanceFrom(1) });
  });
}
