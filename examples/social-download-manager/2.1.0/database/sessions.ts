import type { Database } from './open.ts';
import { newSecret, secretHash } from './secret.ts';
import { userOf, type User } from './users.ts';

const msPerHour = 3_600_000;

/** The table `sessions`: who is signed in. It holds hashes of tokens, no tokens. */
export class Sessions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Signs a user in and returns the token; sessions that have expired are removed on the way. */
  create(user: User, hours: number): string {
    this.removeExpired();
    const token = newSecret();
    const now = Date.now();
    this.#database.run(
      `INSERT INTO sessions (token_hash, user_id, created_at, expires_at)
       VALUES (:hash, :userId, :createdAt, :expiresAt)`,
      {
        hash: secretHash(token),
        userId: user.id,
        createdAt: new Date(now).toISOString(),
        expiresAt: new Date(now + hours * msPerHour).toISOString(),
      },
    );
    return token;
  }

  /** Whose token it is, while the session lasts. */
  userOf(token: string): User | null {
    const row = this.#database.get(
      `SELECT users.* FROM sessions JOIN users ON users.id = sessions.user_id
       WHERE token_hash = :hash AND expires_at > :now`,
      { hash: secretHash(token), now: new Date().toISOString() },
    );
    return row === undefined ? null : userOf(row);
  }

  remove(token: string): void {
    this.#database.run('DELETE FROM sessions WHERE token_hash = :hash', {
      hash: secretHash(token),
    });
  }

  removeExpired(): void {
    this.#database.run('DELETE FROM sessions WHERE expires_at <= :now', {
      now: new Date().toISOString(),
    });
  }
}
