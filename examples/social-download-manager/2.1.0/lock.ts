import { DatabaseSync } from 'node:sqlite';
import { readFileSync, rmSync } from 'node:fs';
import { errorCode, sqliteCode } from './database/open.ts';
import type { DataFolder } from './data.ts';
import { Refusal } from './refusal.ts';
import { writeJsonFile } from './settings/file.ts';

const sqliteBusy = 5;

/** The one process that may use a data folder: a server or `migrate`. */
export interface FolderLock {
  /** Tells others who holds the folder; only for their message, never to decide anything. */
  announce(holder: { readonly port: number; readonly version: string }): void;
  close(): void;
}

/**
 * Takes the data folder's lock: an exclusive transaction on an empty SQLite file, which the system
 * drops with the process, so that a crash never leaves a stale lock.
 * Throws `Refusal` when another process holds it.
 */
export function lockFolder(data: DataFolder): FolderLock {
  const file = new DatabaseSync(data.path('server.lock'), { timeout: 0 });
  try {
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if (sqliteCode(error) !== sqliteBusy) throw error;
    throw new Refusal(`the data folder ${data.root} is in use${holderOf(data)}`, {
      hint: 'stop the other process first, or give another folder with --data',
      cause: error,
    });
  }
  rmSync(data.path('server.json'), { force: true });
  return {
    announce: (holder) =>
      writeJsonFile(data.path('server.json'), {
        pid: process.pid,
        ...holder,
        started_at: new Date().toISOString(),
      }),
    close() {
      rmSync(data.path('server.json'), { force: true });
      file.close();
    },
  };
}

function holderOf(data: DataFolder): string {
  try {
    const holder: unknown = JSON.parse(readFileSync(data.path('server.json'), 'utf8'));
    return ` by another server: ${JSON.stringify(holder)}`;
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === 'ENOENT') return ' by another process';
    throw error;
  }
}
