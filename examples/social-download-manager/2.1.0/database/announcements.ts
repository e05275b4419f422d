import { oneOf } from '../shape.ts';
import type { Database } from './open.ts';
import { numberOf, textOf, type Row } from './row.ts';

export const announcementLevels = ['info', 'warning', 'critical'] as const;

/** A message that every page shows until it is removed or expires. */
export interface Announcement {
  readonly id: number;
  readonly message: string;
  readonly level: (typeof announcementLevels)[number];
  readonly createdAt: string;
}

export interface NewAnnouncement {
  readonly message: string;
  readonly level: Announcement['level'];
  readonly expiresAt: string | null;
}

/** The table `announcements`. */
export class Announcements {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add({ message, level, expiresAt }: NewAnnouncement): Announcement {
    const row = this.#database.get(
      `INSERT INTO announcements (message, level, created_at, expires_at)
       VALUES (:message, :level, :now, :expiresAt) RETURNING *`,
      { message, level, expiresAt, now: new Date().toISOString() },
    );
    if (row === undefined) throw new TypeError('INSERT … RETURNING returned no row');
    return announcementOf(row);
  }

  current(): readonly Announcement[] {
    return this.#database
      .all(
        `SELECT * FROM announcements WHERE expires_at IS NULL OR expires_at > :now ORDER BY id`,
        { now: new Date().toISOString() },
      )
      .map(announcementOf);
  }

  /** Whether there was one to remove. */
  remove(id: number): boolean {
    return this.#database.run('DELETE FROM announcements WHERE id = :id', { id }) > 0;
  }
}

function announcementOf(row: Row): Announcement {
  return {
    id: numberOf(row, 'id'),
    message: textOf(row, 'message'),
    level: oneOf(announcementLevels)(row['level'], 'level'),
    createdAt: textOf(row, 'created_at'),
  };
}
