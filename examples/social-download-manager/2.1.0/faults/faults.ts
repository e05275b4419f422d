import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from '../data.ts';
import type { Database } from '../database/open.ts';
import type { Log } from '../log.ts';
import { writeJsonFile } from '../settings/file.ts';
import { breakJson, blankTitles, deleteRows } from './data.ts';
import type { Fault, FaultName } from './fault.ts';
import { MemoryLeak } from './leak.ts';
import { damagePage } from './page.ts';

export interface FaultParts {
  readonly data: DataFolder;
  readonly database: Database;
  readonly log: Log;
  /** Rows have changed: what is exported has to follow. */
  onRowsChanged(): void;
}

/** What a fault has done so far, in figures. */
type Effect = Readonly<Record<string, number>>;

interface Active {
  readonly fault: Fault;
  readonly since: string;
  readonly effect: () => Effect;
  readonly end: () => void;
}

export interface FaultView extends Fault {
  readonly since: string;
  readonly effect: Effect;
}

/** Where `crash-at-start` is remembered. */
export const rememberedFile = 'faults.json';

/**
 * The faults that are switched on. This release goes bad only where somebody asks for it: on the command
 * line, or an operator on this machine. What is damaged stays damaged when a fault is switched off.
 */
export class Faults {
  readonly #parts: FaultParts;
  readonly #active = new Map<FaultName, Active>();
  readonly #delay = { answers: 0, ownMs: 0, delayMs: 0 };
  #requests = 0;

  constructor(parts: FaultParts) {
    this.#parts = parts;
  }

  /** Switches a fault on; one that is on already begins anew. Throws `Refusal` when it cannot be done. */
  switchOn(fault: Fault): void {
    this.switchOff(fault.name);
    this.#parts.log.error('fault-on', { ...fault });
    const { effect, end } = this.#begin(fault);
    this.#active.set(fault.name, { fault, since: new Date().toISOString(), effect, end });
    this.#parts.log.error('fault-effect', { ...fault, ...effect() });
  }

  /** Whether it was on. */
  switchOff(name: FaultName): boolean {
    const active = this.#active.get(name);
    if (active === undefined) return false;
    active.end();
    this.#active.delete(name);
    this.#parts.log.error('fault-off', { name });
    return true;
  }

  all(): readonly FaultView[] {
    return [...this.#active.values()].map(({ fault, since, effect }) => ({
      ...fault,
      since,
      effect: effect(),
    }));
  }

  isOn(name: FaultName, value: string | null = null): boolean {
    const active = this.#active.get(name);
    return active !== undefined && (value === null || active.fault.value === value);
  }

  /** Whether a signal that asks for a stop is not heard. */
  ignores(signal: NodeJS.Signals): boolean {
    if (!this.isOn('ignore-sigterm')) return false;
    this.#parts.log.error('fault-signal-ignored', { signal });
    return true;
  }

  /** To be called when a request begins; what it returns, before and after the answer is sent. */
  request(): {
    readonly beforeAnswer: (ownMs: number) => Promise<void>;
    readonly afterAnswer: () => void;
  } {
    const isCounted = this.isOn('crash-after-requests');
    return {
      beforeAnswer: (ownMs) => this.#slowDown(ownMs),
      afterAnswer: () => (isCounted ? this.#countRequest() : undefined),
    };
  }

  /** Ends what goes on by itself; what is remembered for the next start stays remembered. */
  close(): void {
    this.#active.get('leak-memory')?.end();
  }

  #begin(fault: Fault): Pick<Active, 'effect' | 'end'> {
    const { data, database } = this.#parts;
    const amount = Number(fault.value);
    const nothing = (): void => undefined;
    const once = (effect: Effect) => ({ effect: () => effect, end: nothing });
    switch (fault.name) {
      case 'blank-titles':
        return once({ rows: this.#changed(blankTitles(database, amount)) });
      case 'delete-rows':
        return once({ rows: this.#changed(deleteRows(database, amount)) });
      case 'damage-page':
        return once({ page: damagePage(database, amount) });
      case 'broken-json':
        return once({ bytes: breakJson(data.path(fault.value ?? '')) });
      case 'leak-memory': {
        const leak = new MemoryLeak(amount);
        return { effect: () => ({ megabytes: leak.megabytes }), end: () => leak.close() };
      }
      case 'slow-answers':
        Object.assign(this.#delay, { answers: 0, ownMs: 0, delayMs: 0 });
        return { effect: () => ({ ...this.#delay }), end: nothing };
      case 'crash-after-requests':
        this.#requests = 0;
        return { effect: () => ({ requests: this.#requests }), end: nothing };
      case 'crash-at-start':
        writeJsonFile(data.path(rememberedFile), { faults: ['crash-at-start'] });
        return {
          effect: () => ({}),
          end: () => rmSync(data.path(rememberedFile), { force: true }),
        };
      case 'platform-failing':
      case 'ignore-sigterm':
        return once({});
    }
  }

  #changed(rows: number): number {
    this.#parts.onRowsChanged();
    return rows;
  }

  async #slowDown(ownMs: number): Promise<void> {
    const factor = Number(this.#active.get('slow-answers')?.fault.value ?? 1);
    if (factor === 1) return;
    const delayMs = ownMs * (factor - 1);
    this.#delay.answers += 1;
    this.#delay.ownMs += ownMs;
    this.#delay.delayMs += delayMs;
    await sleep(delayMs);
  }

  #countRequest(): void {
    this.#requests += 1;
    const limit = Number(this.#active.get('crash-after-requests')?.fault.value ?? Infinity);
    if (this.#requests >= limit) crash('crash-after-requests', this.#parts.log);
  }
}

/** Ends the process at once, as an error that nobody has caught would. */
export function crash(name: FaultName, log: Log): never {
  log.error('fault-crash', { name });
  process.exit(1);
}
