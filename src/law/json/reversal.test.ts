import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDocumentReversal } from './reversal.ts';
import { returnDocument } from './return.ts';
import { rollBackDocument, type DocumentRollback, type DocumentStates } from './rollback.ts';
import { bytes, name, old, paths, place, renewed, returning, states } from './sdm-documents.ts';
import { surveyDocument } from './survey.ts';

const at = '2025-01-01T00:00:00Z';
const text = (written: Uint8Array | null): string => Buffer.from(written ?? []).toString('utf8');
const parsed = (written: Uint8Array | null): unknown => JSON.parse(text(written));

const reversal = parseDocumentReversal(paths, place);
const options = (more: Partial<DocumentRollback> = {}): DocumentRollback => ({
  name,
  at,
  reversal,
  ...more,
});

describe('a reversal by expression', () => {
  const minutes = { ...renewed, application: { sessionMinutes: 10_080, logLevel: 'info' } };
  const entry = {
    ...paths,
    session_hours: {
      get: '$floor(application.sessionMinutes / 60)',
      forth: { 'application.sessionMinutes': 'session_hours * 60' },
    },
  };
  const both = parseDocumentReversal(entry, place);
  const from = (now: unknown): DocumentStates => ({ ...states(now), after: bytes(minutes) });
  const withMinutes = (sessionMinutes: unknown): unknown => ({
    ...minutes,
    application: { sessionMinutes, logLevel: 'info' },
  });

  it('carries what it can bring back', async () => {
    const gone = await rollBackDocument(from(withMinutes(120)), options({ reversal: both }));
    assert.deepEqual(parsed(gone.bytes), { ...old, session_hours: 2 });
    assert.deepEqual(gone.parked, []);
    assert.equal(gone.outcome.reconciled, true);
    assert.deepEqual((await surveyDocument(from(null), { name, reversal: both })).problems, []);
  });

  it('parks beside it what the way back would round off', async () => {
    const gone = await rollBackDocument(from(withMinutes(130)), options({ reversal: both }));
    assert.deepEqual(parsed(gone.bytes), { ...old, session_hours: 2 });
    assert.deepEqual(gone.parked, [
      { place: `${name}#application.sessionMinutes`, newPlace: null, value: '130', why: 'blind' },
    ]);
    const edited = bytes({ ...old, session_hours: 3 });
    const run = { name, reversal: both, parked: gone.parked };
    const there = { ...returning(withMinutes(130), gone.bytes, gone.bytes), after: bytes(minutes) };
    const unedited = await returnDocument(there, run);
    assert.deepEqual(parsed(unedited.bytes), withMinutes(130));
    assert.deepEqual(unedited.returned, gone.parked);
    const returned = await returnDocument({ ...there, now: edited }, run);
    assert.deepEqual(parsed(returned.bytes), withMinutes(180));
    assert.deepEqual(returned.stale, [
      { place: `${name}#application.sessionMinutes`, newPlace: null, value: '130', why: 'stale' },
    ]);
    assert.deepEqual(returned.returned, []);
  });

  it('says one-way without forth, and parks the edits that cannot follow', async () => {
    const oneWay = parseDocumentReversal(
      { ...entry, session_hours: { get: entry.session_hours.get } },
      place,
    );
    const gone = await rollBackDocument(from(withMinutes(120)), options({ reversal: oneWay }));
    assert.deepEqual(parsed(gone.bytes), { ...old, session_hours: 2 });
    assert.deepEqual(gone.oneWay, [`${name}#session_hours`]);
    const there = { ...returning(withMinutes(120), gone.bytes, null), after: bytes(minutes) };
    const returned = await returnDocument(
      { ...there, now: bytes({ ...old, session_hours: 5 }) },
      { name, reversal: oneWay, parked: gone.parked },
    );
    assert.deepEqual(parsed(returned.bytes), withMinutes(120));
    assert.deepEqual(returned.outcome.parked, [
      { what: `${name}#session_hours`, count: 1, why: 'blind' },
    ]);
    assert.equal(returned.outcome.reconciled, true);
  });

  it('parks what fails or cannot be held, by name, and goes on', async () => {
    const huge = text(bytes(withMinutes(1))).replace(
      '"sessionMinutes": 1',
      '"sessionMinutes": 9007199254740993',
    );
    for (const now of [bytes(withMinutes('soon')), Buffer.from(huge)]) {
      const gone = await rollBackDocument({ ...from(null), now }, options({ reversal: both }));
      assert.deepEqual(gone.bytes, bytes(old));
      assert.deepEqual(gone.outcome.parked, [
        { what: `${name}#session_hours`, count: 1, why: 'refused' },
      ]);
      assert.equal(gone.parked[0]?.newPlace, `${name}#application.sessionMinutes`);
      assert.match(
        gone.faults[0]?.message ?? '',
        /^reversals\/2.0.0-to-1.2.1.yaml: configuration\/config.json#session_hours: get/,
      );
      assert.equal(gone.outcome.reconciled, true);
    }
  });

  it('is found out where forth and get do not agree', async () => {
    const wrong = parseDocumentReversal(
      {
        ...entry,
        session_hours: {
          ...entry.session_hours,
          forth: { 'application.sessionMinutes': 'session_hours' },
        },
      },
      place,
    );
    const { problems } = await surveyDocument(from(null), { name, reversal: wrong });
    assert.deepEqual(
      problems.map((problem) => problem.place),
      [`${name}#session_hours`],
    );
  });
});

describe('words that an upgrade changed', () => {
  const words = parseDocumentReversal(
    { ...paths, quality: { path: 'downloads.quality', map: { highest: 'best', hd: '720' } } },
    place,
  );
  const withQuality = (quality: string): unknown => ({
    ...renewed,
    downloads: { ...renewed.downloads, quality },
  });
  const from = (quality: string): DocumentStates => ({
    ...states(withQuality(quality)),
    after: bytes(withQuality('highest')),
  });

  it('are translated both ways', async () => {
    const gone = await rollBackDocument(from('hd'), options({ reversal: words }));
    assert.deepEqual(parsed(gone.bytes), { ...old, quality: '720' });
    const back = {
      ...returning(withQuality('hd'), gone.bytes, bytes({ ...old, quality: 'best' })),
      after: from('hd').after,
    };
    const returned = await returnDocument(back, { name, reversal: words, parked: gone.parked });
    assert.deepEqual(parsed(returned.bytes), withQuality('highest'));
  });

  it('are parked where the map does not have them', async () => {
    const gone = await rollBackDocument(from('8k'), options({ reversal: words }));
    assert.deepEqual(gone.bytes, bytes(old));
    assert.deepEqual(gone.parked, [
      {
        place: `${name}#quality`,
        newPlace: `${name}#downloads.quality`,
        value: '"8k"',
        why: 'unproven',
      },
    ]);
    assert.equal(gone.outcome.reconciled, true);
    const back = {
      ...returning(withQuality('hd'), bytes(old), bytes({ ...old, quality: '240' })),
      after: from('hd').after,
    };
    const returned = await returnDocument(back, { name, reversal: words });
    assert.deepEqual(parsed(returned.bytes), withQuality('hd'));
    assert.deepEqual(returned.outcome.parked, [
      { what: `${name}#quality`, count: 1, why: 'blind' },
    ]);
  });
});
