import { discardPart } from '../platforms/part.ts';
import type { FetchRequest, Platform } from '../platforms/platform.ts';
import type { Download, DownloadChange } from './download.ts';
import { finish, recovered } from './finish.ts';
import { openFolders } from './folder.ts';
import type { ProgressMeter } from './progress.ts';
import type { DownloadPlace } from './records.ts';

/** One download, as the engine hands it over to be run. */
export interface Job {
  readonly download: Download;
  readonly platform: Platform;
  readonly place: DownloadPlace;
  readonly request: FetchRequest;
  readonly meter: ProgressMeter;
  /** The row as it is now: its title may have been changed meanwhile. */
  current(): Download;
  change(change: DownloadChange): void;
}

/**
 * Takes one download from its link to a finished file, going on from whatever an earlier run left.
 * Returns what the finished row holds. Throws PlatformError, EngineError, system errors, or the signal's reason.
 */
export async function runJob(job: Job): Promise<DownloadChange> {
  const { download, meter } = job;
  const folders = await openFolders(job.place, download.id);
  const { fileName, sizeBytes } = download;
  if (fileName !== null) {
    const size = await recovered(folders, { name: fileName, sizeBytes });
    if (size !== null) return { fileName, sizeBytes: size, receivedBytes: size };
  }
  // The history is written before the part is trusted: nothing received there, nothing to go on with (`retry`).
  if (download.receivedBytes === 0) await discardPart(folders.partPath);
  const info = await job.platform.describe(job.request);
  job.change({
    ...(isUntitled(job.current()) ? { title: info.title } : {}),
    uploader: info.uploader,
    durationSeconds: info.durationSeconds,
    sizeBytes: info.sizeBytes,
    fileName: null,
  });
  const fetched = await job.platform.fetch(job.request, {
    partPath: folders.partPath,
    onProgress: (progress) => meter.report(progress),
  });
  job.request.signal.throwIfAborted();
  const whole = { sizeBytes: fetched.sizeBytes, receivedBytes: fetched.sizeBytes };
  const name = await finish(folders, {
    title: job.current().title,
    extension: info.extension,
    onNamed: (taken) => job.change({ ...whole, fileName: taken }),
  });
  return { ...whole, fileName: name };
}

/** A row's title is its link until the platform has told a better one; what the user typed stays. */
function isUntitled({ title, url }: Download): boolean {
  return title === url || title === '';
}
