import { duration } from '../../src/cli/output.ts';
import type { RunReport } from '../../src/switch/report/report.ts';

/** A rollback in one table: what was carried and parked, how long it took, and what the manual allows. */
export function runTable(report: RunReport): string[][] {
  const { assets, phases, downtimeMs, objective } = report;
  const merged = Object.entries(assets).filter(([, asset]) => asset.merged);
  const totalMs = phases.reduce((sum, { ms }) => sum + ms, 0);
  return [
    ['Backstep’s rollback', '', ''],
    ...merged.map(([name, { carried }]) => [
      'carried',
      name,
      `${carried.inserted} new, ${carried.updated} changed, ${carried.deleted} deleted`,
    ]),
    ...merged.flatMap(([name, { parked }]) =>
      parked.map(({ what, count, why }) => ['parked', placeIn(name, what), `${count} (${why})`]),
    ),
    [
      'downtime',
      downtimeMs === null ? 'not measured' : duration(downtimeMs),
      `${verdict(objective)}: at most ${duration(objective.maxDowntimeMs)} (${objective.type})`,
    ],
    ['in all', duration(totalMs), `target ${duration(objective.targetMs)}, class ${report.class}`],
    ...phases.map(({ name, ms }) => ['', name, duration(ms)]),
  ];
}

function verdict({ met }: RunReport['objective']): string {
  return met === null ? 'not measured' : met ? 'kept' : 'MISSED';
}

/** A document's place names its asset already. */
function placeIn(asset: string, what: string): string {
  return what.startsWith(`${asset}/`) ? what : `${asset}: ${what}`;
}
