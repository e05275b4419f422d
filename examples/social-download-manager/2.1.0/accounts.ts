import { createInterface } from 'node:readline/promises';
import { openDataFolder } from './data.ts';
import { migrationState } from './database/migrate.ts';
import { openDatabase, type Database } from './database/open.ts';
import { hashPassword } from './database/password.ts';
import { ApiTokens } from './database/tokens.ts';
import { password, userName, Users, type Role } from './database/users.ts';
import { prepare } from './prepare.ts';
import { Refusal } from './refusal.ts';
import { openSettings } from './settings/settings.ts';
import { text } from './shape.ts';

/** Adds a user with the password that stands on the first line of stdin, also while a server runs. */
export async function addUser(
  folder: string,
  user: { readonly name: string; readonly role: Role },
): Promise<void> {
  const name = userName(user.name, 'NAME');
  const passwordHash = await hashPassword(password(await firstLine(), 'the password'));
  withDatabase(folder, (database) => {
    const defaults = openSettings(openDataFolder(folder)).userDefaults.value;
    const added = new Users(database).add({ ...user, name, passwordHash }, defaults);
    if (added === null)
      throw new Refusal(`there is a user named ${name} already`, { hint: 'choose another name' });
  });
}

/** Makes an API token, also while a server runs, and returns it; only its hash is kept. */
export function addToken(folder: string, label: string): string {
  const checked = text({ min: 1, max: 100 })(label, 'LABEL');
  return withDatabase(folder, (database) => {
    const token = new ApiTokens(database).add(checked);
    if (token === null)
      throw new Refusal(`there is a token labelled ${label} already`, {
        hint: 'choose another label',
      });
    return token;
  });
}

/** A folder that a server of this release runs on is ready; any other is prepared first. */
function withDatabase<T>(folder: string, work: (database: Database) => T): T {
  const path = openDataFolder(folder).path('sdm.db');
  let database = openDatabase(path);
  try {
    if (migrationState(database).pending.length > 0) {
      database.close();
      prepare(folder).close();
      database = openDatabase(path);
    }
    return work(database);
  } finally {
    database.close();
  }
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}
