/** What a test that all releases pass has to know of each. */
export interface Release {
  /** Its version, which is also the name of its folder. */
  readonly version: string;
  /** Its words for a download that waits, is under way, and is finished. */
  readonly pending: string;
  readonly downloading: string;
  readonly completed: string;
  /** Whether what a download has brought stands in `download_files`, not in `download_history`. */
  readonly hasFilesTable: boolean;
  /** What stands in a data folder when no server uses it, in order. */
  readonly dataFiles: readonly string[];
}

const filesOf1 = [
  'config.json',
  'downloads',
  'platform_settings.json',
  'sdm.db',
  'server.lock',
  'user_data',
  'user_preferences.json',
];

const filesOf2 = [
  ...filesOf1,
  'component_manifest.json',
  'performance_settings.json',
  'theme_configurations.json',
].toSorted();

export const releases: readonly Release[] = [
  {
    version: '1.2.1',
    pending: 'queued',
    downloading: 'running',
    completed: 'done',
    hasFilesTable: false,
    dataFiles: filesOf1,
  },
  {
    version: '2.0.0',
    pending: 'pending',
    downloading: 'downloading',
    completed: 'completed',
    hasFilesTable: false,
    dataFiles: filesOf2,
  },
  {
    version: '2.1.0',
    pending: 'pending',
    downloading: 'downloading',
    completed: 'completed',
    hasFilesTable: true,
    dataFiles: filesOf2,
  },
];
