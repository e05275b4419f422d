import { join } from 'node:path/posix';
import { z } from 'zod';
import { randomHex } from '../host/random.ts';
import { removeTree } from '../host/whole-file.ts';
import { readBook, readPair, readRecord, writeRecord } from '../switch/book.ts';
import { isRelease, stateAssets, type Ground } from '../switch/ground.ts';
import { openState } from '../switch/stage/states.ts';
import type { SnapshotId } from '../store/snapshot-id.ts';
import { describeAsset } from './describe.ts';

const databaseShape = z.object({
  tables: z.record(z.string(), z.object({ columns: z.array(z.string()), rowCount: z.int() })),
  /** Table of applied migrations → what was applied. */
  versions: z.record(z.string(), z.array(z.string())),
  userVersion: z.int(),
});

const assetShape = z.object({
  units: z.record(z.string(), z.object({ mode: z.int(), uid: z.int(), gid: z.int() })),
  /** Document → the paths of its keys. */
  keys: z.record(z.string(), z.array(z.string())),
  database: databaseShape.nullable(),
});

const measures = z.object({
  memoryBytes: z.number().nullable(),
  /** Of one processor. */
  cpuShare: z.number().nullable(),
});

/** What a release was like when all was well. Times are ISO 8601, UTC. */
const expected = z.object({
  v: z.literal(1),
  release: z.string(),
  at: z.string(),
  /** `recorded` by a person, or the snapshot of a pair. */
  source: z.string(),
  assets: z.record(z.string(), assetShape),
  /** Null: only states were recorded, never the running application. */
  measures: measures.nullable(),
});

export type DatabaseShape = z.output<typeof databaseShape>;
export type AssetShape = z.output<typeof assetShape>;
export type Measures = z.output<typeof measures>;
export type Expected = z.output<typeof expected>;

/** What was recorded of a release, else what the pair beside it holds; null where there is neither. */
export function expectedOf(ground: Ground, release: string): Expected | null {
  const recorded = readRecord(ground.host, recordFile(ground, release), expected);
  return recorded ?? fromPair(ground, release);
}

/** Describes the live state as the one to compare with. */
export function recordExpected(ground: Ground, release: string, found: Measures): Expected {
  const assets = stateAssets(ground).flatMap((handler) => {
    const { name } = handler;
    const asset = ground.manifest.assets[name];
    return asset === undefined
      ? []
      : [[name, describeAsset(ground.host, asset, handler.live())] as const];
  });
  const at = new Date(ground.host.clock.now()).toISOString();
  const content: Expected = {
    v: 1,
    release,
    at,
    source: 'recorded',
    assets: Object.fromEntries(assets),
    measures: found,
  };
  writeRecord(ground.host, recordFile(ground, release), content);
  return content;
}

function recordFile({ folders }: Ground, release: string): string {
  return join(folders.root, 'expected', `${release}.json`);
}

/** The release before an upgrade is in the pair's `before`, the one after it in its `after`. */
function fromPair(ground: Ground, release: string): Expected | null {
  const { host, folders } = ground;
  const book = readBook(host, folders);
  const known = [...book.lineage, ...(book.departure?.steps ?? []).map(({ pair }) => pair ?? '')];
  const pairs = known.filter((id) => id !== '').map((id) => readPair(host, folders, id));
  const found = pairs.findLast(({ from, to }) => from === release || to === release);
  if (found === undefined) return null;
  const id = found.from === release ? found.before : found.after;
  return { ...fromSnapshot(ground, id), release, at: found.at, source: `pair ${found.id}` };
}

function fromSnapshot(ground: Ground, id: SnapshotId): Pick<Expected, 'v' | 'assets' | 'measures'> {
  const { host, folders } = ground;
  const work = join(folders.root, 'checking', randomHex(host.random, 8));
  try {
    const state = openState(ground, id, work);
    const assets = Object.values(ground.manifest.assets)
      .filter(({ name }) => !isRelease(ground, name))
      .map((asset) => [asset.name, describeAsset(host, asset, state.side(asset.name))] as const);
    return { v: 1, assets: Object.fromEntries(assets), measures: null };
  } finally {
    removeTree(host.disk, work);
  }
}
