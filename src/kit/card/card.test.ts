import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardParts, type CardFacts } from './card.ts';

const facts: CardFacts = {
  app: 'social-download-manager',
  madeAt: '2026-03-04T05:06:07.000Z',
  manifestFile: '/srv/my app/backstep.yaml',
  state: '/var/lib/backstep/social-download-manager',
  pair: {
    id: 'p-20260304',
    from: '1.2.1',
    to: '2.0.0',
    at: '2026-03-04T05:00:00.000Z',
    before: 'a',
    after: 'b',
  },
  contacts: [
    { role: 'database', name: 'Müller (DBA)', email: null, phone: '+1-555-0102', level: 2 },
    { role: 'lead', name: null, email: 'lead@example.com', phone: '+1-555-0101', level: 1 },
  ],
};
const place = { folder: '/var/lib/backstep/sdm/kit', notes: ['history: “later” words are parked'] };

function partOf(name: string, of = facts, at = place): Buffer {
  const part = cardParts(of, at).find((each) => each.name === name);
  assert.ok(part !== undefined);
  return part.bytes;
}

/** Follows the table of a PDF as a reader does, and gives the objects in the order of their numbers. */
function objectsOf(pdf: Buffer): readonly string[] {
  const text = pdf.toString('latin1');
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  const [, count = '', rows = ''] =
    /^xref\n0 (\d+)\n((?:\d{10} \d{5} [fn] \n)+)trailer\n/.exec(text.slice(start)) ?? [];
  const entries = rows.match(/.{19}\n/g) ?? [];
  assert.equal(entries.length, Number(count));
  return entries.slice(1).map((entry, at) => {
    const object = text.slice(Number(entry.slice(0, 10)));
    assert.ok(
      object.startsWith(`${at + 1} 0 obj\n`),
      `object ${at + 1} begins where the table says`,
    );
    return object.slice(0, object.indexOf('\nendobj\n'));
  });
}

/** The shown strings of the page, unescaped, in the bytes of the font. */
function shownIn(pdf: Buffer): readonly string[] {
  const stream = objectsOf(pdf).find((object) => object.includes('stream\n')) ?? '';
  const [, length = '', content = ''] =
    /<< \/Length (\d+) >>\nstream\n([^]*)\nendstream$/.exec(stream) ?? [];
  assert.equal(content.length, Number(length));
  return [...content.matchAll(/^\((.*)\) Tj$/gm)].map(([, inside = '']) =>
    inside.replaceAll(/\\(.)/g, '$1'),
  );
}

test('the text says whom to call in order, what to type with real paths, and what not to do', () => {
  const text = partOf('card.txt').toString('utf8');
  assert.match(text, /^EMERGENCY: social-download-manager back to 1\.2\.1\n=+\n/);
  assert.match(text, /1\. lead: \+1-555-0101, lead@example\.com\n2\. database: Müller/);
  assert.match(text, /^ {4}sh \/var\/lib\/backstep\/sdm\/kit\/emergency_rollback\.sh --confirm$/m);
  assert.match(text, /^ {4}backstep status --manifest '\/srv\/my app\/backstep\.yaml'$/m);
  assert.match(text, /^ {4}\/var\/lib\/backstep\/social-download-manager\/emergency\/p-20260304$/m);
  assert.match(text, /upgrade of 2026-03-04 05:00 UTC/);
  assert.match(text, /Do not\n-+\n- delete or edit what was moved aside/);
  assert.match(text, /- history: “later” words are parked/);
});

test('the PDF is whole, and shows line for line what the text says', () => {
  const shown = shownIn(partOf('card.pdf'));
  const lines = partOf('card.txt')
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && !/^(=+|-{2,})$/.test(line));
  assert.equal(shown.length, lines.length);
  assert.ok(
    shown.some((line) => line.includes('M\u00fcller (DBA)')),
    'brackets come back as they are',
  );
  assert.ok(
    shown.some((line) => line.includes('\u0093later\u0094')),
    'quotes have their own bytes',
  );
  assert.deepEqual(shown[0], lines[0]);
});

test('the same facts give the same bytes', () => {
  assert.ok(partOf('card.pdf').equals(partOf('card.pdf')));
});

test('whatever is written in it, it stays one page, and says that more was cut', () => {
  const notes = Array.from(
    { length: 200 },
    (_, n) => `note ${n} ${'w'.repeat(300)} \u{1f600} \\ ) (`,
  );
  const shown = shownIn(partOf('card.pdf', facts, { ...place, notes }));
  assert.equal(shown.length, 60);
  assert.match(shown.at(-1) ?? '', /more stands in notes\.txt/);
});
