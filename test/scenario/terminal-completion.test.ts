import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { completionScript } from '../../src/cli/completion.ts';
import { guides } from '../../src/cli/guide.ts';
import { manPage } from '../../src/cli/man-page.ts';
import { SmallApplication } from './small-application.ts';

const here = import.meta.filename;

/** What bash offers after these words, the last of them unfinished. */
function offered(script: string, ...words: readonly string[]): string[] {
  const line = ['backstep', ...words].map((word) => `'${word}'`).join(' ');
  const asked = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _backstep; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', asked], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, the second words of commands, options and files', async (t) => {
  if (spawnSync('bash', ['--version']).status !== 0) return t.skip('bash is not installed');
  const script = completionScript('bash', await guides());
  assert.deepEqual(offered(script, 'roll'), ['rollback']);
  assert.deepEqual(offered(script, 'release', 'mark-'), ['mark-good', 'mark-bad']);
  assert.deepEqual(offered(script, 'upgrade', '--lock'), ['--lock-wait']);
  assert.deepEqual(offered(script, 'snapshot', 'che'), ['check']);
  assert.deepEqual(offered(script, 'parked', 'show', '--ass'), ['--asset']);
  assert.deepEqual(offered(script, 'status', '--manifest', here.slice(0, -2)), [here]);
});

test('every command and option is in what is made for zsh and fish, and in the page', async () => {
  const all = await guides();
  const [zsh, fish] = [completionScript('zsh', all), completionScript('fish', all)];
  const page = manPage(all);
  assert.match(zsh, /^#compdef backstep\n/);
  for (const { name, summary, options } of all) {
    assert.ok(zsh.includes(`'${name}') words=`), name);
    assert.ok(fish.includes(summary.replaceAll("'", `'\\''`)), summary);
    assert.ok(page.includes(`.SS "backstep ${name.replaceAll('-', '\\-')}`), name);
    for (const [written] of options) {
      assert.ok(page.includes(`.B ${written.replaceAll('-', '\\-')}`), written);
    }
  }
  const lines = page.split('\n').filter((line) => /^[.']/.test(line));
  for (const line of lines) assert.match(line, /^\.(?:TH|SH|SS|B|BR|TP|PP|EX|EE)\b/);
});

test('the command prints the script, and refuses a shell that it does not know', (t) => {
  const app = new SmallApplication(t);
  const made = app.backstep('completion', 'fish');
  assert.equal(made.exitCode, 0, made.stderr);
  assert.match(made.stdout, /^complete -c backstep /);
  const refused = app.backstep('completion', 'csh');
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /bash.*zsh.*fish/);
});
