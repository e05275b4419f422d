import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RunReport } from './report.ts';
import { renderRunHtml } from './report-html.ts';

const report: RunReport = {
  run: 'rollback-20260131T043000000Z-ab12',
  result: 'rolled-back',
  from: '2.0.0',
  to: '1.2.1',
  reason: 'downloads fail',
  class: 'HIGH',
  way: 'pair',
  oneWay: false,
  downtimeMs: 412,
  phases: [
    { name: 'stage', ms: 1250 },
    { name: 'place', ms: 25 },
  ],
  assets: {
    history: {
      carried: { inserted: 51, updated: 3, deleted: 1 },
      parked: [{ what: 'v2_theme_configurations', count: 7, why: 'blind' }],
      decisions: [],
      damage: {},
      reconciled: true,
      merged: true,
      notes: ['2 rows are new'],
      questions: [
        {
          kind: 'damage',
          place: 'download_history',
          count: 30,
          total: 100,
          choices: ['park', 'as-is'],
        },
      ],
      receipt: [
        {
          pair: 'pair-1',
          tables: {
            download_history: {
              before: { rows: 100, digest: '0123456789abcdef' },
              after: { rows: 100, digest: 'fedcba9876543210' },
              now: null,
              result: { rows: 150, digest: 'aaaaaaaabbbbbbbb' },
              carried: { inserted: 51, updated: 3, deleted: 1 },
              parked: 7,
            },
          },
        },
      ],
    },
  },
  checks: [{ row: 'M7.1', name: 'integrity', status: 'success', measured: 'ok' }],
  objective: { type: 'database', targetMs: 5_400_000, maxDowntimeMs: 7_200_000, met: true },
  strays: [],
  late: [],
  warnings: ['no receipt of one database was written'],
  fault: null,
  undoneBy: null,
  survey: null,
};

/** The cells of the row that begins with this text. */
function row(html: string, first: string): string[] {
  const found = html.split('</tr>').find((each) => each.includes(`<td>${first}</td>`)) ?? '';
  return [...found.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) => cell);
}

describe('the report of a run as a page', () => {
  test('tells what nobody was asked, and what is warned of', () => {
    const html = renderRunHtml(report);
    assert.match(
      html,
      /Nobody was asked, so it was parked: history\.download_history: 30 of 100 were deleted/u,
    );
    assert.match(html, /no receipt of one database was written/u);
  });

  test('tells counts, parked places, phases, checks and the objective', () => {
    const html = renderRunHtml(report);
    assert.deepEqual(row(html, 'history'), ['history', '51', '3', '1', '7', 'yes']);
    assert.deepEqual(row(html, 'history: v2_theme_configurations').slice(1), ['7', 'blind']);
    assert.deepEqual(row(html, 'history: download_history').slice(1), [
      '100 (01234567)',
      '100 (fedcba98)',
      '–',
      '+51 ~3 −1',
      '7',
      '150 (aaaaaaaa)',
    ]);
    assert.deepEqual(row(html, 'M7.1'), ['M7.1', 'integrity', 'success', 'ok']);
    assert.equal(row(html, 'stage').at(-1), '1.3 s');
    assert.match(html, /412 ms/);
    assert.match(html, /120 min of downtime at most, 90 min in all: kept/);
    assert.doesNotMatch(html, /class="fault"/);
  });

  test('the longest phase has the longest bar, the others in proportion', () => {
    const widths = [...renderRunHtml(report).matchAll(/style="width:([\d.]+)%"/g)];
    assert.deepEqual(
      widths.map(([, width]) => width),
      ['100.0', '2.0'],
    );
  });

  test('a run that failed tells why, and what took it back', () => {
    const failed = {
      ...report,
      result: 'undone' as const,
      downtimeMs: null,
      objective: { ...report.objective, met: false },
      fault: { code: 'switch/unsound', message: 'it is torn', hint: 'look inside' },
      undoneBy: 'return-1',
    };
    const html = renderRunHtml(failed);
    for (const told of [/undone: 2\.0\.0 → 1\.2\.1/, /it is torn/, /look inside/, /return-1/]) {
      assert.match(html, told);
    }
    assert.match(html, /in all: missed/);
    assert.match(html, /was not stopped/);
  });

  test('what comes from outside is text, wherever it stands', () => {
    const evil = `<img src=x onerror="alert('1')">&amp;`;
    const [asset] = Object.values(report.assets);
    assert(asset !== undefined);
    const html = renderRunHtml({
      ...report,
      run: evil,
      from: evil,
      to: evil,
      reason: evil,
      assets: {
        [evil]: {
          ...asset,
          notes: [evil],
          questions: [{ kind: 'lazy', place: evil, count: 30, total: 31, choices: ['park'] }],
          parked: [{ what: evil, count: 1, why: 'blind' }],
          receipt: (asset.receipt ?? []).map(({ pair, tables }) => ({
            pair,
            tables: Object.fromEntries(Object.values(tables).map((line) => [evil, line])),
          })),
        },
      },
      phases: [{ name: evil, ms: 1 }],
      checks: [{ row: evil, name: evil, status: 'error', measured: evil }],
      strays: [{ found: evil, movedTo: evil }],
      late: [{ asset: evil, unit: evil, path: evil }],
      warnings: [evil],
      fault: { code: evil, message: evil, hint: evil },
      undoneBy: evil,
    });
    assert.doesNotMatch(html, /<img|onerror="|alert\('/);
    assert.equal(
      html.split('&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62;&#38;amp;').length - 1,
      29,
    );
  });

  test('nothing is loaded and nothing runs', () => {
    const html = renderRunHtml(report);
    assert.doesNotMatch(html, /<(script|link|img|iframe|object)\b|url\(|@import|https?:/);
    assert.match(html, /default-src 'none'/);
    assert.match(html, /color-scheme: light dark/);
  });
});
