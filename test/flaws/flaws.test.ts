/** Puts flaws into the program: for each law there is a test that notices. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { repository } from '../tidy/tree.ts';
import { lawFlaws, type LawFlaw } from './law-flaws.ts';

const flawed = pathToFileURL(join(import.meta.dirname, 'flawed.ts')).href;
const triesAll = process.env['BACKSTEP_ALL_FLAWS'] !== undefined;

/** What becomes of the flaw's test, in TAP; the flaw reaches the processes that the test starts as well. */
function tried({ test: { file, name }, ...flaw }: LawFlaw): string {
  const { NODE_TEST_CONTEXT: _within, ...environment } = process.env;
  const only = `--test-name-pattern=^${escaped(name)}$`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=tap', only, file],
    {
      cwd: repository,
      encoding: 'utf8',
      env: {
        ...environment,
        NODE_OPTIONS: `--import ${flawed}`,
        BACKSTEP_FLAW: JSON.stringify(flaw),
      },
    },
  );
  return stdout + stderr;
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

// The slow ones are left to `node scripts/laws.ts`.
for (const each of lawFlaws.filter(({ isSlow }) => triesAll || isSlow !== true)) {
  test(`${each.law}: ${each.flaw}, and a test says so`, () => {
    const said = tried(each);
    const failed = new RegExp(`^ *not ok \\d+ - ${escaped(each.test.name)}$`, 'm');
    assert.match(said, failed);
  });
}
