import assert from 'node:assert/strict';
import { after as afterAll, describe, it } from 'node:test';
import { edited, jsonObjects, jsonValues, versions } from './arbitrary.ts';
import { changesBetween } from './diff.ts';
import { readDocument } from './document.ts';
import { mergeValues, type Merged } from './merge.ts';
import { formatPath, isWithin, placeOf, valueAt, withValueAt, type Path } from './path.ts';
import { parseDocumentReversal, type DocumentReversal } from './reversal.ts';
import { returnDocument, type ReturnedDocument } from './return.ts';
import { rollBackDocument, type RolledBackDocument } from './rollback.ts';
import { isObject, isSame, jsonObject, type Json } from './value.ts';
import { compactText, writeLike } from './write.ts';
import { fc } from '../../../test/chance.ts';

const at = '2025-01-01T00:00:00Z';
const name = 'd.json';
const indented = readDocument(Buffer.from('{\n  "a": 1\n}\n'), 'layout');
const bytesOf = (value: Json): Uint8Array => writeLike(indented, value);
const rootOf = (bytes: Uint8Array | null): Json | undefined =>
  bytes === null ? undefined : readDocument(bytes, name).root;
const overlaps = (one: Path, other: Path): boolean => isWithin(one, other) || isWithin(other, one);

interface History {
  readonly before: Json;
  readonly after: Json;
  readonly now: Json;
  readonly reversal?: DocumentReversal;
}

function back({ before, after, now, reversal }: History): Promise<RolledBackDocument> {
  const states = { before: bytesOf(before), after: bytesOf(after), now: bytesOf(now) };
  return rollBackDocument(states, { name, at, ...(reversal === undefined ? {} : { reversal }) });
}

function forth(
  { before, after, now, reversal }: History,
  gone: RolledBackDocument,
  later: Uint8Array | null = gone.bytes,
): Promise<ReturnedDocument> {
  const states = {
    before: bytesOf(before),
    after: bytesOf(after),
    displaced: bytesOf(now),
    settled: gone.bytes,
    now: later,
  };
  const options = { name, parked: gone.parked, ...(reversal === undefined ? {} : { reversal }) };
  return returnDocument(states, options);
}

/** Histories in which the upgrade moved some keys of the root, and the reversal says so. */
function movedVersions(): fc.Arbitrary<History & { readonly moved: readonly string[] }> {
  return fc.tuple(jsonObjects(), fc.nat()).chain(([before, mask]) => {
    assert(isObject(before));
    const moved = [...before.members.keys()].filter((_key, index) => ((mask >> index) & 1) === 1);
    const upgraded = moved.reduce<Json>((value, key) => {
      const without = withValueAt(value, [key], undefined)?.root ?? jsonObject([]);
      return (
        withValueAt(without, ['moved-to', `new-${key}`], before.members.get(key))?.root ?? without
      );
    }, before);
    const raw = Object.fromEntries(
      moved.map((key) => [formatPath([key]), formatPath(['moved-to', `new-${key}`])]),
    );
    const reversal = parseDocumentReversal(raw, { reversalFile: 'r.yaml', document: name });
    return edited(upgraded, 2).chain((after) =>
      edited(after, 4).map((now) => ({ before, after, now, reversal, moved })),
    );
  });
}

const histories = (): fc.Arbitrary<History> => fc.oneof(versions(), movedVersions());

describe('the law of documents', () => {
  it('gives exactly the old bytes where nothing was changed since the upgrade', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), async (history) => {
        const gone = await back({ ...history, now: history.after });
        assert.deepEqual(gone.bytes, bytesOf(history.before));
        assert.deepEqual(gone.parked, []);
        assert.deepEqual(gone.outcome.carried, { inserted: 0, updated: 0, deleted: 0 });
      }),
      { numRuns: 500 },
    );
  });

  it('gives exactly the new bytes, back and forth again with nothing changed between', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), async (history) => {
        const returned = await forth(history, await back(history));
        assert.deepEqual(returned.bytes, bytesOf(history.now));
        assert.deepEqual(returned.stale, []);
      }),
      { numRuns: 500 },
    );
  });

  it('carries or parks every change', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), async (history) => {
        const gone = await back(history);
        assert(gone.outcome.reconciled);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(versions(), ({ before, after, now }) => {
        const merged = mergeValues(before, after, now);
        for (const { path, to } of changesBetween(after, now)) {
          const isCarried = isSame(valueAt(merged.value, path), to);
          const isParked = merged.parked.some((each) => isWithin(path, each.path));
          assert(isCarried || isParked, `${formatPath(path)} is in neither list`);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('carries what is faithful, and leaves everything else as it was before', () => {
    fc.assert(
      fc.property(versions(), ({ before, after, now }) => {
        const merged = mergeValues(before, after, now);
        for (const change of changesBetween(after, now))
          checkCarried({ before, after, now }, merged, change.path);
      }),
      { numRuns: 2000 },
    );
  });

  it('never lets an edit of one path disturb another', async () => {
    await fc.assert(
      fc.asyncProperty(versions(), async (history) => {
        const result = rootOf((await back(history)).bytes);
        const edits = changesBetween(history.after, history.now);
        for (const { path } of changesBetween(history.before, result)) {
          assert(
            edits.some((edit) => overlaps(edit.path, path)),
            `${formatPath(path)} was disturbed`,
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('brings an edit under the old release forward, or lists it', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), fc.gen(), async (history, draw) => {
        const gone = await back(history);
        const settled = rootOf(gone.bytes);
        if (settled === undefined) return;
        const later = draw(edited, settled, 3);
        const returned = await forth(history, gone, bytesOf(later));
        assert(returned.outcome.reconciled);
        const result = rootOf(returned.bytes);
        for (const { path, to } of changesBetween(settled, later)) {
          const place = placeOf(name, path);
          const isListed = returned.parked.some(
            (each) => each.place.startsWith(place) || place.startsWith(each.place),
          );
          const there = newPathOf(history, path);
          assert(isListed || holds(valueAt(result, there), to), `${place} is in neither list`);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps what a later edit replaced', async () => {
    await fc.assert(
      fc.asyncProperty(versions(), fc.gen(), async (history, draw) => {
        const gone = await back(history);
        const settled = rootOf(gone.bytes);
        if (settled === undefined) return;
        const later = draw(edited, settled, 3);
        const returned = await forth(history, gone, bytesOf(later));
        const result = rootOf(returned.bytes);
        for (const { path, to } of changesBetween(history.after, history.now)) {
          const isEditedAgain = changesBetween(settled, later).some((edit) =>
            overlaps(edit.path, path),
          );
          const isThere = isSame(valueAt(result, path), to);
          assert(isThere || isEditedAgain, `${formatPath(path)} did not come back`);
        }
        const { before, after, now } = history;
        for (const { path, value } of mergeValues(before, after, now).parked) {
          const place = placeOf(name, path);
          const isStale = returned.stale.some((each) => isRelated(each.place, place));
          const isBack = returned.returned.some((each) => each.place === place);
          assert(isBack !== isStale, `${place} is in no list, or in both`);
          assert(isStale || isSame(valueAt(result, path), value), `${place} is gone`);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('lets a moved place be edited on both sides', async () => {
    await fc.assert(
      fc.asyncProperty(movedVersions(), jsonValues(), jsonValues(), async (history, one, other) => {
        const [key] = history.moved;
        if (key === undefined) return;
        const target = ['moved-to', `new-${key}`];
        const after = withValueAt(history.after, target, valueAt(history.before, [key]))?.root;
        if (after === undefined) return;
        const now = withValueAt(after, target, one)?.root;
        assert(now !== undefined);
        const gone = await back({ ...history, after, now });
        assert(isSame(valueAt(rootOf(gone.bytes), [key]), one));
        const later = withValueAt(rootOf(gone.bytes), [key], other)?.root;
        assert(later !== undefined);
        const returned = await forth({ ...history, after, now }, gone, bytesOf(later));
        assert(isSame(valueAt(rootOf(returned.bytes), target), other));
      }),
    );
  });

  afterAll(() => {
    assert.deepEqual(Object.keys(Object.prototype), []);
    assert.deepEqual(
      Object.getOwnPropertyNames(Object.prototype).filter((key) =>
        /^(a|b|0|1|polluted)$/.test(key),
      ),
      [],
    );
  });
});

function newPathOf(history: History, path: Path): Path {
  const entry = history.reversal?.entries.find(({ old }) => isWithin(path, old));
  return entry?.way === 'path' ? [...entry.new, ...path.slice(entry.old.length)] : path;
}

function isRelated(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** All of an added object, beside what stands there already. */
function holds(found: Json | undefined, wanted: Json | undefined): boolean {
  if (!isObject(wanted) || !isObject(found)) return isSame(found, wanted);
  return [...wanted.members].every(([key, member]) => holds(found.members.get(key), member));
}

function checkCarried({ before, after, now }: History, merged: Merged, path: Path): void {
  const [old, upgraded, latest, found] = [before, after, now, merged.value].map((root) =>
    valueAt(root, path),
  );
  const isFaithful = isSame(old, upgraded) && areParentsShared(before, after, path);
  const isDeletedObject = isObject(old) && isObject(upgraded) && latest === undefined;
  const expected = isFaithful || isDeletedObject ? latest : old;
  assert(
    isSame(found, expected),
    `${formatPath(path)}: ${found === undefined ? 'absent' : compactText(found)}`,
  );
}

/** Every object around the path is an object in both, or the same in both. */
function areParentsShared(before: Json, after: Json, path: Path): boolean {
  return path.every((_step, index) => {
    const [old, upgraded] = [before, after].map((root) => valueAt(root, path.slice(0, index)));
    return isSame(old, upgraded) || (isObject(old) && isObject(upgraded));
  });
}
