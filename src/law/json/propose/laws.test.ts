import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../../../test/chance.ts';
import type { DocumentProposal, ProposedEntries } from './proposal.ts';
import { pairedDocument, proposalsFor } from './propose.ts';
import { returnDocument } from '../return.ts';
import { parseDocumentReversal } from '../reversal.ts';
import { rollBackDocument } from '../rollback.ts';

const at = '2025-01-01T00:00:00Z';
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

async function propose(
  ...upgraded: readonly { readonly before: unknown; readonly after: unknown }[]
): Promise<DocumentProposal[]> {
  const documents = upgraded.flatMap(({ before, after }, n) => {
    const states = { before: bytes(before), after: bytes(after) };
    return pairedDocument(`users/${n}.json`, states) ?? [];
  });
  return proposalsFor('users/*.json', documents);
}

/** What becomes of a setting in an upgrade. */
const fates = ['keep', 'drop', 'move', 'rewrite'] as const;
interface Setting {
  readonly fate: (typeof fates)[number];
  readonly name: string;
  /** Its value in each document; some share theirs. */
  readonly values: readonly unknown[];
}

const short = fc.constantFrom<unknown>(0, 1, 30, true, false, null, '', 'dark', 'light', 'en', []);
const rich = fc.oneof(
  fc.nat({ max: 5 }).map((n) => `/srv/share/volume-${n}/Incoming/kim${n}7`),
  fc.uuid(),
  fc.record({
    host: fc.domain(),
    port: fc.integer({ min: 1024, max: 65535 }),
    secure: fc.boolean(),
  }),
);
const names = ['theme', 'timeout', 'folder', 'state', 'quality', 'api', 'proxy', 'log_level'];

function upgrades(): fc.Arbitrary<{ settings: readonly Setting[]; added: readonly unknown[] }> {
  return fc.integer({ min: 1, max: 5 }).chain((count) =>
    fc.record({
      settings: fc
        .array(
          fc.record({
            fate: fc.constantFrom(...fates),
            values: fc.array(fc.oneof(short, rich), { minLength: count, maxLength: count }),
          }),
          { minLength: 1, maxLength: names.length },
        )
        .map((all) => all.map((each, n) => ({ ...each, name: names[n] ?? '' }))),
      // New settings whose defaults may well be what an old one held, some under a like name.
      added: fc.array(short, { maxLength: names.length }),
    }),
  );
}

function statesOf(
  settings: readonly Setting[],
  added: readonly unknown[],
  document: number,
): { before: Record<string, unknown>; after: Record<string, unknown> } {
  const before = Object.fromEntries(settings.map(({ name, values }) => [name, values[document]]));
  const kept = settings.flatMap(({ fate, name, values }) => {
    if (fate === 'keep') return [[name, values[document]]];
    return fate === 'rewrite' ? [[name, 'rewritten']] : [];
  });
  const moved = settings
    .filter(({ fate }) => fate === 'move')
    .map(({ name, values }) => [`to-${name}`, values[document]]);
  const fresh = added.map((value, n) => [names[n] ?? '', value]);
  return {
    before,
    after: {
      ...Object.fromEntries(kept),
      moved: Object.fromEntries(moved),
      added: Object.fromEntries(fresh),
    },
  };
}

describe('whatever an upgrade did', () => {
  it('a proven move is one that it made', async () => {
    await fc.assert(
      fc.asyncProperty(upgrades(), async ({ settings, added }) => {
        const count = settings[0]?.values.length ?? 0;
        const states = Array.from({ length: count }, (_none, n) => statesOf(settings, added, n));
        const made = settings.flatMap(({ fate, name }) => (fate === 'move' ? [name] : []));
        for (const { isProven, documents } of await propose(...states)) {
          if (!isProven) continue;
          for (const [old, entry] of Object.values(documents).flatMap(Object.entries)) {
            if (typeof entry !== 'string') continue;
            const [name = '', ...inside] = old.split('.');
            assert.ok(made.includes(name), `${old}: ${entry}`);
            assert.equal(entry, ['moved', `to-${name}`, ...inside].join('.'));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('back with no change gives exactly before, and a change goes back and forth', async () => {
    await fc.assert(
      fc.asyncProperty(upgrades(), async ({ settings, added }) => {
        const state = statesOf(settings, added, 0);
        const proposals = await propose(state);
        const entries: ProposedEntries = Object.assign(
          {},
          ...proposals.map(({ documents }) => documents['users/0.json']),
        );
        const document = 'users/0.json';
        const reversal = parseDocumentReversal(entries, { reversalFile: '', document });
        const [before, after] = [bytes(state.before), bytes(state.after)];
        const gone = await rollBackDocument(
          { before, after, now: after },
          { name: document, at, reversal },
        );
        assert.deepEqual(gone.bytes, before);
        assert.deepEqual(gone.parked, []);
        const used = structuredClone(state.after);
        for (const entry of Object.values(entries)) {
          if (typeof entry === 'string') write(used, entry.split('.'), 'written since');
        }
        const now = bytes(used);
        const back = await rollBackDocument(
          { before, after, now },
          { name: document, at, reversal },
        );
        assert.deepEqual(back.parked, []);
        assert.ok(back.outcome.reconciled);
        // Under the old release somebody writes the same: going forward gives what stood there.
        const forth = await returnDocument(
          { before, after, displaced: after, settled: before, now: back.bytes },
          { name: document, reversal },
        );
        assert.deepEqual(JSON.parse(Buffer.from(forth.bytes ?? []).toString()), used);
        assert.deepEqual(forth.parked, []);
      }),
      { numRuns: 200 },
    );
  });
});

function write(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    root[key] = value;
    return;
  }
  const inner = root[key];
  assert.ok(isRecord(inner));
  write(inner, rest, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
