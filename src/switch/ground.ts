import type { AssetHandler, Side } from '../asset/asset.ts';
import type { Audit } from '../audit/audit.ts';
import type { Host } from '../host/host.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { ServiceDefinition } from '../service/kinds.ts';
import type { Service } from '../service/service.ts';
import type { Store } from '../store/store.ts';
import type { StateFolders } from './book.ts';

/** The releases on this machine. */
export interface Releases {
  /** Known versions, oldest first by when they were added. */
  list(): readonly string[];
  /** The version that is in its place now; null where none is, or an unknown one. */
  current(): string | null;
  /** Absolute: `{release}` in commands. Throws `switch/no-release`. */
  folderOf(version: string): string;
  /** What differs from when it was added, one line each; empty where it is whole. */
  differences(version: string): readonly string[];
  /** The units of the release asset for a version, made in an empty folder. */
  wanted(version: string, into: string): Side;
  /** Removes its copy and what is recorded of it; it is unknown from then on. */
  remove(version: string): void;
  /** Removes what additions that were killed have left. The caller holds the lock. */
  removeHalfAdded(): void;
}

/** What every run stands on: one application, its records, and what acts on it. */
export interface Ground {
  readonly host: Host;
  readonly manifest: Manifest;
  readonly folders: StateFolders;
  readonly store: Store;
  readonly audit: Audit;
  /** In the manifest's order. */
  readonly assets: readonly AssetHandler[];
  /** The same kinds over another manifest: that of a staged tree. */
  openAssets(manifest: Manifest): readonly AssetHandler[];
  readonly releases: Releases;
  readonly service: Service;
  /** The same as data, with its placeholders filled in. */
  readonly serviceDefinition: ServiceDefinition;
  /** The Node that runs Backstep: `{node}` in commands. */
  readonly node: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The asset that chooses which program files run; it is displaced first and placed last. */
export function isRelease(ground: Ground, asset: string): boolean {
  return ground.manifest.assets[asset]?.kind === 'release';
}

/** Assets whose state is merged: all but the release. */
export function stateAssets(ground: Ground): readonly AssetHandler[] {
  return ground.assets.filter((asset) => !isRelease(ground, asset.name));
}
