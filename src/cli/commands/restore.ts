import { resolve } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { nearest } from '../../form/nearest.ts';
import { isSnapshotId, type SnapshotId } from '../../store/snapshot-id.ts';
import type { Store } from '../../store/store.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  at: z.string('--at SNAPSHOT or TIME is needed'),
  into: z.string('--into FOLDER is needed: the live state is not restored over'),
  asset: z.string().optional(),
});

export const restoreCommand: CommandDefinition = {
  example: `backstep restore --at 2026-02-14T09:30:00Z --into ./looked-at --asset history

Restores into a folder, for looking at or for copying from. What is live stays as it is: to take the application
itself back, with what users did since, use backstep rollback.`,
  options: {
    '--at <snapshot>': {
      text: 'a snapshot, or a time: the newest snapshot that was taken by then',
    },
    '--into <folder>': { text: 'where nothing is yet, or an empty folder' },
    '--asset <name>': { text: 'this asset alone (default: all)' },
  },
  run: (call, given) => {
    const { at, into, asset } = parseGiven(flags, given.flags);
    const { store, manifest } = openGround(call);
    const id = snapshotAt(store, at);
    if (asset !== undefined) requireAsset(Object.keys(manifest.assets), asset);
    const target = resolve(call.cwd, into);
    const wanted = asset === undefined ? 'assets' : `assets/${asset}`;
    const restored = store.restore(id, target, { subtree: wanted });
    call.output.result({ snapshot: id, into: target, ...restored }, [
      `${restored.fileCount} files, ${restored.sizeBytes} bytes of ${id} in ${target}`,
      ...restored.ownerNotKept.map((path) => `this user may not give it its owner: ${path}`),
      ...restored.leftOut.map((path) => `not restored, since it was no file: ${path}`),
    ]);
    return Promise.resolve(0);
  },
};

function snapshotAt(store: Store, written: string): SnapshotId {
  if (isSnapshotId(written)) return written;
  const time = Date.parse(written);
  if (Number.isNaN(time)) {
    throw new BackstepError('usage', {
      message: `--at ${written}: neither a snapshot nor a time`,
      hint: 'list them with `backstep snapshots`; a time reads 2026-02-14T09:30:00Z',
    });
  }
  const found = store.list().findLast(({ createdNs }) => createdNs <= BigInt(time) * 1_000_000n);
  if (found !== undefined) return found.id;
  throw new BackstepError('store/no-snapshot', {
    message: `no snapshot was taken by ${new Date(time).toISOString()}`,
    hint: 'list them with `backstep snapshots`',
  });
}

function requireAsset(known: readonly string[], asset: string): void {
  if (known.includes(asset)) return;
  const near = nearest(asset, known);
  throw new BackstepError('usage', {
    message: `--asset ${asset}: the manifest has no such asset`,
    hint: near === null ? `it has: ${known.join(', ')}` : `did you mean ${near}?`,
  });
}
