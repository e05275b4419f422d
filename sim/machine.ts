import type { Host } from '../src/host/host.ts';
import type { ProcessIdentity } from '../src/host/processes.ts';
import { observedHost, type Observer } from './observed-host.ts';

/** Thrown by every act of a process that is dead; whoever catches it cannot act either. */
export class Dead extends Error {
  constructor() {
    super('this process is dead');
  }
}

/** One process's life on a machine, told apart from those before it. */
export interface Life {
  readonly host: Host;
  isDead(): boolean;
  /** The process ended, by itself or not. */
  end(): void;
}

/**
 * A machine on which processes live and die within this one: each has an identity of its own, so that what a dead
 * one holds (a lock, a mask) is seen to be a dead one's.
 */
export class Machine {
  readonly #host: Host;
  readonly #alive = new Set<number>();
  #lives = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Begins a life. `observe` is told each act, and may call `die`: nothing acts from then on. */
  live(observe: (die: () => never) => Observer): Life {
    this.#lives += 1;
    const { processes } = this.#host;
    const ticks = -this.#lives;
    const own: ProcessIdentity = { ...processes.self(), startTicks: ticks };
    this.#alive.add(ticks);
    let isDead = false;
    const die = (): never => {
      isDead = true;
      this.#alive.delete(ticks);
      throw new Dead();
    };
    const observer = observe(die);
    const mortal = observedHost(this.#host, (act) => {
      if (isDead) throw new Dead();
      observer(act);
    });
    return {
      host: {
        ...mortal,
        processes: {
          ...mortal.processes,
          self: () => own,
          isAlive: (identity) => this.#isAlive(identity),
        },
      },
      isDead: () => isDead,
      end: () => this.#alive.delete(ticks),
    };
  }

  #isAlive(identity: ProcessIdentity): boolean {
    const isOurs = identity.startTicks < 0;
    return isOurs ? this.#alive.has(identity.startTicks) : this.#host.processes.isAlive(identity);
  }
}
