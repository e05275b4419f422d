const windowMs = 60_000;
const wrongLimit = 5;
const namesLimit = 10_000;

/**
 * Counts wrong passwords by name: five in a minute, then no more. An attempt counts from its
 * beginning, so that many at once gain nothing.
 */
export class LoginAttempts {
  readonly #times = new Map<string, readonly number[]>();

  /** Whether one more may be made now; it counts as wrong until `succeeded` is called. */
  begin(name: string, now = Date.now()): boolean {
    const key = name.toLowerCase();
    const recent = (this.#times.get(key) ?? []).filter((time) => time > now - windowMs);
    if (recent.length >= wrongLimit) return false;
    this.#times.delete(key);
    this.#times.set(key, [...recent, now]);
    this.#dropOldest();
    return true;
  }

  succeeded(name: string): void {
    this.#times.delete(name.toLowerCase());
  }

  #dropOldest(): void {
    const [oldest] = this.#times.keys();
    if (this.#times.size > namesLimit && oldest !== undefined) this.#times.delete(oldest);
  }
}
