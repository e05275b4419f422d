import type { UserDefaults } from '../settings/schema.ts';
import { oneOf, text } from '../shape.ts';
import type { Database } from './open.ts';
import { PreferencesTable, preferencesOfDefaults } from './preferences.ts';
import { numberOf, textOf, type Row } from './row.ts';

export const roles = ['admin', 'member'] as const;
export type Role = (typeof roles)[number];

export const userName = text({ min: 1, max: 64 });
export const password = text({ min: 8, max: 128 });

export interface User {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
}

export interface NewUser {
  readonly name: string;
  readonly passwordHash: string;
  readonly role: Role;
}

/** The table `users`. Names are compared without regard to case. */
export class Users {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a user with the preferences that new users get; null when the name is taken. */
  add(user: NewUser, defaults: UserDefaults): User | null {
    return this.#database.transaction(() => this.#insert(user, defaults));
  }

  /** Adds the first user, an administrator; null when there is one already. */
  addFirst(user: Omit<NewUser, 'role'>, defaults: UserDefaults): User | null {
    return this.#database.transaction(() =>
      this.isEmpty() ? this.#insert({ ...user, role: 'admin' }, defaults) : null,
    );
  }

  isEmpty(): boolean {
    return this.#database.get('SELECT id FROM users LIMIT 1') === undefined;
  }

  all(): readonly User[] {
    return this.#database.all('SELECT * FROM users ORDER BY id').map(userOf);
  }

  /** A user with the stored hash of the password. */
  findForLogin(name: string): { readonly user: User; readonly passwordHash: string } | null {
    const row = this.#database.get('SELECT * FROM users WHERE name = :name', { name });
    return row === undefined
      ? null
      : { user: userOf(row), passwordHash: textOf(row, 'password_hash') };
  }

  #insert({ name, passwordHash, role }: NewUser, defaults: UserDefaults): User | null {
    const now = new Date().toISOString();
    const row = this.#database.get(
      `INSERT INTO users (name, password_hash, role, created_at)
       VALUES (:name, :passwordHash, :role, :now) ON CONFLICT (name) DO NOTHING RETURNING *`,
      { name, passwordHash, role, now },
    );
    if (row === undefined) return null;
    const user = userOf(row);
    new PreferencesTable(this.#database).put(user.id, preferencesOfDefaults(defaults));
    return user;
  }
}

export function userOf(row: Row): User {
  return {
    id: numberOf(row, 'id'),
    name: textOf(row, 'name'),
    role: oneOf(roles)(row['role'], 'role'),
    createdAt: textOf(row, 'created_at'),
  };
}
