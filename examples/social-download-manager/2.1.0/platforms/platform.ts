import type { Quality } from '../downloads/download.ts';

/** One platform's entry in `platform_settings.json`. */
export interface PlatformSettings {
  /** Where the platform is reached, without a trailing slash; empty where links carry their own host. */
  readonly endpoint: string;
  /** The program that fetches from it, found on the PATH or given as a path. */
  readonly program?: string;
  readonly timeoutSeconds: number;
}

/** A sign-in at the platform, kept in `platform_configurations.auth`. */
export interface PlatformAuth {
  readonly username: string;
  readonly password: string;
}

/** What a platform knows about a link before anything is downloaded. */
export interface MediaInfo {
  readonly title: string;
  readonly uploader: string | null;
  readonly durationSeconds: number | null;
  readonly sizeBytes: number | null;
  /** Of the file, without a dot: `mp4`. */
  readonly extension: string;
}

export interface FetchRequest {
  readonly link: URL;
  readonly quality: Quality;
  readonly audioOnly: boolean;
  readonly settings: PlatformSettings;
  readonly auth: PlatformAuth | null;
  readonly signal: AbortSignal;
}

export interface Progress {
  readonly receivedBytes: number;
  readonly sizeBytes: number | null;
}

/** Whether the platform can be used now, and if not, what is missing. */
export type PlatformCheck =
  | { readonly status: 'ok'; readonly detail: string }
  | { readonly status: 'unavailable'; readonly detail: string };

/** One platform that links can come from. To add one: a file here and a line in `registry.ts`. */
export interface Platform {
  readonly name: string;
  recognises(link: URL): boolean;
  check(settings: PlatformSettings): Promise<PlatformCheck>;
  /** Throws `PlatformError`. */
  describe(request: FetchRequest): Promise<MediaInfo>;
  /**
   * Writes the media to `partPath`, going on from what is there already, and returns its final size.
   * An abort or a failure leaves the part, so that a later call goes on from it. Throws `PlatformError`.
   */
  fetch(request: FetchRequest, target: FetchTarget): Promise<{ readonly sizeBytes: number }>;
}

export interface FetchTarget {
  /** Ends in `.part`; its folder is there. */
  readonly partPath: string;
  /** The first report of a connection tells where it begins. */
  onProgress(progress: Progress): void;
}

/** A failure that is the platform's or the network's; `message` is shown to the user as it is. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
