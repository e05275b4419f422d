/** One file of the emergency kit. */
export interface KitPart {
  /** Its path in the kit, `/` between folders. */
  readonly name: string;
  /** 0o700 for scripts. */
  readonly mode: 0o700 | 0o600;
  readonly bytes: Buffer;
}

/** Makes files of the kit of what is known; the same facts give the same bytes. */
export type KitProvider = (facts: KitFacts) => readonly KitPart[];

/** All that a kit says about one application: what `plan` would find now, and where everything lies. Paths are absolute. */
export interface KitFacts {
  readonly app: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  /** Backstep's version. */
  readonly madeBy: string;
  readonly manifestFile: string;
  /** The folder of the manifest, in which the application's commands run. */
  readonly folder: string;
  readonly state: string;
  /** The store of plain files within the state folder. */
  readonly store: string;
  /** How this Backstep was called, without arguments: the Node, and the executable. */
  readonly backstep: readonly [node: string, main: string];
  /** The pair that leads back. */
  readonly pair: KitPair;
  readonly releases: KitReleases;
  readonly assets: readonly KitAsset[];
  /** What is to be done with each unit that the upgrade changed; the others stay as they lie. */
  readonly units: readonly KitUnit[];
  /** What the way without Backstep does not carry, a line each. */
  readonly notes: readonly string[];
  readonly service: KitService;
  /** What answers when the application is ready; null where only the process can be looked at. */
  readonly health: KitHealth | null;
  readonly contacts: readonly KitContact[];
}

export interface KitPair {
  readonly id: string;
  /** The version to go back to. */
  readonly from: string;
  /** The version that runs when the kit is of use. */
  readonly to: string;
  /** ISO 8601, UTC: when the upgrade was done. */
  readonly at: string;
  /** Snapshots. */
  readonly before: string;
  readonly after: string;
}

export interface KitReleases {
  readonly root: string;
  readonly layout: 'symlink' | 'in-place';
  /** With `symlink`, what leads to the running release; its target is the version's name. */
  readonly link: string | null;
  /** The frozen files of the version to go back to, and the listing that says what they hash to. */
  readonly folder: string;
  readonly listing: string;
}

export interface KitAsset {
  readonly name: string;
  readonly kind: 'json' | 'sqlite' | 'files' | 'release' | 'service' | 'command';
  /**
   * What the plain way makes of it: `kept` (the upgrade left it alone) · `restored` (the files that the upgrade
   * changed come back from before it) · `compiled` (a database whose changes are carried by a script) ·
   * `released` (the program files) · `by-hand` (kept by commands of the manifest; the plain way leaves it).
   */
  readonly plainly: 'kept' | 'restored' | 'compiled' | 'released' | 'by-hand';
}

/** What is put in the place of one live file when the kit goes back without Backstep. */
export type KitSource =
  /** Bytes of the store. */
  | { readonly kind: 'file'; readonly hashes: readonly string[] }
  /** A file that lies somewhere else, absolute. */
  | { readonly kind: 'copy'; readonly from: string }
  | { readonly kind: 'link'; readonly target: string }
  /** Nothing: only the newer release has it. */
  | { readonly kind: 'gone' }
  /** What a compiled script makes of these states; the one before the upgrade where no script can run. */
  | {
      readonly kind: 'database';
      readonly before: readonly string[];
      readonly after: readonly string[];
      readonly compiled: KitCompiled | null;
    };

/** One live file that the upgrade changed. */
export interface KitUnit {
  readonly asset: string;
  readonly unit: string;
  /** Of the program files, which are displaced first and placed last. */
  readonly isRelease: boolean;
  readonly live: string;
  /** A hidden folder on the file system of `live`, for what is staged and displaced. */
  readonly root: string;
  readonly source: KitSource;
  /** Of the file that is placed; null where nothing is, and for links. */
  readonly attributes: { readonly mode: number; readonly uid: number; readonly gid: number } | null;
}

/** For the `sqlite3` shell: result.db begins as a copy of before.db, and before.db, after.db, now.db lie beside it. */
export interface KitCompiled {
  readonly script: string;
  /** The oldest SQLite that it runs on: `3.35.0`. */
  readonly asks: string;
  /** What it does not carry, a line each. */
  readonly notes: readonly string[];
}

export interface KitService {
  readonly manager: string;
  /** How PowerShell calls the service; null where it is not one of Windows. */
  readonly name: string | null;
  readonly canStart: boolean;
  /** Argument arrays in the order in which they run. Empty for `process` and `none`. */
  readonly stop: readonly (readonly string[])[];
  readonly start: readonly (readonly string[])[];
  /** Ends with 0 while it runs; null where there is no such command. */
  readonly status: readonly string[] | null;
  readonly stopTimeoutMs: number;
  /** Manager `process`: what Backstep's supervisor runs; null for others. */
  readonly process: KitProcess | null;
}

export interface KitProcess {
  /** Where the supervisor keeps its records. */
  readonly folder: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The account that it runs as; null for the caller's. */
  readonly user: string | null;
}

export interface KitHealth {
  /** `http://127.0.0.1:8765/healthz` */
  readonly url: string;
  readonly withinMs: number;
}

export interface KitContact {
  readonly role: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** 1 at once, 2 and 3 later. */
  readonly level: number;
}
