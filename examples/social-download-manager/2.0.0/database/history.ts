import {
  qualities,
  statuses,
  type Download,
  type DownloadChange,
  type Quality,
  type RowState,
  type Status,
} from '../downloads/download.ts';
import type { DownloadRecords } from '../downloads/records.ts';
import { fitting, flag, object, oneOf, record } from '../shape.ts';
import type { Database } from './open.ts';
import { jsonOrNull, numberOf, numberOrNull, textOf, textOrNull, type Row } from './row.ts';
import { searchHistory, type HistoryQuery } from './search.ts';

/** How long a download that ended stays among the active ones, so that the page sees it end. */
const recentlyEndedMs = 15_000;

export const rowState = record({ pinned: flag, expanded: flag });

export interface NewDownload {
  readonly userId: number;
  readonly platform: string;
  readonly url: string;
  readonly quality: Quality;
  readonly audioOnly: boolean;
  /** The id of the component that adds it. */
  readonly component: string;
}

export interface HistoryPage {
  readonly total: number;
  readonly downloads: readonly Download[];
}

/** The columns of a change; the names in the database. */
const columns = {
  title: 'title',
  uploader: 'uploader',
  status: 'status',
  fileName: 'file_name',
  sizeBytes: 'size_bytes',
  receivedBytes: 'received_bytes',
  durationSeconds: 'duration_seconds',
  error: 'error',
  finishedAt: 'finished_at',
} satisfies Record<keyof DownloadChange, string>;

/** The table `download_history`. */
export class History implements DownloadRecords {
  readonly #database: Database;
  readonly #endedAt = new Map<number, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds all or none, pending; the title is the link until the platform has told a better one. */
  add(downloads: readonly NewDownload[]): readonly Download[] {
    const addedAt = new Date().toISOString();
    return this.#database.transaction(() =>
      downloads.map(({ audioOnly, ...values }) => {
        const row = this.#database.get(
          `INSERT INTO download_history
             (user_id, platform, url, title, quality, audio_only, status, added_at, v2_component_id)
           VALUES (:userId, :platform, :url, :url, :quality, :audioOnly, 'pending', :addedAt, :component)
           RETURNING *`,
          { ...values, audioOnly: Number(audioOnly), addedAt },
        );
        if (row === undefined) throw new TypeError('INSERT … RETURNING returned no row');
        return downloadOf(row);
      }),
    );
  }

  find(id: number): Download | null {
    const row = this.#database.get('SELECT * FROM download_history WHERE id = :id', { id });
    return row === undefined ? null : downloadOf(row);
  }

  change(id: number, change: DownloadChange): void {
    const values = Object.fromEntries(
      Object.entries(change).filter(([, value]) => value !== undefined),
    );
    const assignments = Object.entries(columns)
      .filter(([key]) => key in values)
      .map(([key, column]) => `${column} = :${key}`);
    if (assignments.length === 0) return;
    this.#database.run(`UPDATE download_history SET ${assignments.join(', ')} WHERE id = :id`, {
      ...values,
      id,
    });
    this.#noteEnd(id, change.status);
  }

  setRowState(id: number, state: RowState | null): void {
    const json = state === null ? null : JSON.stringify({ schema: 2, ui: state });
    this.#database.run('UPDATE download_history SET v2_state_snapshot = :json WHERE id = :id', {
      json,
      id,
    });
  }

  remove(id: number): void {
    this.#database.run('DELETE FROM download_history WHERE id = :id', { id });
    this.#endedAt.delete(id);
  }

  unfinished(): readonly Download[] {
    return this.#database
      .all("SELECT * FROM download_history WHERE status IN ('pending', 'downloading') ORDER BY id")
      .map(downloadOf);
  }

  /** A user's pending and running downloads, and those that have just ended, oldest first. */
  active(userId: number): readonly Download[] {
    this.#forgetEnds();
    const ended = [...this.#endedAt.keys()].map((id) => this.find(id));
    return [...this.unfinished(), ...ended.filter((download) => download !== null)]
      .filter((download) => download.userId === userId)
      .toSorted((a, b) => a.id - b.id);
  }

  search(query: HistoryQuery): HistoryPage {
    const { total, rows } = searchHistory(this.#database, query);
    return { total, downloads: rows.map(downloadOf) };
  }

  newest(): Download | null {
    const row = this.#database.get('SELECT * FROM download_history ORDER BY id DESC LIMIT 1');
    return row === undefined ? null : downloadOf(row);
  }

  /** How many downloads there are in each status, of all users. */
  countByStatus(): ReadonlyMap<Status, number> {
    const rows = this.#database.all(
      'SELECT status, count(*) AS total FROM download_history GROUP BY status',
    );
    const counts = new Map(statuses.map((status) => [status, 0]));
    for (const row of rows)
      counts.set(oneOf(statuses)(row['status'], 'status'), numberOf(row, 'total'));
    return counts;
  }

  #noteEnd(id: number, status: Status | undefined): void {
    if (status === undefined) return;
    if (status === 'pending' || status === 'downloading') this.#endedAt.delete(id);
    else this.#endedAt.set(id, Date.now());
    this.#forgetEnds();
  }

  #forgetEnds(): void {
    const since = Date.now() - recentlyEndedMs;
    for (const [id, endedAt] of this.#endedAt) if (endedAt < since) this.#endedAt.delete(id);
  }
}

function downloadOf(row: Row): Download {
  return {
    id: numberOf(row, 'id'),
    userId: numberOf(row, 'user_id'),
    platform: textOf(row, 'platform'),
    url: textOf(row, 'url'),
    title: textOf(row, 'title'),
    uploader: textOrNull(row, 'uploader'),
    quality: oneOf(qualities)(row['quality'], 'quality'),
    audioOnly: numberOf(row, 'audio_only') !== 0,
    status: oneOf(statuses)(row['status'], 'status'),
    fileName: textOrNull(row, 'file_name'),
    sizeBytes: numberOrNull(row, 'size_bytes'),
    receivedBytes: numberOf(row, 'received_bytes'),
    durationSeconds: numberOrNull(row, 'duration_seconds'),
    error: textOrNull(row, 'error'),
    addedAt: textOf(row, 'added_at'),
    finishedAt: textOrNull(row, 'finished_at'),
    component: textOrNull(row, 'v2_component_id'),
    uiState: jsonOrNull(row, 'v2_state_snapshot', stateOf),
  };
}

/** What 1.x has left in `ui` may be anything; what is no state of a row counts as none. */
function stateOf(snapshot: unknown): RowState | null {
  return fitting(rowState, object(snapshot, 'v2_state_snapshot')['ui']);
}
