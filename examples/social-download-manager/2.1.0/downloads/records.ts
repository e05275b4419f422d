import type { Download, DownloadChange } from './download.ts';

/** What the engine needs of the history; `database/history.ts` is the real one. */
export interface DownloadRecords {
  find(id: number): Download | null;
  change(id: number, change: DownloadChange): void;
  /** Pending and downloading rows, oldest first: what a start goes on with. */
  unfinished(): readonly Download[];
}

/** What a download needs to know of its surroundings, read anew when it begins. */
export interface DownloadPlace {
  /** The application's download folder, absolute. */
  readonly root: string;
  /** The user's folder inside it, '' for the root itself. */
  readonly folder: string;
}
