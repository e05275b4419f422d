import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const scripts = join(import.meta.dirname, '../../../kit');
const names = readdirSync(scripts).filter((name) => name.endsWith('.ps1'));

test('PowerShell has the entry points of the shell, with the flags of the manual', () => {
  const flags: Readonly<Record<string, RegExp>> = {
    'emergency_rollback.ps1': /^param\(\[switch\] \$Confirm, \[string\] \$Version.*\$Log/m,
    'windows_rollback.ps1': /^param\(\[string\] \$Version.*\$Log/m,
    'database_rollback.ps1': /^param\(.*\[string\] \$Version.*\$Log/m,
    'verify_rollback.ps1': /^param\(\[string\] \$Version.*\$Log/m,
  };
  assert.deepEqual(
    names.toSorted(),
    [...Object.keys(flags), 'plain.ps1'].toSorted((a, b) => a.localeCompare(b)),
  );
  for (const [name, flag] of Object.entries(flags)) {
    assert.match(readFileSync(join(scripts, name), 'utf8'), flag);
  }
});

test('the scripts are ASCII: Windows PowerShell 5.1 reads other files in the code page of the machine', () => {
  for (const name of names) {
    assert.doesNotMatch(readFileSync(join(scripts, name), 'latin1'), /[^\n -~]/, name);
  }
});

test('nothing in them is newer than Windows PowerShell 5.1, deletes, or runs text as code', () => {
  const forbidden = /&&|\|\||\?\?|\?\.|-Parallel|Remove-Item|Invoke-Expression|\biex\b/;
  for (const name of names) {
    const code = readFileSync(join(scripts, name), 'utf8').replaceAll(/^\s*#.*$/gm, '');
    assert.doesNotMatch(code, forbidden, name);
  }
});
