/** What users wrote last, by a token in each value that no other value has. */
import assert from 'node:assert/strict';

const tokens = /~\d+~/g;

/** The tokens in a text. */
export function tokensIn(text: string): Set<string> {
  return new Set(text.match(tokens) ?? []);
}

interface Tables {
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

/** Keeps which tokens a user wrote last: every one of them has to be in the state or listed. */
export class Ledger {
  readonly #owned = new Map<string, string>();
  readonly #deletedRows = new Set<string>();
  readonly #ids = new Map<string, string>();
  #last = 0;

  /** A token that was never given out; `place` is the mark of its row, or what it is in. */
  next(place: string): string {
    this.#last += 1;
    const token = `~${this.#last}~`;
    this.#owned.set(token, place);
    return token;
  }

  /** A refused edit wrote nothing, and what a user wrote over or took away is no longer theirs. */
  disown(text: string): void {
    for (const token of tokensIn(text)) this.#owned.delete(token);
  }

  /** Whatever was written in a row goes with it. */
  deleteRow(mark: string): void {
    this.#deletedRows.add(mark);
    for (const [token, place] of this.#owned)
      if (place === mark || token === mark) this.#owned.delete(token);
  }

  /** An edit of a whole object takes with it what an upgrade may have hidden below it. */
  disownHidden(place: string, shown: string): void {
    const seen = tokensIn(shown);
    for (const [token, where] of this.#owned)
      if (where === place && !seen.has(token)) this.#owned.delete(token);
  }

  /** An id that was given to one row is never given to another. */
  identify(id: string, mark: string): void {
    assert.equal(this.#ids.get(id) ?? mark, mark, `${id} was given out again`);
    this.#ids.set(id, mark);
  }

  /** A table that an upgrade makes, and made once before a rollback, begins anew. */
  forgetNewTables({ before, after }: { readonly before: Tables; readonly after: Tables }): void {
    const made = Object.keys(after.rows).filter((table) => !(table in before.rows));
    for (const id of this.#ids.keys())
      if (made.includes(id.split(' ')[0] ?? '')) this.#ids.delete(id);
  }

  owned(): ReadonlyMap<string, string> {
    return this.#owned;
  }

  deletedRows(): ReadonlySet<string> {
    return this.#deletedRows;
  }
}
