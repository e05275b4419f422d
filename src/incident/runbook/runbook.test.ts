import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { nodeHost } from '../../host/node.ts';
import { addEntry, listRunbooks, readEntries, type Happening } from './events.ts';
import { itemsOf, rollbackProcedure } from './procedure.ts';
import { nextItem, progressOf } from './progress.ts';
import { recordLines, recordPage } from './record.ts';

const host = nodeHost();
const id = 'rollback-1';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-runbook-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'runbooks');
}

const begun: Happening = { event: 'begun', reason: 'downloads fail', release: '2.0.0' };

function progressAfter(folder: string, ...happenings: readonly Happening[]) {
  for (const happening of happenings) {
    addEntry(host, { folder, id }, { by: 'first', happening });
  }
  const progress = progressOf(readEntries(host, folder, id));
  assert(progress !== null);
  return progress;
}

test('four phases and eight steps of five items, each with an id of its own', () => {
  assert.equal(rollbackProcedure.phases.length, 4);
  const steps = rollbackProcedure.phases.flatMap((phase) => phase.steps);
  assert.deepEqual(
    steps.map(({ number, items }) => [number, items.length]),
    [1, 2, 3, 4, 5, 6, 7, 8].map((number) => [number, 5]),
  );
  assert.equal(new Set(itemsOf(rollbackProcedure).map((item) => item.id)).size, 40);
});

test('an item is next until it is done; one that failed or was opened again stays next', (t) => {
  const folder = folderOf(t);
  const [first, second] = itemsOf(rollbackProcedure);
  assert(first !== undefined && second !== undefined);
  const done: Happening = { event: 'done', item: first.id, how: 'machine', evidence: 'seen' };
  const next = (...more: readonly Happening[]) =>
    nextItem(rollbackProcedure, progressAfter(folder, ...more))?.id;
  assert.equal(next(begun), first.id);
  assert.equal(next(done), second.id);
  assert.equal(next({ event: 'failed', item: second.id, evidence: 'no' }), second.id);
  assert.equal(next({ ...done, item: second.id, how: 'person' }), '5.1.P1-4');
  assert.equal(next({ event: 'reopened', item: first.id, why: 'again' }), first.id);
});

test('who leads after a hand-over, and who did what, stands in the record', (t) => {
  const folder = folderOf(t);
  const progress = progressAfter(folder, begun, {
    event: 'handed-over',
    to: 'second',
    note: 'shift ends',
  });
  assert.equal(progress.holder, 'second');
  const entries = addEntry(
    host,
    { folder, id },
    {
      by: 'second',
      happening: { event: 'done', item: '5.1.P1-5', how: 'person', evidence: '<b>mail</b> sent' },
    },
  );
  const now = progressOf(entries);
  assert(now !== null);
  const text = recordLines(rollbackProcedure, now).join('\n');
  assert.match(text, /begun .* by first; led by second/);
  assert.match(text, /\[x\] 5\.1\.P1-5 .*\n +done by second, .*: <b>mail<\/b> sent/);
  const page = recordPage(rollbackProcedure, now, entries);
  assert.match(page, /&#60;b&#62;mail&#60;\/b&#62; sent/);
  assert.match(page, /handed over to second: shift ends/);
});

test('entries are numbered: one that is missing or edited is told with its line', (t) => {
  const folder = folderOf(t);
  progressAfter(folder, begun, { event: 'reopened', item: '5.1.P1-2', why: 'x' });
  assert.deepEqual(listRunbooks(host, folder), [id]);
  const path = join(folder, `${id}.jsonl`);
  const [first = '', second = ''] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, `${second}\n`);
  assert.throws(() => readEntries(host, folder, id), { code: 'incident/runbook', message: /:1:/ });
  writeFileSync(path, `${first}\n${second.slice(0, 20)}\n`);
  assert.throws(() => readEntries(host, folder, id), { code: 'incident/runbook', message: /:2:/ });
});
