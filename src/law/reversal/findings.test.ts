import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFindings, parseFindings, type RecordedFindings } from './findings.ts';
import { fc } from '../../../test/chance.ts';

/** An object of the parser cannot have this key; a merge asks for no map of what was recorded. */
const word = fc.string().filter((letters) => letters !== '__proto__');
const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const finding = fc.record(
  {
    place: fc.string({ minLength: 1 }),
    faith: fc.constantFrom('faithful', 'rewritten', 'blind', 'unproven'),
    sameCount: fc.nat(),
    differentCount: fc.nat(),
    side: fc.constantFrom('both', 'old', 'new'),
    provenMap: fc.option(fc.dictionary(word, word, { noNullPrototype: true })),
  },
  {
    requiredKeys: ['place', 'faith', 'sameCount', 'differentCount', 'provenMap'],
    noNullPrototype: true,
  },
);
const recorded: fc.Arbitrary<RecordedFindings> = fc.record(
  {
    version: fc.string({ minLength: 1 }),
    reversalSha256: fc.option(hash),
    assets: fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/),
      fc.record(
        { before: hash, after: hash, findings: fc.array(finding) },
        { noNullPrototype: true },
      ),
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
);

test('findings are read back as they were written', () => {
  fc.assert(
    fc.property(recorded, (findings) => {
      assert.deepEqual(parseFindings(formatFindings(findings)), findings);
    }),
  );
});

test('findings of which one letter was altered are none', () => {
  const written = formatFindings({
    version: '1.2.3',
    reversalSha256: null,
    assets: {
      notes: {
        before: 'a'.repeat(64),
        after: 'b'.repeat(64),
        findings: [
          {
            place: 'notes.body',
            faith: 'faithful',
            sameCount: 40,
            differentCount: 0,
            provenMap: null,
          },
        ],
      },
    },
  }).trimEnd();
  for (let at = 0; at < written.length; at += 1) {
    const letter = written[at] === '1' ? '2' : '1';
    const altered = written.slice(0, at) + letter + written.slice(at + 1);
    assert.equal(parseFindings(altered), null, altered);
  }
});
