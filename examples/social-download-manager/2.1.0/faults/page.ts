import { spawnSync } from 'node:child_process';
import type { Database } from '../database/open.ts';
import { numberOf } from '../database/row.ts';
import { Refusal } from '../refusal.ts';

/** Overwrites a part of a file: its path, where, and how many bytes. */
const overwrite = `
  const { closeSync, fsyncSync, openSync, writeSync } = require('node:fs');
  const [path, at, bytes] = process.argv.slice(1);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(Number(bytes), 0xdb), 0, Number(bytes), Number(at));
  fsyncSync(file);
  closeSync(file);
`;

/**
 * Overwrites the n-th leaf page of `download_history`, counted from the oldest rows, and returns its number.
 * The log is moved into the database file first, so that the page is read from there. Another process writes:
 * closing the file in this one would drop the locks that SQLite holds on it.
 * Throws `Refusal` when there is no such page, or another program keeps the log in use.
 */
export function damagePage(database: Database, leaf: number): number {
  const page = leafPage(database, leaf);
  checkpoint(database);
  const pageBytes = numberOf(database.get('PRAGMA page_size') ?? {}, 'page_size');
  const at = (page - 1) * pageBytes;
  const args = [
    '-e',
    overwrite,
    database.connection.location() ?? '',
    String(at),
    String(pageBytes),
  ];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Refusal(`the page was not written: ${stderr}`, { hint: '' });
  // Pages that SQLite has in memory would hide the damage.
  database.connection.exec('PRAGMA shrink_memory');
  return page;
}

function leafPage(database: Database, leaf: number): number {
  const row = database.get(
    `SELECT pageno FROM dbstat
     WHERE name = 'download_history' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET :offset`,
    { offset: leaf - 1 },
  );
  if (row !== undefined) return numberOf(row, 'pageno');
  throw new Refusal(`download_history has fewer than ${leaf} leaf pages`, {
    exitCode: 2,
    hint: 'give a smaller number',
  });
}

function checkpoint(database: Database): void {
  const result = database.get('PRAGMA wal_checkpoint(TRUNCATE)');
  if (numberOf(result ?? {}, 'busy') === 0) return;
  throw new Refusal('another program keeps the write-ahead log in use', {
    hint: 'try again later',
  });
}
