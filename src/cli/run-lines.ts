import type { Ground } from '../switch/ground.ts';
import type { AssetReport, RunReport } from '../switch/report/report.ts';
import { questionLines } from './open-questions.ts';
import { duration, table } from './output.ts';

/** A run's report for a terminal. */
export function runLines(ground: Ground, report: RunReport): string[] {
  return [
    `${ground.manifest.app}: ${report.result}: ${report.from} → ${report.to}   (${report.run})`,
    ...faultLines(report),
    '',
    ...assetLines(report.assets),
    ...questionLines(report.assets).map((line) => `not asked: ${line}`),
    ...noteLines(report),
    '',
    timesLine(report),
    objectiveLine(report),
  ];
}

/** What was, or would be, carried and parked. */
export function assetLines(assets: RunReport['assets']): string[] {
  return [
    ...table([
      ['asset', 'carried', 'parked', ''],
      ...Object.entries(assets).map(([name, asset]) => assetRow(name, asset)),
    ]),
    ...parkedLines(assets),
    ...Object.values(assets).flatMap(({ notes }) => notes.map((note) => `note: ${note}`)),
  ];
}

function faultLines({ fault, undoneBy }: RunReport): string[] {
  if (fault === null) return [];
  return [
    `  why: ${fault.message}`,
    `  what to do: ${fault.hint}`,
    ...(undoneBy === null ? [] : [`  taken back by ${undoneBy}`]),
  ];
}

function assetRow(name: string, asset: AssetReport): string[] {
  const { inserted, updated, deleted } = asset.carried;
  const parked = asset.parked.reduce((sum, { count }) => sum + count, 0);
  if (!asset.merged) return [name, '–', '–', 'left as it is, or as it was before'];
  return [name, `+${inserted} ~${updated} −${deleted}`, String(parked), ''];
}

function parkedLines(assets: RunReport['assets']): string[] {
  const parked = Object.entries(assets).flatMap(([name, asset]) =>
    asset.parked.map(({ what, count, why }) => [`  ${name}.${what}`, String(count), why]),
  );
  return parked.length === 0
    ? []
    : ['', 'parked (comes back with `backstep return`):', ...table(parked)];
}

function noteLines({ strays, late, warnings }: RunReport): string[] {
  return [
    ...warnings,
    ...strays.map(({ found, movedTo }) => `a stray was in the way: ${found}, moved to ${movedTo}`),
    ...late.map(({ asset, unit, path }) => `written to late: ${asset}/${unit}, kept at ${path}`),
  ].map((note) => `note: ${note}`);
}

function timesLine({ phases, downtimeMs }: RunReport): string {
  const times = phases.map(({ name, ms }) => `${name} ${duration(ms)}`).join(' · ');
  const downtime = downtimeMs === null ? 'the application was not stopped' : duration(downtimeMs);
  return `downtime ${downtime}   (${times})`;
}

function objectiveLine({ objective, class: complexity }: RunReport): string {
  const { type, maxDowntimeMs, met } = objective;
  const verdict = met === null ? 'not measured' : met ? 'kept' : 'MISSED';
  return `class ${complexity} · objective ${type}: at most ${duration(maxDowntimeMs)} of downtime: ${verdict}`;
}
