import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatabaseShape } from '../expected.ts';
import { verificationLines, verificationReport, renderVerification } from '../report.ts';
import { listed } from '../verification.ts';
import { compareDatabases } from './database.ts';
import { addressIn } from './processes.ts';

test('addresses are read as the kernel writes them', () => {
  assert.equal(addressIn('0100007F'), '127.0.0.1');
  assert.equal(addressIn('00000000'), '0.0.0.0');
  assert.equal(addressIn('00000000000000000000000000000000'), '::');
  assert.equal(addressIn('00000000000000000000000001000000'), '::1');
  assert.equal(addressIn('0000000000000000FFFF00000100007F'), '127.0.0.1');
  assert.equal(addressIn('B80D0120000000000000000001000000'), '2001:db8:0:0:0:0:0:1');
});

function shape(rowCount: number): DatabaseShape {
  const tables = { notes: { columns: ['id', 'body'], rowCount } };
  return { tables, versions: { schema_migrations: ['1', '2'] }, userVersion: 3 };
}

function countsOf(was: number, now: number): string {
  const compared = { name: 'db', wanted: shape(was), found: shape(now), share: 0.05 };
  return compareDatabases(compared).find(({ name }) => name === 'db: row counts')?.status ?? '';
}

test('counts are judged against a range, not against each other', () => {
  assert.deepEqual(
    [countsOf(1000, 1000), countsOf(1000, 950), countsOf(1000, 949), countsOf(1000, 0)],
    ['success', 'success', 'warning', 'error'],
  );
  assert.deepEqual(
    [countsOf(5, 0), countsOf(0, 10_000), countsOf(0, 10_001)],
    ['success', 'success', 'warning'],
  );
});

test('a migration that is not applied is another schema version', () => {
  const found = { ...shape(1), versions: { schema_migrations: ['1'] } };
  const [, version] = compareDatabases({ name: 'db', wanted: shape(1), found, share: 0 });
  assert.equal(version?.status, 'error');
  assert.match(version?.measured ?? '', /schema_migrations: 1; user_version 3; expected .*1, 2/);
});

test('what was measured is text: one line in the log, no markup on the page', () => {
  const measured = 'a\nb\u001b[31m <script>';
  const check = { row: 'M7.1', name: 'x', status: 'error', measured } as const;
  const about = { timestamp: '2026-01-31T00:00:00.000Z', app: 'a', release: null, expected: null };
  const report = verificationReport(about, [check]);
  assert.deepEqual(report.verification_log, [
    '[ERROR] 2026-01-31T00:00:00.000Z: x: a b [31m <script>',
  ]);
  assert.deepEqual([report.error_count, report.total_checks], [1, 1]);
  assert.ok(verificationLines(report).every((line) => !/\p{Cc}/u.test(line)));
  assert.doesNotMatch(renderVerification(report), /<script>/);
});

test('a list of many names a few', () => {
  assert.equal(listed(['a', 'b', 'c'], 2), 'a; b and 1 more');
  assert.equal(listed(['a', 'b']), 'a; b');
});
