import { readDocument } from '../document.ts';
import { elementsOf } from '../keyed.ts';
import { mergeLayers } from '../layers.ts';
import { undecided } from '../merge.ts';
import { rewrittenArrays } from './elements.ts';
import { movedPlaces } from './moved.ts';
import { formatPath, placeOf, valueAt } from '../path.ts';
import { placesOf } from './places.ts';
import type { DocumentProposal, PairedDocument, ProposedEntries } from './proposal.ts';
import { renamedWords } from './renamed.ts';
import {
  isDocumentRefusal,
  parseDocumentReversal,
  type DocumentReversal,
  type PathEntry,
} from '../reversal.ts';
import { countLeaves, isObject, isSame } from '../value.ts';
import { movedView, oldView, withoutNewPaths, withoutOldPaths } from '../view.ts';

/** A document with more values than this is a list of things; nothing is proposed for it. */
const mostLeaves = 20_000;
/** … and so many documents of one form are records. */
const mostDocuments = 2000;

/** Null where one side has no such document, it is no object, or it is too large to be compared place by place. */
export function pairedDocument(
  name: string,
  states: { readonly before: Uint8Array | null; readonly after: Uint8Array | null },
  written: Readonly<Record<string, unknown>> = {},
): PairedDocument | null {
  if (states.before === null || states.after === null) return null;
  const [before, after] = [
    readDocument(states.before, name).root,
    readDocument(states.after, name).root,
  ];
  if (!isObject(before) || !isObject(after)) return null;
  const isLarge = countLeaves(before) + countLeaves(after) > mostLeaves;
  return isLarge ? null : { name, before, after, written };
}

/**
 * What the upgrade of documents of one form (those of one pattern) suggests for their reversal: places that moved and
 * words that others replaced. With every proposal taken, going back with no change gives exactly `before`: one for which
 * that does not hold is left out.
 */
export async function proposalsFor(
  group: string,
  documents: readonly PairedDocument[],
): Promise<DocumentProposal[]> {
  if (documents.length > mostDocuments) return [];
  const left = documents.map(unwritten);
  const placed = left.map((document) => ({
    document,
    places: placesOf(document.before, document.after),
  }));
  const found = [...movedPlaces(placed), ...renamedWords(left), ...rewrittenArrays(left)];
  const proposals = found.map(({ kind, old, documents: entries, isProven, evidence }) => {
    const places = [...entries.keys()].map((name) => placeOf(name, old));
    const [only = ''] = places;
    const place = places.length === 1 ? only : placeOf(group, old);
    return { kind, place, places, documents: Object.fromEntries(entries), isProven, evidence };
  });
  return soundOf(documents, proposals);
}

/** A document without what its written entries account for. */
function unwritten(document: PairedDocument): PairedDocument {
  const reversal = reversalFor(document, {});
  if (reversal === null || reversal.entries.length === 0) return document;
  const before = withoutOldPaths(document.before, reversal);
  const after = withoutNewPaths(document.after, reversal);
  return isObject(before) && isObject(after) ? { ...document, before, after } : document;
}

/** Those that hold together, proven ones first: all of them as a rule, which is tried once. */
async function soundOf(
  documents: readonly PairedDocument[],
  proposals: readonly DocumentProposal[],
): Promise<DocumentProposal[]> {
  const inOrder = proposals.toSorted((one, other) => Number(other.isProven) - Number(one.isProven));
  if (await goBack(documents, inOrder)) return inOrder;
  const sound: DocumentProposal[] = [];
  for (const proposal of inOrder) {
    if (await goBack(documents, [...sound, proposal])) sound.push(proposal);
  }
  return sound;
}

async function goBack(
  documents: readonly PairedDocument[],
  proposals: readonly DocumentProposal[],
): Promise<boolean> {
  for (const document of documents) {
    const own = proposals
      .map(({ documents: entries }) => entries[document.name])
      .filter((entries) => entries !== undefined);
    const entries: ProposedEntries = Object.assign({}, ...own);
    if (own.length > 0 && !(await goesBack(document, entries))) return false;
  }
  return true;
}

/** The law itself, on the pair: nothing changed since the upgrade, so nothing but `before` may come out. */
async function goesBack(document: PairedDocument, entries: ProposedEntries): Promise<boolean> {
  const reversal = reversalFor(document, entries);
  if (reversal === null) return false;
  const { before, after } = document;
  const { value, parked, faults } = await mergeLayers(
    { before, after, now: after },
    reversal,
    undecided,
  );
  if (!isSame(value, before) || parked.length + faults.length > 0) return false;
  const proposed = new Set(Object.keys(entries));
  const moved = reversal.entries.filter(
    (entry): entry is PathEntry => entry.way === 'path' && proposed.has(formatPath(entry.old)),
  );
  const views = await Promise.all(moved.map((entry) => isFaithful(entry, document)));
  return moved.length === proposed.size && !views.includes(false);
}

/** Both ways: what stood there before, and what stands there now; element by element where there is a key. */
async function isFaithful(entry: PathEntry, { before, after }: PairedDocument): Promise<boolean> {
  const [back, forth] = [await oldView(entry, after), movedView(entry, before)];
  if (!back.ok || !forth.ok || back.isUnmapped || forth.isUnmapped) return false;
  // The law judges the fields of elements one by one: some may be the new release's alone.
  if (entry.key !== null) return elementsOf(back.value, entry.key) !== null;
  return (
    isSame(back.value, valueAt(before, entry.old)) && isSame(forth.value, valueAt(after, entry.new))
  );
}

/** Null where the entries cannot stand together. */
function reversalFor(document: PairedDocument, entries: ProposedEntries): DocumentReversal | null {
  try {
    const raw = { ...document.written, ...entries };
    return parseDocumentReversal(raw, { reversalFile: '', document: document.name });
  } catch (error) {
    if (isDocumentRefusal(error)) return null;
    throw error;
  }
}
