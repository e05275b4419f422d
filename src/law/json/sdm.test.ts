import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDocumentReversal } from './reversal.ts';
import { returnDocument } from './return.ts';
import { rollBackDocument, type DocumentRollback } from './rollback.ts';
import { bytes, name, old, paths, place, renewed, returning, states } from './sdm-documents.ts';
import { pairedDocument, proposalsFor } from './propose/propose.ts';
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

const used = {
  ...renewed,
  features: { ...renewed.features, customThemes: false },
  ui: { theme: { mode: 'dark' } },
  i18n: { locale: 'vi' },
};

describe('config.json of Social Download Manager, 1.2.1 and 2.0.0', () => {
  it('is surveyed: what moved is faithful, what is new is blind, the version was rewritten', async () => {
    const survey = await surveyDocument(states(renewed), { name, reversal });
    const faiths = new Map(survey.findings.map((finding) => [finding.place, finding.faith]));
    assert.deepEqual(
      faiths,
      new Map([
        [`${name}#version`, 'rewritten'],
        [`${name}#features`, 'blind'],
        ...Object.keys(paths).map((key) => [`${name}#${key}`, 'faithful'] as const),
      ]),
    );
    assert.deepEqual(survey.problems, []);
    assert.deepEqual(survey.oneWay, []);
  });

  it('is surveyed without a reversal: the moves are proposed', async () => {
    const survey = await surveyDocument(states(renewed), { name });
    const paired = pairedDocument(name, states(renewed));
    assert.ok(paired !== null);
    const proposals = await proposalsFor(name, [paired]);
    const entries = proposals.map(({ documents }) => documents[name]);
    assert.deepEqual(Object.assign({}, ...entries), paths);
    // Defaults of one release may be those of another setting of the next: short values prove nothing.
    assert.ok(proposals.every(({ isProven }) => !isProven));
    assert(survey.findings.every(({ faith }) => faith === 'blind' || faith === 'rewritten'));
  });

  it('goes back with what was changed, and parks what 1.2.1 does not know', async () => {
    const gone = await rollBackDocument(states(used), options());
    assert.deepEqual(text(gone.bytes), text(bytes({ ...old, theme: 'dark', language: 'vi' })));
    assert.deepEqual(gone.parked, [
      { place: `${name}#features.customThemes`, newPlace: null, value: 'false', why: 'blind' },
    ]);
    assert.deepEqual(gone.outcome, {
      carried: { inserted: 0, updated: 2, deleted: 0 },
      parked: [{ what: `${name}#features.customThemes`, count: 1, why: 'blind' }],
      decisions: [
        {
          place: `${name}#features.customThemes`,
          choice: 'park',
          by: 'default',
          at,
          evidence: 'the old shape has no such place',
        },
      ],
      reconciled: true,
    });
  });

  it('comes forward with the edits of 1.2.1, and what was parked is back', async () => {
    const gone = await rollBackDocument(states(used), options());
    const later = bytes({
      ...old,
      theme: 'dark',
      language: 'vi',
      quality: '720',
      session_hours: 24,
    });
    const returned = await returnDocument(returning(used, gone.bytes, later), {
      name,
      reversal,
      parked: gone.parked,
    });
    assert.deepEqual(parsed(returned.bytes), {
      ...used,
      application: { sessionHours: 24, logLevel: 'info' },
      downloads: { folder: 'downloads', quality: '720', maxConcurrent: 3 },
    });
    assert.deepEqual(returned.returned, gone.parked);
    assert.deepEqual([returned.parked, returned.stale], [[], []]);
    assert.equal(returned.outcome.reconciled, true);
  });

  it('without a reversal parks every change and keeps the old document', async () => {
    const gone = await rollBackDocument(states(used), { name, at });
    assert.deepEqual(gone.bytes, bytes(old));
    assert.deepEqual(
      gone.parked.map(({ place: where, value }) => [where, value]),
      [
        [`${name}#features.customThemes`, 'false'],
        [`${name}#ui.theme.mode`, '"dark"'],
        [`${name}#i18n.locale`, '"vi"'],
      ],
    );
    assert.equal(gone.outcome.reconciled, true);
  });

  it('does as was decided', async () => {
    const decision = {
      place: `${name}#features`,
      choice: 'as-is',
      by: 'operator',
      at,
      evidence: '',
    } as const;
    const gone = await rollBackDocument(states(used), options({ decisions: [decision] }));
    assert.deepEqual(parsed(gone.bytes), {
      ...old,
      theme: 'dark',
      language: 'vi',
      features: { customThemes: false },
    });
    assert.deepEqual(gone.outcome.decisions, [decision]);
    assert.deepEqual(gone.parked, []);
    assert.equal(gone.outcome.reconciled, true);
  });
});
