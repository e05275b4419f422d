import path from 'node:path';

/** The systems that Backstep runs on, by Node's names. */
export const platforms = ['linux', 'darwin', 'win32'] as const;
export type Platform = (typeof platforms)[number];

/** What the defaults depend on; comes from the host, so that each system is tested anywhere. */
export interface System {
  readonly platform: Platform;
  /** The owner's home folder. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A system application runs as a service for all; a user's runs in one person's session. */
export type Scope = 'system' | 'user';

/** Where things are by convention. Absolute paths of the system asked about. */
export interface Places {
  readonly state: string;
  readonly config: string;
  readonly data: string;
  readonly logs: string;
  readonly releases: string;
}

/**
 * One row a system and scope; `{app}` is the application, the other names are of `bases`. Sources:
 * FHS 3.0 and the XDG base directories; Apple's File System Programming Guide; Windows' known folders.
 */
const placesTable = {
  linux: {
    system: {
      state: '/var/lib/backstep/{app}',
      config: '/etc/{app}',
      data: '/var/lib/{app}',
      logs: '/var/log/{app}',
      releases: '/opt/{app}',
    },
    user: {
      state: '{stateHome}/backstep/{app}',
      config: '{configHome}/{app}',
      data: '{dataHome}/{app}',
      logs: '{stateHome}/{app}',
      releases: '{home}/.local/opt/{app}',
    },
  },
  darwin: {
    system: {
      state: '/Library/Application Support/Backstep/{app}',
      config: '/Library/Application Support/{app}',
      data: '/Library/Application Support/{app}',
      logs: '/Library/Logs/{app}',
      releases: '/opt/{app}',
    },
    user: {
      state: '{home}/Library/Application Support/Backstep/{app}',
      config: '{home}/Library/Application Support/{app}',
      data: '{home}/Library/Application Support/{app}',
      logs: '{home}/Library/Logs/{app}',
      releases: '{home}/Applications/{app}',
    },
  },
  win32: {
    system: {
      state: '{programData}\\Backstep\\{app}',
      config: '{programData}\\{app}',
      data: '{programData}\\{app}',
      logs: '{programData}\\{app}\\logs',
      releases: '{programFiles}\\{app}',
    },
    user: {
      state: '{localAppData}\\Backstep\\{app}',
      config: '{appData}\\{app}',
      data: '{appData}\\{app}',
      logs: '{localAppData}\\{app}\\logs',
      releases: '{localAppData}\\Programs\\{app}',
    },
  },
} as const satisfies Record<Platform, Record<Scope, Places>>;

/** Base folders: the environment's variable, else a folder below the home folder or the system's own. */
const bases = {
  stateHome: { variable: 'XDG_STATE_HOME', otherwise: '{home}/.local/state' },
  configHome: { variable: 'XDG_CONFIG_HOME', otherwise: '{home}/.config' },
  dataHome: { variable: 'XDG_DATA_HOME', otherwise: '{home}/.local/share' },
  programData: { variable: 'ProgramData', otherwise: 'C:\\ProgramData' },
  programFiles: { variable: 'ProgramFiles', otherwise: 'C:\\Program Files' },
  appData: { variable: 'APPDATA', otherwise: '{home}\\AppData\\Roaming' },
  localAppData: { variable: 'LOCALAPPDATA', otherwise: '{home}\\AppData\\Local' },
} as const;

/** The manager that a manifest's `service:` means where it names none. */
export const defaultServiceManager = {
  linux: 'systemd',
  darwin: 'launchd',
  win32: 'windows',
} as const satisfies Record<Platform, string>;

/** Path rules of the system asked about, whichever system this runs on. */
export function pathsOf(platform: Platform): path.PlatformPath {
  return platform === 'win32' ? path.win32 : path.posix;
}

/** Names that differ in case alone are one file on these systems' usual volumes. */
export function foldsCase(platform: Platform): boolean {
  return platform !== 'linux';
}

/**
 * Where an application's parts are by convention. `init` resolves this once, as the owner, and writes
 * the result into the manifest: under `sudo` the home folder is another one.
 */
export function defaultPlaces(app: string, scope: Scope, system: System): Places {
  const row = placesTable[system.platform][scope];
  const resolve = (template: string): string => fillBases(template, app, system);
  return {
    state: resolve(row.state),
    config: resolve(row.config),
    data: resolve(row.data),
    logs: resolve(row.logs),
    releases: resolve(row.releases),
  };
}

function fillBases(template: string, app: string, system: System): string {
  return template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    if (name === 'app') return app;
    if (name === 'home') return system.home;
    const base = Object.entries(bases).find(([each]) => each === name)?.[1];
    if (base === undefined) throw new TypeError(`no base folder is called ${name}`);
    const given = system.env[base.variable];
    // A relative value must be ignored (XDG base directories, 0.8).
    const isUsable = given !== undefined && pathsOf(system.platform).isAbsolute(given);
    return isUsable ? given : fillBases(base.otherwise, app, system);
  });
}
