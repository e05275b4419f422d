import { resolve } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { nearest } from '../../form/nearest.ts';
import { isSnapshotId, type SnapshotId } from '../../store/snapshot-id.ts';
import type { Store } from '../../store/store.ts';
import type { Ground } from '../../switch/ground.ts';
import { restore } from '../../switch/operations.ts';
import type { Call } from '../context.ts';
import { openGround } from '../open.ts';
import { requireYes, runAndTell } from '../running.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  at: z.string('--at SNAPSHOT or TIME is needed'),
  into: z.string().optional(),
  asset: z.array(z.string()).default([]),
  live: z.boolean().default(false),
  reason: z.string().default('restore'),
  onFailure: z.enum(['undo', 'hold']).default('undo'),
  yes: z.boolean().default(false),
});
type Wishes = z.output<typeof flags>;

export const restoreCommand: CommandDefinition = {
  example: `backstep restore --at 2026-02-14T09:30:00Z --into ./looked-at --asset history

Restores into a folder, for looking at or for copying from. With --live the application itself is brought to that state,
under the release that runs: what was done since is then in the safety snapshot of the run alone. To take back an upgrade
and keep what users did since, use backstep rollback.`,
  options: {
    '--at <snapshot>': {
      text: 'a snapshot, or a time: the newest snapshot that was taken by then',
    },
    '--into <folder>': { text: 'where nothing is yet, or an empty folder' },
    '--live': { text: 'over the live state, by the same steps as a rollback' },
    '--asset <name>': { text: 'this asset alone (default: all)', isRepeated: true },
    '--reason <text>': { text: 'with --live: why, for the record' },
    '--on-failure <policy>': { text: 'with --live: undo (default) or hold' },
    '--yes': { text: 'with --live: ask nothing' },
  },
  run: (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const ground = openGround(call);
    for (const asset of wishes.asset) requireAsset(Object.keys(ground.manifest.assets), asset);
    return wishes.live ? restoreLive(call, ground, wishes) : restoreInto(call, ground, wishes);
  },
};

function restoreLive(call: Call, ground: Ground, wishes: Wishes): Promise<number> {
  if (wishes.into !== undefined) {
    throw new BackstepError('usage', {
      message: '--live and --into exclude each other',
      hint: 'give one of them',
    });
  }
  requireYes(call, wishes.yes, 'the restore over the live state');
  const only = wishes.asset.length === 0 ? null : wishes.asset;
  const { at, reason, onFailure: policy } = wishes;
  return runAndTell(call, ground, {
    purpose: `restore of ${at}`,
    run: (options) => restore(ground, { at, only, reason, policy }, options),
  });
}

function restoreInto(call: Call, { store }: Ground, wishes: Wishes): Promise<number> {
  if (wishes.into === undefined) {
    throw new BackstepError('usage', {
      message: '--into FOLDER is needed, or --live to restore over the live state',
      hint: 'backstep restore --at … --into FOLDER',
    });
  }
  const id = snapshotAt(store, wishes.at);
  const target = resolve(call.cwd, wishes.into);
  const [asset, ...more] = wishes.asset;
  if (more.length > 0) {
    throw new BackstepError('usage', {
      message: '--into takes one --asset, or all of them',
      hint: 'restore the others into folders of their own',
    });
  }
  const subtree = asset === undefined ? 'assets' : `assets/${asset}`;
  const restored = store.restore(id, target, { subtree });
  call.output.result({ snapshot: id, into: target, ...restored }, [
    `${restored.fileCount} files, ${restored.sizeBytes} bytes of ${id} in ${target}`,
    ...restored.ownerNotKept.map((path) => `this user may not give it its owner: ${path}`),
    ...restored.leftOut.map((path) => `not restored, since it was no file: ${path}`),
  ]);
  return Promise.resolve(0);
}

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
