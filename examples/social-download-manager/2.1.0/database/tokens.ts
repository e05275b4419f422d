import type { Database } from './open.ts';
import { textOf } from './row.ts';
import { newSecret, secretHash } from './secret.ts';

/** The table `api_tokens`: what operators' tools sign in with. It holds hashes of tokens, no tokens. */
export class ApiTokens {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes a token and returns it, this once; null when the label is taken. */
  add(label: string): string | null {
    const token = newSecret();
    const changes = this.#database.run(
      `INSERT INTO api_tokens (token_hash, label, created_at) VALUES (:hash, :label, :now)
       ON CONFLICT (label) DO NOTHING`,
      { hash: secretHash(token), label, now: new Date().toISOString() },
    );
    return changes === 0 ? null : token;
  }

  /** The label of a token, or null when there is no such token. */
  labelOf(token: string): string | null {
    const row = this.#database.get('SELECT label FROM api_tokens WHERE token_hash = :hash', {
      hash: secretHash(token),
    });
    return row === undefined ? null : textOf(row, 'label');
  }
}
