import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../../../test/chance.ts';
import { returnDocument } from '../return.ts';
import { parseDocumentReversal } from '../reversal.ts';
import { rollBackDocument } from '../rollback.ts';
import { entryLines, type DocumentProposal } from './proposal.ts';
import { pairedDocument, proposalsFor } from './propose.ts';

const document = 'users/0.json';
const at = '2025-01-01T00:00:00Z';
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

interface Upgraded {
  readonly before: unknown;
  readonly after: unknown;
}

async function propose({ before, after }: Upgraded): Promise<DocumentProposal[]> {
  const paired = pairedDocument(document, { before: bytes(before), after: bytes(after) });
  return proposalsFor(document, paired === null ? [] : [paired]);
}

async function linesOf(upgraded: Upgraded): Promise<string[]> {
  const proposals = await propose(upgraded);
  assert.ok(proposals.every(({ isProven }) => isProven));
  return proposals.flatMap(({ documents }) => entryLines(documents[document] ?? {}));
}

interface Task {
  readonly id: number;
  readonly title: string;
  readonly state: string;
}

const task = (id: number, state: string, title = `task ${id}`): Task => ({ id, title, state });
const known = [task(1, 'done'), task(2, 'failed'), task(3, 'done'), task(4, 'failed')];
const latestWord: Readonly<Record<string, string>> = { done: 'completed', failed: 'broken' };
const migrated = (tasks: readonly Task[]): (Task & { color: null })[] =>
  tasks.map((each) => ({ ...each, state: latestWord[each.state] ?? each.state, color: null }));

describe('what a pair of arrays proposes', () => {
  it('names the elements, and maps the words of their fields', async () => {
    const upgraded = { before: { tasks: known }, after: { tasks: migrated(known) } };
    assert.deepEqual(await linesOf(upgraded), [
      'tasks: { key: id, fields: { state: { completed: done, broken: failed } } }',
    ]);
    const [proposal] = await propose(upgraded);
    assert.match(proposal?.evidence ?? '', /^id tells all 4 elements apart .*; state: done → comp/);
  });

  it('maps no words that do not come again, and no field that a map does not explain', async () => {
    const titled = { tasks: known.map((each) => ({ ...each, title: `title${each.id}x` })) };
    assert.deepEqual(await linesOf({ before: { tasks: known }, after: titled }), [
      'tasks: { key: id }',
    ]);
    const two = known.slice(0, 2);
    assert.deepEqual(await linesOf({ before: { tasks: two }, after: { tasks: migrated(two) } }), [
      'tasks: { key: id }',
    ]);
  });

  it('proposes nothing where elements cannot be told apart, came, went or moved', async () => {
    const after = migrated(known);
    const nameless = ({ id, ...rest }: Task): unknown => ({ number: id, ...rest });
    for (const upgraded of [
      { before: { tasks: known }, after: { tasks: known } },
      { before: { tasks: known }, after: { tasks: after.slice(1) } },
      { before: { tasks: known.slice(1) }, after: { tasks: after } },
      { before: { tasks: known }, after: { tasks: after.toReversed() } },
      { before: { tasks: known.map(nameless) }, after: { tasks: after.map(nameless) } },
      { before: { tasks: [...known, task(1, 'done')] }, after: { tasks: [...after, after[0]] } },
    ]) {
      assert.deepEqual(await linesOf(upgraded), [], JSON.stringify(upgraded));
    }
  });

  it('carries element by element; a word that no map knows is parked alone, and comes back', async () => {
    const [before, after] = [bytes({ tasks: known }), bytes({ tasks: migrated(known) })];
    const raw = {
      tasks: { key: 'id', fields: { state: { completed: 'done', broken: 'failed' } } },
    };
    const reversal = parseDocumentReversal(raw, { reversalFile: '', document });
    const [one, two, three, four] = migrated(known);
    const used = [
      { ...one, title: 'renamed', state: 'broken' },
      { ...two, title: 'also renamed', state: 'paused' },
      three,
      { ...four, color: 'red' },
      { ...task(5, 'completed'), color: null },
      { ...task(6, 'paused'), color: null },
    ];
    const now = bytes({ tasks: used });
    const back = await rollBackDocument({ before, after, now }, { name: document, at, reversal });
    assert.deepEqual(JSON.parse(Buffer.from(back.bytes ?? []).toString()), {
      tasks: [
        task(1, 'failed', 'renamed'),
        task(2, 'failed', 'also renamed'),
        task(3, 'done'),
        task(4, 'failed'),
        task(5, 'done'),
      ],
    });
    assert.ok(back.outcome.reconciled);
    const unproven = back.parked.filter(({ why }) => why === 'unproven');
    assert.deepEqual(
      unproven.map(({ place, value }) => [place, value]),
      [
        [`${document}#tasks[id=2].state`, '"paused"'],
        [`${document}#tasks[id=6]`, JSON.stringify({ ...task(6, 'paused'), color: null })],
      ],
    );
    const states = { before, after, displaced: now, settled: back.bytes };
    const options = { name: document, reversal, parked: back.parked };
    const unchanged = await returnDocument({ ...states, now: back.bytes }, options);
    assert.deepEqual(unchanged.bytes, now);
    const settled = JSON.parse(Buffer.from(back.bytes ?? []).toString());
    settled.tasks[0].state = 'done';
    settled.tasks[2] = { ...settled.tasks[2], title: 'old', state: 'queued' };
    const forth = await returnDocument({ ...states, now: bytes(settled) }, options);
    assert.deepEqual(JSON.parse(Buffer.from(forth.bytes ?? []).toString()).tasks, [
      { ...used[0], state: 'completed' },
      used[1],
      { ...three, title: 'old' },
      ...used.slice(3),
    ]);
    assert.deepEqual(
      forth.parked.map(({ place, value }) => [place, value]),
      [[`${document}#tasks[id=3].state`, '"queued"']],
    );
    assert.ok(forth.outcome.reconciled);
  });
});

describe('whatever users did to an array with mapped words', () => {
  const states = fc.constantFrom('completed', 'broken', 'paused', 'done');
  const edits = fc.array(
    fc.record({
      id: fc.integer({ min: 1, max: 8 }),
      title: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      state: fc.option(states, { nil: undefined }),
      color: fc.option(fc.constantFrom('red', null), { nil: undefined }),
      isGone: fc.boolean(),
    }),
    { maxLength: 6 },
  );

  it('every change is carried or parked, and a return gives back what there was', async () => {
    await fc.assert(
      fc.asyncProperty(edits, async (all) => {
        const fields = { state: { completed: 'done', broken: 'failed' } };
        const raw = { tasks: { key: 'id', fields } };
        const reversal = parseDocumentReversal(raw, { reversalFile: '', document });
        const tasks = new Map(
          migrated(known).map((each) => [each.id, { ...each, color: null as string | null }]),
        );
        for (const { id, title, state, color, isGone } of all) {
          const former = tasks.get(id) ?? { ...task(id, 'completed'), color: null };
          const given = Object.entries({ title, state, color }).filter(
            ([, value]) => value !== undefined,
          );
          if (isGone) tasks.delete(id);
          else tasks.set(id, { ...former, ...Object.fromEntries(given) });
        }
        const [before, after] = [bytes({ tasks: known }), bytes({ tasks: migrated(known) })];
        const now = bytes({ tasks: [...tasks.values()] });
        const options = { name: document, at, reversal };
        const back = await rollBackDocument({ before, after, now }, options);
        assert.ok(back.outcome.reconciled);
        const text = Buffer.from(back.bytes ?? []).toString();
        assert.doesNotMatch(text, /completed|broken|paused/);
        const forth = await returnDocument(
          { before, after, displaced: now, settled: back.bytes, now: back.bytes },
          { name: document, reversal, parked: back.parked },
        );
        assert.deepEqual(forth.bytes, now);
      }),
      { numRuns: 200 },
    );
  });
});
