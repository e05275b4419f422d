/** The words that a download's `status` column may hold. */
export const statuses = ['pending', 'downloading', 'completed', 'failed', 'cancelled'] as const;
export type Status = (typeof statuses)[number];

/** What a user may ask for: the best there is, or at most so many lines of picture. */
export const qualities = ['best', '1080', '720', '480', '360'] as const;
export type Quality = (typeof qualities)[number];

/** What the page remembers about one row of the history. */
export interface RowState {
  readonly pinned: boolean;
  readonly expanded: boolean;
}

/** One row of `download_history` and of `download_files`. Sizes in bytes, times in ISO 8601 (UTC). */
export interface Download {
  readonly id: number;
  readonly userId: number;
  readonly platform: string;
  readonly url: string;
  readonly title: string;
  readonly uploader: string | null;
  readonly quality: Quality;
  readonly audioOnly: boolean;
  readonly status: Status;
  /** Relative to the application's download folder, `/` between folders. */
  readonly fileName: string | null;
  readonly sizeBytes: number | null;
  readonly receivedBytes: number;
  readonly durationSeconds: number | null;
  readonly error: string | null;
  readonly addedAt: string;
  readonly finishedAt: string | null;
  /** The component that has added it, where that is known. */
  readonly component: string | null;
  readonly uiState: RowState | null;
}

/** What may change in a row while it is downloaded. */
export type DownloadChange = Partial<
  Pick<
    Download,
    | 'title'
    | 'uploader'
    | 'status'
    | 'fileName'
    | 'sizeBytes'
    | 'receivedBytes'
    | 'durationSeconds'
    | 'error'
    | 'finishedAt'
  >
>;
