import type { z } from '../form/schema.ts';
import type { AssetKindName, WrittenAsset } from './kinds/kinds.ts';
import type { gate, health, HookPoint, migrate } from './operation.ts';
import type { PlaceholderValues } from './placeholder.ts';
import type { Sections } from './schema.ts';
import type { ServiceDefinition } from '../service/kinds.ts';
import type { Platform } from './system.ts';
import type { Command } from '../form/command.ts';
import type { Pattern } from './pattern.ts';

/**
 * backstep.yaml, read and checked. Every path is absolute by the rules of `platform`; commands still
 * hold their placeholders, since live and staged state fill them differently (`valuesOf`).
 * Durations are milliseconds, sizes bytes, shares parts of one.
 */
export interface Manifest {
  /** Absolute. */
  readonly file: string;
  /** The folder of `file`; relative paths begin here, and commands run here. */
  readonly folder: string;
  readonly platform: Platform;
  readonly app: string;
  readonly state: string;
  readonly paths: Readonly<Record<string, string>>;
  readonly releases: Releases;
  readonly service: Service;
  readonly migrate: Migrate | null;
  /** In the order of the file; a `release` asset is added where none is listed. */
  readonly assets: Readonly<Record<string, Asset>>;
  /** The folder of the reversal files. */
  readonly reversals: string;
  readonly health: z.output<typeof health>;
  readonly gate: z.output<typeof gate> | null;
  readonly triggers: Sections['triggers'];
  readonly approvals: Sections['approvals'];
  readonly objectives: Sections['objectives'];
  readonly contacts: Sections['contacts'];
  readonly stakeholders: Sections['stakeholders'];
  readonly hooks: Readonly<Partial<Record<HookPoint, readonly Hook[]>>>;
}

export interface Releases {
  readonly root: string;
  readonly layout: 'symlink' | 'in-place';
  readonly keep: number;
}

/** Paths are absolute here; the commands and the environment of `process` still hold placeholders. */
export type Service = ServiceDefinition;
export type Migrate = z.output<typeof migrate>;

export interface Hook {
  readonly run: Command;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What the loader knows of every asset beside what its kind's schema yields. */
export interface AssetFacts {
  readonly name: string;
  /** Where its files are; empty for `command`. */
  readonly territory: readonly Territory[];
  /** Assets whose files lie within this one's territory and are not its own; see `ownerOf`. */
  readonly inner: readonly string[];
}

/** `root` and `path` are absolute; a `service` asset's `files` are complete: the unit file is among them. */
export type Asset = WrittenAsset & AssetFacts;
export type AssetOf<Kind extends AssetKindName> = Extract<WrittenAsset, { kind: Kind }> &
  AssetFacts;

/** Files below an absolute root that match one of `files` and none of `exclude`. */
export interface Territory {
  readonly root: string;
  readonly files: readonly Pattern[];
  readonly exclude: readonly Pattern[];
}

/** The assets of one kind, in the order of the file. */
export function assetsOf<Kind extends AssetKindName>(
  manifest: Manifest,
  kind: Kind,
): readonly AssetOf<Kind>[] {
  return Object.values(manifest.assets).filter(
    (asset): asset is AssetOf<Kind> => asset.kind === kind,
  );
}

/** What a run knows and the manifest does not. */
export interface RunValues {
  /** The Node that runs Backstep. */
  readonly node: string;
  /** The folder of the release that is meant. */
  readonly release: string;
  readonly port?: number | undefined;
  /** Other folders for `paths`, those of a staged tree for instance (`stagedPaths`). */
  readonly paths?: Readonly<Record<string, string>>;
}

/** What stands for the placeholders of the manifest's commands. */
export function valuesOf(manifest: Manifest, run: RunValues): PlaceholderValues {
  const port = run.port ?? manifest.service.port;
  return {
    ...(run.paths ?? manifest.paths),
    node: run.node,
    release: run.release,
    ...(port === undefined ? {} : { port: String(port) }),
  };
}
