import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readManual, type Answer, type Manual } from '../../scripts/manual/answers.ts';
import { faultsOf, testNames } from '../../scripts/manual/faults.ts';
import { manualPage } from '../../scripts/manual/page.ts';

const manual = readManual();

/** The same manual with another answer to line 1.3-2, or none. */
function withAnswer(change: Partial<Answer> | null): Manual {
  const section = manual.sections['1.3'];
  const answer = section?.lines['2'];
  assert(section !== undefined && answer !== undefined);
  const { 2: _, ...others } = section.lines;
  const lines = change === null ? others : { ...others, 2: { ...answer, ...change } };
  return { ...manual, sections: { ...manual.sections, '1.3': { ...section, lines } } };
}

test('docs/manual.md answers every line, and nothing that it names is made up', async () => {
  assert.deepEqual(await faultsOf(manual), []);
});

test('the manual’s 284 lines are all there', () => {
  const sections = Object.values(manual.sections);
  assert.equal(
    sections.reduce((sum, { count }) => sum + count, 0),
    284,
  );
});

test('a line without an answer is a fault, and stands on the page as missing', async () => {
  const lacking = withAnswer(null);
  assert.deepEqual(await faultsOf(lacking), ['1.3-2: no answer']);
  assert.match(manualPage(lacking), /^\| 1\.3-2 \|.*\*\*missing\*\*: no answer \|$/m);
});

test('an answer to a line that the manual does not have is a fault', async () => {
  const section = manual.sections['1.3'];
  assert(section !== undefined);
  const shorter = { ...manual.sections, '1.3': { ...section, count: 4 } };
  assert.deepEqual(await faultsOf({ ...manual, sections: shorter }), [
    '1.3-5: the manual has no such line',
  ]);
});

const madeUp: readonly (readonly [Partial<Answer>, string])[] = [
  [{ command: ['backstep rewind --yes'] }, 'there is no backstep rewind --yes'],
  [{ command: ['backstep release'] }, 'there is no backstep release'],
  [{ command: ['backstep release add --twice'] }, 'backstep release add has no --twice'],
  [{ command: ['rm --all'] }, 'rm --all is no command of backstep'],
  [{ setting: 'health.checks.mood' }, 'the manifest has no health.checks.mood'],
  [{ check: 'the weather' }, '`backstep verify` has made no check the weather'],
  [{ tests: ['no-such-key'] }, 'no test no-such-key'],
];

for (const [change, fault] of madeUp) {
  test(`an answer that names what does not exist is a fault: ${fault}`, async () => {
    assert.deepEqual(await faultsOf(withAnswer(change)), [`1.3-2: ${fault}`]);
  });
}

test('an answer without a test says what is missing, or why it will never be', async () => {
  const { missing: _, ...rest } = manual.sections['1.3']?.lines['2'] ?? {};
  const section = manual.sections['1.3'];
  assert(section !== undefined && 'what' in rest);
  const lines = { ...section.lines, 2: { ...rest, tests: [] } };
  const sections = { ...manual.sections, '1.3': { ...section, lines } };
  assert.deepEqual(await faultsOf({ ...manual, sections }), [
    '1.3-2: neither a test, nor what is missing, nor why it will never be',
  ]);
});

test('a test that does not exist is a fault: its file, and its name', async () => {
  const file = 'test/tidy/manual.test.ts';
  const tests = {
    ...manual.tests,
    one: { file: 'test/none.test.ts', name: 'x' },
    two: { file, name: ['never', 'written'].join(' ') },
  };
  assert.deepEqual(await faultsOf({ ...manual, tests }), [
    'one: there is no test/none.test.ts',
    `two: ${file} has no test 'never written'`,
  ]);
});

test('names of tests are read as they stand in a source', () => {
  const source = `test('a', () => {}); describe("it's", f); test(\n  \`b \${x}\`, g);
    it('c \\'d\\'', h); contest('no', i); // 'e'`;
  assert.deepEqual(testNames(source), ['a', "it's", 'b ${x}', "c 'd'"]);
});
