import type { AssetReport, RunReport } from './report.ts';

/**
 * The report of a run as one page of HTML that needs nothing else: no script, no file, no connection; light
 * or dark as the reader's system is. Whatever comes from outside is text, never markup.
 */
export function renderRunHtml(report: RunReport): string {
  const title = `${report.result}: ${report.from} → ${report.to}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
<main>
<header>
<h1>${escaped(title)}</h1>
<p class="quiet">${escaped(report.run)}</p>
<p>Reason: ${escaped(report.reason)}</p>
</header>
${[fault, figures, assets, parked, phaseBars, checks, notes].map((part) => part(report)).join('')}</main>
</html>
`;
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

function notes({ assets: all, strays, late }: RunReport): string {
  const lines = [
    ...Object.entries(all).flatMap(([name, asset]) =>
      asset.notes.map((note) => `${name}: ${note}`),
    ),
    ...strays.map(({ found, movedTo }) => `A stray was in the way: ${found}, moved to ${movedTo}`),
    ...late.map(({ asset, unit, path }) => `Written to late: ${asset}/${unit}, kept at ${path}`),
  ];
  if (lines.length === 0) return '';
  return section(
    'Notes',
    `<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('\n')}</ul>`,
  );
}

function section(title: string, content: string): string {
  return `<section>\n<h2>${escaped(title)}</h2>\n${content}\n</section>\n`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>\n${cells('th', heads)}\n${rows.map((row) => cells('td', row)).join('\n')}\n</table>`;
}

function spell(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
  --paper: light-dark(#fff, #16181d); --ink: light-dark(#1d2129, #e7e9ee);
  --quiet: light-dark(#5a6270, #9aa3b2); --rule: light-dark(#dfe3ea, #333945);
  --accent: light-dark(#1f6feb, #6ea8ff); --fault: light-dark(#a3261b, #ff8f85); }
body { margin: 0; background: var(--paper); color: var(--ink); }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
p { margin: .3rem 0; overflow-wrap: anywhere; } .quiet, dt { color: var(--quiet); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; margin: 1.5rem 0 0; }
dd { margin: 0; }
section { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--rule); }
th { font-weight: 600; color: var(--quiet); }
.bars { width: 60%; } .bar { display: block; min-width: 1px; height: .8rem; margin-top: .35rem; background: var(--accent); border-radius: 2px; }
.fault { color: var(--fault); }
`;
