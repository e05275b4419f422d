import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from './commands/commands.ts';
import { runProgram } from './program.ts';

/** What a command line prints without a machine to run on. */
async function said(...argv: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const streams = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
  };
  const open = (): never => assert.fail('it would have run');
  return { exitCode: await runProgram(argv, { streams, open }), out, err };
}

for (const entry of commands) {
  test(`${entry.name}: its help names its options and an example of its own`, async () => {
    const definition = await entry.load();
    assert.ok(definition.example.startsWith(`backstep ${entry.name}`));
    const { exitCode, out } = await said(...entry.name.split(' '), '--help');
    assert.equal(exitCode, 0);
    assert.match(out, new RegExp(`^Usage: backstep ${entry.name} \\[options\\]`));
    assert.ok(out.includes(definition.example));
    for (const option of Object.keys(definition.options ?? {})) assert.ok(out.includes(option));
  });
}

test('names are unique, and each is in the help', async () => {
  const names = commands.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const { exitCode, out } = await said('--help');
  assert.equal(exitCode, 0);
  for (const name of names)
    assert.match(out, new RegExp(`^ {2}${name.split(' ')[0] ?? ''}\\b`, 'm'));
});

test('a misspelled command or option is refused with the near name', async () => {
  const command = await said('rolback');
  assert.equal(command.exitCode, 2);
  assert.match(command.err, /Did you mean rollback\?/);
  const option = await said('upgrade', '--too', '2.0.0');
  assert.equal(option.exitCode, 2);
  assert.match(option.err, /unknown option '--too'\n\(Did you mean --to\?\)/);
});

test('too few arguments, and too many', async () => {
  const few = await said('release', 'add', '2.0.0');
  assert.deepEqual([few.exitCode, few.out], [2, '']);
  assert.match(few.err, /missing required argument 'folder'/);
  const many = await said('snapshot', 'check', 'all', 'twice');
  assert.equal(many.exitCode, 2);
  assert.match(many.err, /too many arguments/);
});
