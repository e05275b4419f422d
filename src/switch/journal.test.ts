import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BackstepError } from '../fault/backstep-error.ts';
import { nodeHost } from '../host/node.ts';
import { Journal, lastResult, readJournal, stateOf } from './journal.ts';
import { isBeforeCommit, phases, recoveryFor } from './phases.ts';
import { fc } from '../../test/chance.ts';

const host = nodeHost();

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-journal-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a torn last line is left out by readers and cut off by the next writer', (t) => {
  const folder = scratch(t);
  const first = Journal.open(host, folder, 'run');
  first.write({ event: 'begun', phase: 'preflight' });
  first.close();
  appendFileSync(join(folder, 'run.jsonl'), '{"v":1,"seq":2,"ts":"20');
  assert.equal(readJournal(host, folder, 'run').length, 1);
  const second = Journal.open(host, folder, 'run');
  second.write({ event: 'done', phase: 'preflight', ms: 3 });
  second.close();
  assert.deepEqual(
    readJournal(host, folder, 'run').map(({ seq, event }) => [seq, event]),
    [
      [1, 'begun'],
      [2, 'done'],
    ],
  );
});

test('the name of a journal that a killed run left empty is made durable by who goes on with it', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'run.jsonl'), '');
  const synced: string[] = [];
  const syncFolder = (path: string): void => {
    synced.push(path);
    host.disk.syncFolder(path);
  };
  Journal.open({ ...host, disk: { ...host.disk, syncFolder } }, folder, 'run').close();
  assert.deepEqual(synced, [folder]);
});

test('a last line of which a block never came to the disk is left out and cut off', (t) => {
  const folder = scratch(t);
  const journal = Journal.open(host, folder, 'run');
  journal.write({ event: 'begun', phase: 'preflight' });
  journal.close();
  appendFileSync(join(folder, 'run.jsonl'), `${'\0'.repeat(40)}"ended","result":"returned"}\n`);
  assert.equal(readJournal(host, folder, 'run').length, 1);
  assert.equal(lastResult(host, folder, 'run'), null);
  const again = Journal.open(host, folder, 'run');
  again.write({ event: 'done', phase: 'preflight', ms: 3 });
  again.close();
  assert.deepEqual(
    readJournal(host, folder, 'run').map(({ seq }) => seq),
    [1, 2],
  );
  assert.doesNotMatch(readFileSync(join(folder, 'run.jsonl'), 'utf8'), /\0|returned/);
});

test('whatever its last bytes lost, a journal is read as one of its own beginnings', (t) => {
  const folder = scratch(t);
  const journal = Journal.open(host, folder, 'run');
  for (const phase of phases) {
    journal.write({ event: 'begun', phase });
    journal.write({ event: 'done', phase, ms: 1 });
  }
  journal.write({ event: 'ended', result: 'rolled-back' });
  journal.close();
  const whole = readFileSync(join(folder, 'run.jsonl'));
  const lines = readJournal(host, folder, 'run');
  fc.assert(
    fc.property(fc.nat(whole.length), (length) => {
      writeFileSync(join(folder, 'cut.jsonl'), whole.subarray(0, length));
      const read = readJournal(host, folder, 'cut');
      assert.deepEqual(read, lines.slice(0, read.length));
      assert.equal(lastResult(host, folder, 'cut') === null, read.length < lines.length);
    }),
  );
});

test('a damaged line is refused by name; one further up does not hide how the run ended', (t) => {
  const folder = scratch(t);
  const path = join(folder, 'run.jsonl');
  writeFileSync(path, 'rubbish\n{"v":1,"seq":2,"ts":"x","event":"ended","result":"undone"}\n');
  assert.throws(
    () => readJournal(host, folder, 'run'),
    (error) =>
      error instanceof BackstepError &&
      error.code === 'switch/journal' &&
      error.message.includes('run.jsonl:1'),
  );
  assert.equal(lastResult(host, folder, 'run'), 'undone');
});

test('killed before the commit record a run goes back, after it forward', () => {
  for (const phase of phases) {
    const recovery = recoveryFor({ kind: 'in', phase });
    assert.equal(recovery === 'forward', !isBeforeCommit(phase), phase);
  }
  assert.equal(recoveryFor({ kind: 'failed', phase: 'verify' }), 'policy');
  assert.equal(recoveryFor({ kind: 'failed', phase: 'displace' }), 'rename-back');
  assert.equal(recoveryFor({ kind: 'undoing' }), 'rename-back');
  assert.equal(recoveryFor({ kind: 'ended', result: 'undone' }), 'none');
  assert.equal(stateOf([]), null);
});
