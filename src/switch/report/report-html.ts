import { escaped, page, section, table } from '../../page/page.ts';
import type { TableState } from '../../law/rows/proof/receipt.ts';
import { questionText } from './question-text.ts';
import type { AssetReport, RunReport } from './report.ts';

/** The report of a run as one page of HTML. */
export function renderRunHtml(report: RunReport): string {
  const title = `${report.result}: ${report.from} → ${report.to}`;
  const parts = [fault, figures, assets, parked, receipts, phaseBars, checks, notes];
  return page(
    title,
    `<header>
<h1>${escaped(title)}</h1>
<p class="quiet">${escaped(report.run)}</p>
<p>Reason: ${escaped(report.reason)}</p>
</header>
${parts.map((part) => part(report)).join('')}`,
  );
}

function fault({ fault: found, undoneBy }: RunReport): string {
  if (found === null) return '';
  const back = undoneBy === null ? '' : `<p>Taken back by ${escaped(undoneBy)}.</p>`;
  return `<section class="fault">
<h2>Why it did not end as wished</h2>
<p>${escaped(found.message)}</p>
<p>What to do: ${escaped(found.hint)}</p>
<p class="quiet">${escaped(found.code)}</p>${back}
</section>
`;
}

function figures({ downtimeMs, objective, class: complexity, way, oneWay }: RunReport): string {
  const { type, maxDowntimeMs, targetMs, met } = objective;
  const verdict = met === null ? 'not measured' : met ? 'kept' : 'missed';
  return `<section><dl>
${entry('Downtime', downtimeMs === null ? 'the application was not stopped' : spell(downtimeMs))}
${entry('Objective', `${type}: ${spell(maxDowntimeMs)} of downtime at most, ${spell(targetMs)} in all: ${verdict}`)}
${entry('Class', complexity)}
${entry('Way', oneWay ? `${way}; some changes cannot go forward again` : way)}
</dl></section>
`;
}

function entry(term: string, text: string): string {
  return `<div><dt>${escaped(term)}</dt><dd>${escaped(text)}</dd></div>`;
}

function assets(report: RunReport): string {
  const rows = Object.entries(report.assets).map(([name, asset]) => assetRow(name, asset));
  const heads = ['Asset', 'Inserted', 'Updated', 'Deleted', 'Parked', 'Every change accounted for'];
  return section('What was carried', table(heads, rows));
}

function assetRow(
  name: string,
  { carried, parked: kept, merged, reconciled }: AssetReport,
): string[] {
  if (!merged) return [name, '–', '–', '–', '–', 'left as it is, or as it was before'];
  const count = kept.reduce((sum, each) => sum + each.count, 0);
  const { inserted, updated, deleted } = carried;
  const numbers = [inserted, updated, deleted, count].map(String);
  return [name, ...numbers, reconciled ? 'yes' : 'NO'];
}

function parked(report: RunReport): string {
  const rows = Object.entries(report.assets).flatMap(([name, asset]) =>
    asset.parked.map(({ what, count, why }) => [placeIn(name, what), String(count), why]),
  );
  if (rows.length === 0) return '';
  return section(
    'Parked: kept aside, and back with a return',
    table(['Place', 'Count', 'Why'], rows),
  );
}

/** Counts of every table with their digests, short; the whole ones are in the run's document. */
function receipts(report: RunReport): string {
  const shown = (state: TableState | null): string =>
    state === null ? '–' : `${state.rows} (${state.digest.slice(0, 8)})`;
  const rows = Object.entries(report.assets).flatMap(([name, { receipt }]) =>
    (receipt ?? []).flatMap(({ tables }) =>
      Object.entries(tables).map(([place, line]) => [
        placeIn(name, place),
        ...[line.before, line.after, line.now].map(shown),
        line.carried === null
          ? '–'
          : `+${line.carried.inserted} ~${line.carried.updated} −${line.carried.deleted}`,
        String(line.parked),
        shown(line.result),
      ]),
    ),
  );
  if (rows.length === 0) return '';
  const heads = ['Table', 'Before', 'After', 'Now', 'Carried', 'Parked', 'Result'];
  return section('Receipt: rows, and the beginning of their digest', table(heads, rows));
}

/** A document's place names its asset already. */
function placeIn(asset: string, what: string): string {
  return what.startsWith(`${asset}/`) ? what : `${asset}: ${what}`;
}

/** Each phase as a bar; the longest one is as wide as the column. */
function phaseBars({ phases }: RunReport): string {
  const longestMs = Math.max(1, ...phases.map(({ ms }) => ms));
  const rows = phases.map(({ name, ms }) => {
    const percent = ((100 * ms) / longestMs).toFixed(1);
    const bar = `<span class="bar" style="width:${percent}%"></span>`;
    return `<tr><td>${escaped(name)}</td><td class="bars">${bar}</td><td>${spell(ms)}</td></tr>`;
  });
  return section('Phases', `<table>${rows.join('\n')}</table>`);
}

function checks(report: RunReport): string {
  if (report.checks.length === 0) return '';
  const rows = report.checks.map(({ row, name, status, measured }) => [
    row,
    name,
    status,
    measured,
  ]);
  return section('Checks', table(['Row', 'Check', 'Status', 'Measured'], rows));
}

function notes({ assets: all, strays, late, warnings }: RunReport): string {
  const lines = [
    ...Object.entries(all).flatMap(([name, asset]) =>
      asset.notes.map((note) => `${name}: ${note}`),
    ),
    ...Object.entries(all).flatMap(([name, { questions }]) =>
      questions.map(
        (question) => `Nobody was asked, so it was parked: ${questionText(name, question)}`,
      ),
    ),
    ...warnings,
    ...strays.map(({ found, movedTo }) => `A stray was in the way: ${found}, moved to ${movedTo}`),
    ...late.map(({ asset, unit, path }) => `Written to late: ${asset}/${unit}, kept at ${path}`),
  ];
  if (lines.length === 0) return '';
  return section(
    'Notes',
    `<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('\n')}</ul>`,
  );
}

function spell(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}
