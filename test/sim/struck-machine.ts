import { chanceFrom } from '../../sim/chance.ts';
import { simulatedDisk, usualTraits, type SimulatedDisk } from '../../sim/disk.ts';
import { Dead, Machine } from '../../sim/machine.ts';
import { orders } from '../../sim/name-log.ts';
import { simulatedHost, SimulatedTime } from '../../sim/simulated-host.ts';
import type { Disk } from '../../src/host/disk.ts';
import type { Host } from '../../src/host/host.ts';

type Work = (host: Host) => Promise<void> | void;

/** A simulated machine on which processes are killed, and the power fails, at counted acts of the disk. */
export class StruckMachine {
  readonly #time: SimulatedTime;
  readonly #simulated: SimulatedDisk;
  readonly #machine: Machine;
  readonly #boot: number;

  private constructor(time: SimulatedTime, simulated: SimulatedDisk, boot: number) {
    this.#time = time;
    this.#simulated = simulated;
    this.#boot = boot;
    const { disk } = simulated;
    this.#machine = new Machine(simulatedHost({ disk, time, chance: chanceFrom(boot), boot }));
  }

  static begin({ syncsWhole }: { readonly syncsWhole: boolean }): StruckMachine {
    const time = new SimulatedTime();
    return new StruckMachine(time, simulatedDisk(time.nowNs, { ...usualTraits, syncsWhole }), 1);
  }

  get disk(): Disk {
    return this.#simulated.disk;
  }

  /** A process does its work to the end; each act is told by its number, from 0, before it is done. */
  async run(work: Work, before: (at: number) => void = () => undefined): Promise<void> {
    let at = -1;
    const life = this.#machine.live(() => () => {
      at += 1;
      before(at);
    });
    await work(life.host);
    life.end();
  }

  /** A process is killed before its act with this number; false where its work ends sooner. */
  async kill(work: Work, number: number): Promise<boolean> {
    let at = -1;
    const life = this.#machine.live((die) => () => {
      at += 1;
      if (at === number) die();
    });
    try {
      await work(life.host);
      return life.isDead();
    } catch (error) {
      if (!(error instanceof Dead)) throw error;
      return true;
    } finally {
      life.end();
    }
  }

  /** This machine as so many losses of power, now, would leave it, booted again. */
  afterPowerLosses(count: number, seeds: readonly number[]): StruckMachine[] {
    return Array.from({ length: count }, (_, disk) => {
      const chance = chanceFrom(...seeds, disk);
      const simulated = this.#simulated.crashed(chance, chance.of(orders));
      return new StruckMachine(this.#time, simulated, this.#boot + 1);
    });
  }
}
