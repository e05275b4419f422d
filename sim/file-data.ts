import type { Chance } from './chance.ts';

/** What a file holds: what reached the disk, what is read from it now, and the changes that lie between them. */
export interface FileData {
  readonly synced: Buffer;
  readonly current: Buffer;
  /** Oldest first; `current` is `synced` with all of them, and with what a failed sync lost. */
  readonly changes: readonly DataChange[];
  /** True once a sync has failed: what was unsynced then is read from the cache and never reaches the disk. */
  readonly isHollow?: boolean;
}

type DataChange =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly sizeBytes: number };

export function emptyData(): FileData {
  return settledData(Buffer.alloc(0));
}

/** All of it on the disk. */
export function settledData(bytes: Buffer): FileData {
  return { synced: bytes, current: bytes, changes: [] };
}

/** All of it on the disk, but for what an earlier sync has lost. */
export function syncedData(data: FileData): FileData {
  return data.isHollow === true
    ? { ...data, synced: keptOf(data), changes: [] }
    : settledData(data.current);
}

/** What a failed sync leaves, as Linux does it: the cache keeps the bytes, and takes them for written. */
export function afterFailedSync(data: FileData): FileData {
  return data.changes.length === 0 ? data : { ...data, changes: [], isHollow: true };
}

/** What would be on the disk if everything that can still reach it did. */
function keptOf({ synced, current, changes, isHollow }: FileData): Buffer {
  return isHollow === true ? changes.reduce(applied, synced) : current;
}

export function written(data: FileData, position: number, bytes: Uint8Array): FileData {
  return changed(data, { kind: 'write', position, bytes: Buffer.from(bytes) });
}

export function truncated(data: FileData, sizeBytes: number): FileData {
  return changed(data, { kind: 'truncate', sizeBytes });
}

function changed(data: FileData, change: DataChange): FileData {
  const current = applied(data.current, change);
  return { ...data, current, changes: [...data.changes, change] };
}

function applied(bytes: Buffer, change: DataChange): Buffer {
  if (change.kind === 'truncate') return resized(bytes, change.sizeBytes);
  const end = change.position + change.bytes.length;
  const result = resized(bytes, Math.max(bytes.length, end));
  change.bytes.copy(result, change.position);
  return result;
}

/** A copy of this size; what is added is zeros. */
function resized(bytes: Buffer, sizeBytes: number): Buffer {
  const result = Buffer.alloc(sizeBytes);
  bytes.copy(result, 0, 0, Math.min(bytes.length, sizeBytes));
  return result;
}

/** What a device writes as one, and what a file system does. */
const blockSizes = [512, 4096] as const;

/**
 * What a loss of power leaves of it: the unsynced changes lost, or kept, or the first of them with a torn last one;
 * where nothing is in order, also each block and the size as they were at any moment since.
 */
export function dataAfterCrash(
  data: FileData,
  chance: Chance,
  { isOrdered }: { readonly isOrdered: boolean },
): Buffer {
  if (data.changes.length === 0) return data.synced;
  const ordered = [() => data.synced, () => keptOf(data), () => tornAfterSome(data, chance)];
  return chance.of(isOrdered ? ordered : [...ordered, () => anyBlocks(data, chance)])();
}

/** Some changes in their order, and of the next one the bytes up to a boundary. */
function tornAfterSome({ synced, changes }: FileData, chance: Chance): Buffer {
  const count = chance.below(changes.length);
  const before = changes.slice(0, count).reduce(applied, synced);
  const next = changes[count];
  if (next?.kind !== 'write') return before;
  const block = chance.of(blockSizes);
  const end = next.position + next.bytes.length;
  const firstBoundary = Math.floor(next.position / block) + 1;
  const boundaries = Math.max(1, Math.ceil(end / block) - firstBoundary);
  const cut = (firstBoundary + chance.below(boundaries)) * block;
  const bytes = next.bytes.subarray(0, Math.max(0, cut - next.position));
  return applied(before, { ...next, bytes });
}

/** Every block from any of the states since the last sync; what the size covers and nothing wrote is zeros. */
function anyBlocks({ synced, changes }: FileData, chance: Chance): Buffer {
  const states = [synced];
  for (const change of changes) states.push(applied(states.at(-1) ?? synced, change));
  const result = Buffer.alloc(chance.of(states).length);
  const block = chance.of(blockSizes);
  for (let at = 0; at < result.length; at += block) {
    result.set(chance.of(states).subarray(at, Math.min(at + block, result.length)), at);
  }
  return result;
}
