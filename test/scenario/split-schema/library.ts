/** What a person has in the downloader, whichever release shows it; kept in the test, beside the databases. */
import { DatabaseSync } from 'node:sqlite';

export type Side = 'old' | 'new';

export interface Download {
  url: string;
  title: string;
  filepath: string;
  quality: string | null;
  format: string;
  duration: number | null;
  filesize: number | null;
  /** In the old release's word. */
  status: 'Success' | 'Failed' | 'Pending';
  date: string;
  platform: string | null;
  creator: string | null;
  hashtags: string[];
  /** What else the platform said. */
  extra: Record<string, unknown>;
}

/** What only the new release knows. */
export interface NewOnly {
  readonly sessions: Map<number, number[]>;
  readonly colors: Map<string, string>;
}

const newWords = { Success: 'completed', Failed: 'failed', Pending: 'queued' } as const;

/** The downloads as the release on one side stores them; everything is read back as text that can be compared. */
export function shownIn(file: string, side: Side): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const sql =
      side === 'old'
        ? `SELECT id, url, title, filepath, quality, format, duration, filesize, status, download_date, metadata FROM downloads ORDER BY id`
        : `SELECT d.id, c.url, c.title, d.filepath, d.quality, d.format, c.duration_seconds, d.filesize, d.status, d.download_date,
             json_object('platform', p.name, 'creator', c.creator,
               'hashtags', (SELECT json_group_array(t.name ORDER BY x.position) FROM content_tags AS x JOIN tags AS t ON t.id = x.tag_id WHERE x.content_id = c.id),
               'extra', (SELECT json_group_object(key, json(value) ORDER BY position) FROM content_metadata AS m WHERE m.content_id = c.id))
           FROM downloads AS d JOIN content AS c ON c.id = d.content_id JOIN platforms AS p ON p.id = c.platform_id ORDER BY d.id`;
    return db
      .prepare(sql)
      .all()
      .map((row) => JSON.stringify(Object.values(row)));
  } finally {
    db.close();
  }
}

/** The same lines from the model. */
export function expectedIn(downloads: ReadonlyMap<number, Download>, side: Side): string[] {
  return [...downloads]
    .sort(([a], [b]) => a - b)
    .map(([id, each]) => {
      const { url, title, filepath, quality, format, duration, filesize, status, date } = each;
      const word = side === 'old' ? status : newWords[status];
      const json =
        side === 'old'
          ? metadataOf(each)
          : JSON.stringify({
              platform: each.platform ?? 'unknown',
              creator: each.creator,
              hashtags: each.hashtags,
              extra: each.extra,
            });
      return JSON.stringify([
        id,
        url,
        title,
        filepath,
        quality,
        format,
        duration,
        filesize,
        word,
        date,
        json,
      ]);
    });
}

/** As the old release writes its JSON: what is not known is left out. */
function metadataOf({ platform, creator, hashtags, extra }: Download): string {
  const known = {
    ...(platform === null ? {} : { platform }),
    ...(creator === null ? {} : { creator }),
    hashtags,
  };
  return JSON.stringify({ ...known, ...extra });
}

/** Writes one download as the release on that side does, in one transaction with foreign keys and triggers on. */
export function store(file: string, side: Side, entry: readonly [id: number, Download]): void {
  withDatabase(file, (db) => (side === 'old' ? storeOld : storeNew)(db, ...entry));
}

export function remove(file: string, side: Side, id: number): void {
  withDatabase(file, (db) => {
    if (side === 'old') db.prepare('DELETE FROM downloads WHERE id = ?').run(id);
    else {
      db.prepare(
        'DELETE FROM content WHERE id = (SELECT content_id FROM downloads WHERE id = ?)',
      ).run(id);
    }
  });
}

function storeOld(db: DatabaseSync, id: number, each: Download): void {
  const { url, title, filepath, quality, format, duration, filesize, status, date } = each;
  db.prepare(
    `INSERT INTO downloads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET title = excluded.title, quality = excluded.quality, filesize = excluded.filesize,
       status = excluded.status, metadata = excluded.metadata`,
  ).run(
    id,
    url,
    title,
    filepath,
    quality,
    format,
    duration,
    filesize,
    status,
    date,
    metadataOf(each),
  );
}

function storeNew(db: DatabaseSync, id: number, each: Download): void {
  const { url, title, filepath, quality, format, duration, filesize, date } = each;
  const status = newWords[each.status];
  const platform = each.platform ?? 'unknown';
  db.prepare('INSERT INTO platforms (name) VALUES (?) ON CONFLICT DO NOTHING').run(platform);
  const known = db.prepare('SELECT content_id FROM downloads WHERE id = ?').get(id);
  const content = typeof known?.['content_id'] === 'number' ? known['content_id'] : null;
  const platformId = '(SELECT id FROM platforms WHERE name = ?)';
  if (content === null) {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO content (platform_id, url, title, creator, duration_seconds) VALUES (${platformId}, ?, ?, ?, ?)`,
      )
      .run(platform, url, title, each.creator, duration);
    db.prepare(
      'INSERT INTO downloads (id, content_id, filepath, quality, format, filesize, status, download_date) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(id, lastInsertRowid, filepath, quality, format, filesize, status, date);
  } else {
    db.prepare(
      `UPDATE content SET platform_id = ${platformId}, title = ?, creator = ? WHERE id = ?`,
    ).run(platform, title, each.creator, content);
    db.prepare('UPDATE downloads SET quality = ?, filesize = ?, status = ? WHERE id = ?').run(
      quality,
      filesize,
      status,
      id,
    );
  }
  storeParts(db, id, each);
}

/** The hashtags and what else the platform said, written anew. */
function storeParts(db: DatabaseSync, id: number, { hashtags, extra }: Download): void {
  const content = '(SELECT content_id FROM downloads WHERE id = ?)';
  db.prepare(`DELETE FROM content_tags WHERE content_id = ${content}`).run(id);
  db.prepare(`DELETE FROM content_metadata WHERE content_id = ${content}`).run(id);
  for (const [position, name] of hashtags.entries()) {
    db.prepare('INSERT INTO tags (name) VALUES (?) ON CONFLICT DO NOTHING').run(name);
    db.prepare(
      `INSERT INTO content_tags VALUES (${content}, (SELECT id FROM tags WHERE name = ?), ?)`,
    ).run(id, name, position);
  }
  for (const [position, [key, value]] of Object.entries(extra).entries()) {
    db.prepare(`INSERT INTO content_metadata VALUES (${content}, ?, ?, ?)`).run(
      id,
      key,
      position,
      JSON.stringify(value),
    );
  }
}

/** What only the new release knows: transfers of a download, and a color for a tag. */
export function storeNewOnly(
  file: string,
  act: { session: readonly [number, number] } | { color: readonly [string, string] },
): void {
  withDatabase(file, (db) => {
    if ('session' in act) {
      db.prepare(
        `INSERT INTO download_sessions (download_id, started_at, bytes) VALUES (?, '2026-01-01', ?)`,
      ).run(...act.session);
    } else db.prepare('UPDATE tags SET color = ? WHERE name = ?').run(act.color[1], act.color[0]);
  });
}

export function newOnlyIn(file: string): {
  sessions: string[];
  colors: string[];
  miscounted: number;
  dangling: number;
} {
  return withDatabase(file, (db) => {
    const lines = (sql: string): string[] =>
      db
        .prepare(sql)
        .all()
        .map((row) => JSON.stringify(Object.values(row)));
    return {
      sessions: lines(
        'SELECT download_id, bytes FROM download_sessions ORDER BY download_id, bytes',
      ),
      colors: lines('SELECT name, color FROM tags WHERE color IS NOT NULL ORDER BY name'),
      miscounted: lines(
        'SELECT id FROM tags WHERE usage_count <> (SELECT count(*) FROM content_tags AS x WHERE x.tag_id = tags.id)',
      ).length,
      dangling: lines('PRAGMA foreign_key_check').length,
    };
  });
}

function withDatabase<T>(file: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  try {
    db.exec('BEGIN');
    const result = work(db);
    db.exec('COMMIT');
    return result;
  } finally {
    db.close();
  }
}
