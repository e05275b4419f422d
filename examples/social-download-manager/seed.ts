import { spawnSync } from 'node:child_process';
import { createHash, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';

import { openDataFolder } from './1.2.1/data.ts';
import { lockFolder } from './1.2.1/lock.ts';

const usage = `usage: node seed.ts --data DIR --rows N [--seed S] [--users N] [--unfinished N]

Fills an empty data folder of release 1.2.1 with a believable history of N downloads over three years.
The same seed gives the same rows. The files of the downloads are not made.
--unfinished leaves the newest N downloads queued: a server takes them up when it starts.
Every user's password is 'seeded-history'; the first user, admin, is the administrator.
`;

/** Of every seeded user: such a folder is for tests and for showing the product. */
const password = 'seeded-history';

const mostUsers = 1000;

interface Wanted {
  readonly data: string;
  readonly rows: number;
  readonly seed: number;
  readonly users: number;
  readonly unfinished: number;
}

function main(): number {
  const wanted = readArguments();
  if (wanted === null) {
    process.stderr.write(usage);
    return 2;
  }
  const migrated = migrate(wanted.data);
  if (migrated !== 0) return migrated;
  const refusal = fill(wanted);
  if (refusal !== null) {
    process.stderr.write(`${refusal}\n`);
    return 3;
  }
  // Once more: that brings the exports to what the database now holds, and its journal back to WAL.
  return migrate(wanted.data);
}

/** Null when the command line is wrong. */
function readArguments(): Wanted | null {
  const { data, rows, seed, users, unfinished } = commandLine();
  const wanted = {
    data,
    rows: wholeNumber(rows),
    seed: wholeNumber(seed ?? '1'),
    users: wholeNumber(users ?? '5'),
    unfinished: wholeNumber(unfinished ?? '0'),
  };
  return isWhole(wanted) && wanted.rows > 0 && wanted.users > 0 && wanted.users <= mostUsers
    ? wanted
    : null;
}

function commandLine(): { readonly [option: string]: string | undefined } {
  const text = { type: 'string' } as const;
  const options = { data: text, rows: text, seed: text, users: text, unfinished: text };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const isOurs = error instanceof TypeError && 'code' in error;
    if (isOurs && String(error.code).startsWith('ERR_PARSE_ARGS')) return {};
    throw error;
  }
}

function isWhole(wanted: {
  readonly [Key in keyof Wanted]: Wanted[Key] | null | undefined;
}): wanted is Wanted {
  return Object.values(wanted).every((value) => value !== null && value !== undefined);
}

function wholeNumber(text = ''): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** Runs the release's own `migrate`, which makes the folder and everything in it. Returns its exit code. */
function migrate(data: string): number {
  const server = join(import.meta.dirname, '1.2.1', 'server.ts');
  const { status } = spawnSync(process.execPath, [server, 'migrate', '--data', data], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status ?? 1;
}

/** Fills the database in one transaction; returns why not, when it is not empty. */
function fill(wanted: Wanted): string | null {
  const folder = openDataFolder(wanted.data);
  const lock = lockFolder(folder);
  const database = new DatabaseSync(folder.path('sdm.db'), { enableForeignKeyConstraints: true });
  try {
    const row = database.prepare('SELECT count(*) AS users FROM users').get();
    if (row?.['users'] !== 0) return `${wanted.data} is in use already: give a new folder`;
    // A rollback journal of a new database is small, where the write-ahead log would hold every row once more.
    // The rows keep the table's conditions by how they are made, and the seed's test holds them to it.
    database.exec(`
      PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON;
      PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;`);
    database.exec('BEGIN');
    writeHistory(database, wanted);
    database.exec('COMMIT');
    return null;
  } finally {
    database.close();
    lock.close();
  }
}

function writeHistory(database: DatabaseSync, { rows, seed, users, unfinished }: Wanted): void {
  database.exec(`CREATE TEMP TABLE wanted
     (rows INTEGER, seed INTEGER, users INTEGER, unfinished INTEGER, password_hash TEXT)`);
  database
    .prepare('INSERT INTO wanted VALUES (?, ?, ?, ?, ?)')
    .run(rows, seed, users, unfinished, passwordHash(seed));
  database.exec(readFileSync(join(import.meta.dirname, 'seed.sql'), 'utf8'));
}

/** As the release stores it, but with a salt of the seed's, so that the same seed gives the same bytes. */
function passwordHash(seed: number): string {
  const [N, r, p] = [32_768, 8, 1];
  const salt = createHash('sha256').update(`seed ${seed}`).digest().subarray(0, 16);
  const hash = scryptSync(password, salt, 32, { N, r, p, maxmem: 64 * 1024 * 1024 });
  return ['scrypt', N, r, p, salt.toString('base64'), hash.toString('base64')].join('$');
}

if (import.meta.main) process.exitCode = main();
