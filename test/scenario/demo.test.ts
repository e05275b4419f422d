import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';

const demo = join(import.meta.dirname, '../../examples/demo/demo.ts');

interface Shown {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

async function show(...args: string[]): Promise<Shown> {
  const child = spawn(process.execPath, [demo, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  const ended = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, stdout, stderr };
}

/** A row of the demo's tables: its cells, which stand at least two spaces apart. */
function rowOf({ stdout }: Shown, first: string): string[] {
  const line = stdout.split('\n').find((each) => each.trim().startsWith(first)) ?? '';
  return line.trim().split(/ {2,}/);
}

function temporaryFolderOf({ stdout }: Shown): string {
  const [, folder] = /alone, in (\S+)/.exec(stdout) ?? [];
  assert(folder !== undefined, stdout);
  return folder;
}

describe('npm run demo', { concurrency: false }, () => {
  test('shows three ways back, and that Backstep loses nothing', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-report-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const report = join(folder, 'report.html');
    const shown = await show('--fast', '--report', report);
    assert.equal(shown.code, 0, shown.stdout + shown.stderr);
    assert.doesNotMatch(shown.stdout, /✗/);
    assert.deepEqual(rowOf(shown, 'what 1.2.1 then tells').slice(1), [
      'the manual',
      'the old backup',
      'Backstep',
    ]);
    assert.equal(rowOf(shown, 'one can sign in').at(-1), 'yes');
    assert.equal(rowOf(shown, 'downloads right').at(-1), '5 of 5');
    assert.deepEqual(rowOf(shown, 'deleted ones that came back').slice(2), ['1', '0']);
    assert.equal(rowOf(shown, 'settings right').at(-1), '3 of 3');
    assert.match(shown.stdout, /carried +history +3 new, 2 changed, 1 deleted/);
    assert.match(shown.stdout, /parked +history: v2_theme_configurations +1 \(blind\)/);
    assert.match(shown.stdout, /downtime +\d.* +kept: at most 120 min/);
    assert.match(readFileSync(report, 'utf8'), /rolled-back: 2\.0\.0 → 1\.2\.1/);
    assert.equal(existsSync(temporaryFolderOf(shown)), false);
  });

  test('tells the truth where somebody broke a step', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-report-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const shown = await show('--fast', '--break', 'row', '--report', join(folder, 'report.html'));
    assert.equal(shown.code, 1, shown.stdout + shown.stderr);
    assert.equal(rowOf(shown, 'downloads right').at(-1), '4 of 5');
    assert.match(shown.stdout, /✗ Backstep: 1\.2\.1 tells all[^\n]*\n +lost: Night market/);
    assert.match(shown.stdout, /10 of 11 answers were right/);
    assert.equal(existsSync(temporaryFolderOf(shown)), false);
  });

  test('a step that cannot be broken is a question of usage', async () => {
    const { code, stderr } = await show('--break', 'nothing');
    assert.equal(code, 2);
    assert.match(stderr, /--break STEP.*\n(?:.*\n)*? +row +/);
  });
});
