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
  /** Databases that the upgrade changed. */
  readonly databases: readonly KitDatabase[];
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

/** Bytes in the store: the objects' names, in order. */
export interface KitBytes {
  readonly hashes: readonly string[];
  readonly sizeBytes: number;
}

export interface KitUnit {
  readonly asset: string;
  readonly unit: string;
  readonly live: string;
  /** How the unit stood before the upgrade; null where it was not there, so that it is only moved aside. */
  readonly wanted: KitFile | KitLink | null;
}

export interface KitFile extends KitBytes {
  readonly kind: 'file';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970 with nine decimals. */
  readonly mtime: string;
}

export interface KitLink {
  readonly kind: 'link';
  readonly target: string;
}

export interface KitDatabase {
  readonly asset: string;
  /** Its unit of `KitFacts.units`. */
  readonly unit: string;
  readonly live: string;
  readonly before: KitBytes;
  readonly after: KitBytes;
  /** The pair's two states as files that can be read while the kit is being made, and only then. */
  readonly beforeFile: string;
  readonly afterFile: string;
  /** The SQL that carries what changed since the upgrade; null where it cannot be compiled. */
  readonly compiled: KitCompiled | null;
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
