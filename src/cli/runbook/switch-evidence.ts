import { join } from 'node:path/posix';
import { z } from 'zod';
import { readRecord } from '../../switch/book.ts';
import type { Ground } from '../../switch/ground.ts';
import { bookNow } from '../../switch/operations.ts';
import { notSo } from './not-so.ts';

/** What the report of the switch says of one item after the other. */
const switchReport = z.object({
  run: z.string(),
  assets: z.record(
    z.string(),
    z.object({
      carried: z.object({ inserted: z.int(), updated: z.int(), deleted: z.int() }),
      parked: z.array(z.object({ what: z.string(), count: z.int() })),
      reconciled: z.boolean(),
      merged: z.boolean(),
    }),
  ),
});
type SwitchReport = z.output<typeof switchReport>;

/** The report of the rollback that the application stands on. */
export function reportOfSwitch(ground: Ground): SwitchReport {
  const { departure } = bookNow(ground);
  const path = departure === null ? null : join(ground.folders.runs, departure.run, 'report.json');
  const report = path === null ? null : readRecord(ground.host, path, switchReport);
  if (report !== null) return report;
  throw notSo('the switch was not done yet (5.1.P2-4)');
}

export function ofKinds(ground: Ground, kinds: readonly string[], what: string): string {
  const { assets, run } = reportOfSwitch(ground);
  const { manifest } = ground;
  const names = Object.values(manifest.assets)
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ name }) => name);
  if (names.length === 0) return `the manifest lists no ${what}`;
  const shown = names.map((name) => `${name} ${howItCame(assets[name])}`);
  return `${shown.join(', ')} (${run})`;
}

function howItCame(asset: SwitchReport['assets'][string] | undefined): string {
  if (asset === undefined || !asset.merged) return 'as it was';
  const { inserted, updated, deleted } = asset.carried;
  const count = asset.parked.reduce((sum, each) => sum + each.count, 0);
  return `merged: ${inserted + updated + deleted} changes carried, ${count} parked`;
}

export function carried({ assets, run }: SwitchReport): string {
  const all = Object.values(assets);
  const count = all.reduce(
    (sum, { carried: each }) => sum + each.inserted + each.updated + each.deleted,
    0,
  );
  const parked = all.flatMap((asset) => asset.parked);
  const aside = parked.reduce((sum, each) => sum + each.count, 0);
  return `${count} changes carried, ${aside} parked: \`backstep parked list\` shows them (${run})`;
}

export function safetySnapshot(ground: Ground): string {
  const { run } = reportOfSwitch(ground);
  const label = `now ${run}`;
  const found = ground.store.list().findLast((each) => each.label === label);
  if (found === undefined) throw notSo(`${run} has no safety snapshot`);
  return `snapshot ${found.id} holds the state as it was before ${run}`;
}

export function reconciled({ run, assets }: SwitchReport): string {
  const open = Object.entries(assets).filter(([, asset]) => asset.merged && !asset.reconciled);
  if (open.length === 0) return `every change is carried or parked, in every asset (${run})`;
  throw notSo(`changes of ${open.map(([name]) => name).join(', ')} are not accounted for`);
}
