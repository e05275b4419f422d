import type { SQLInputValue } from 'node:sqlite';
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
import { downloads } from './downloads.ts';
import type { Database, Values } from './open.ts';
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
const historyColumns = {
  title: 'title',
  uploader: 'uploader',
  status: 'status',
  durationSeconds: 'duration_seconds',
  error: 'error',
  finishedAt: 'finished_at',
} satisfies Partial<Record<keyof DownloadChange, string>>;

const fileColumns = {
  fileName: 'file_name',
  sizeBytes: 'size_bytes',
  receivedBytes: 'received_bytes',
} satisfies Record<Exclude<keyof DownloadChange, keyof typeof historyColumns>, string>;

/** The tables `download_history` and `download_files`. */
export class History implements DownloadRecords {
  readonly #database: Database;
  readonly #endedAt = new Map<number, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds all or none, pending; the title is the link until the platform has told a better one. */
  add(wanted: readonly NewDownload[]): readonly Download[] {
    const addedAt = new Date().toISOString();
    return this.#database.transaction(() => wanted.map((one) => this.#insert(one, addedAt)));
  }

  find(id: number): Download | null {
    const row = this.#database.get(`SELECT * FROM ${downloads} WHERE id = :id`, { id });
    return row === undefined ? null : downloadOf(row);
  }

  /** Changes both tables or none. A download that is gone stays gone. */
  change(id: number, change: DownloadChange): void {
    const ofHistory = chosen(change, historyColumns);
    const ofFiles = chosen(change, fileColumns);
    if (ofHistory.length > 0 && ofFiles.length > 0)
      this.#database.transaction(() => {
        this.#changeHistory(id, ofHistory);
        this.#changeFiles(id, ofFiles);
      });
    else if (ofHistory.length > 0) this.#changeHistory(id, ofHistory);
    else if (ofFiles.length > 0) this.#changeFiles(id, ofFiles);
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
      .all(`SELECT * FROM ${downloads} WHERE status IN ('pending', 'downloading') ORDER BY id`)
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
    const row = this.#database.get(`SELECT * FROM ${downloads} ORDER BY id DESC LIMIT 1`);
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

  #insert({ audioOnly, ...values }: NewDownload, addedAt: string): Download {
    const row = this.#database.get(
      `INSERT INTO download_history
         (user_id, platform, url, title, quality, audio_only, status, added_at, v2_component_id)
       VALUES (:userId, :platform, :url, :url, :quality, :audioOnly, 'pending', :addedAt, :component)
       RETURNING id`,
      { ...values, audioOnly: Number(audioOnly), addedAt },
    );
    const id = numberOf(row ?? {}, 'id');
    this.#database.run('INSERT INTO download_files (download_id) VALUES (:id)', { id });
    const download = this.find(id);
    if (download === null) throw new TypeError(`download ${id} was added and is not there`);
    return download;
  }

  #changeHistory(id: number, cells: readonly Cell[]): void {
    const assignments = cells.map(({ column }) => `${column} = :${column}`);
    this.#database.run(
      `UPDATE download_history SET ${assignments.join(', ')} WHERE id = :id`,
      valuesOf(id, cells),
    );
  }

  #changeFiles(id: number, cells: readonly Cell[]): void {
    const names = cells.map(({ column }) => column);
    this.#database.run(
      `INSERT INTO download_files (download_id, ${names.join(', ')})
       SELECT id, ${names.map((name) => `:${name}`).join(', ')} FROM download_history WHERE id = :id
       ON CONFLICT (download_id) DO UPDATE SET
         ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
      valuesOf(id, cells),
    );
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

/** One column of a change and what it is to hold. */
interface Cell {
  readonly column: string;
  readonly value: SQLInputValue;
}

function chosen(
  change: DownloadChange,
  columns: Readonly<Record<string, string>>,
): readonly Cell[] {
  return Object.entries(change).flatMap(([key, value]) => {
    const column = columns[key];
    return column === undefined || value === undefined ? [] : [{ column, value }];
  });
}

function valuesOf(id: number, cells: readonly Cell[]): Values {
  return { id, ...Object.fromEntries(cells.map(({ column, value }) => [column, value])) };
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
