import type { SnapshotHeader } from '../../store/manifest.ts';
import { openGround } from '../open.ts';
import { table } from '../output.ts';
import type { CommandDefinition } from './definition.ts';

export const snapshotsCommand: CommandDefinition = {
  example: 'backstep snapshots --json',
  readsOnly: true,
  run: (call) => {
    const { store } = openGround(call);
    const pins = Map.groupBy(store.pins(), ({ id }) => id);
    const snapshots = store.list().map((header) => ({
      id: header.id,
      created: createdAt(header),
      label: header.label,
      pinnedBy: (pins.get(header.id) ?? []).map(({ by }) => by),
    }));
    const rows = snapshots.map(({ id, created, label, pinnedBy }) => [
      id,
      created,
      label,
      pinnedBy.length === 0 ? '' : `kept for ${pinnedBy.join(', ')}`,
    ]);
    call.output.result(
      snapshots,
      rows.length === 0
        ? ['there is no snapshot yet; take one with: backstep snapshot']
        : table([['snapshot', 'taken', 'why', ''], ...rows]),
    );
    return Promise.resolve(0);
  },
};

function createdAt({ createdNs }: SnapshotHeader): string {
  return new Date(Number(createdNs / 1_000_000n)).toISOString();
}
