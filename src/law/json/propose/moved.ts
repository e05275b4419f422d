import { bitsOf, bitsOfName, bitsOfVariety } from './information.ts';
import { formatPath, isWithin, valueAt, type Path } from '../path.ts';
import { holds, type Node, type Places } from './places.ts';
import type { PairedDocument, ProposedEntries } from './proposal.ts';
import { isObject, isSame, type Json } from '../value.ts';

/** A document with its places. */
export interface PlacedDocument {
  readonly document: PairedDocument;
  readonly places: Places;
}

/** A place of the old documents that seems to stand elsewhere in the new ones. */
export interface Moved {
  readonly kind: 'moved';
  readonly old: Path;
  readonly latest: Path;
  /** By the name of the document. */
  readonly documents: ReadonlyMap<string, ProposedEntries>;
  readonly isProven: boolean;
  readonly evidence: string;
}

/** One value may be a default that two settings share: then only the value and the names speak. */
const provenBits = 44;
/** Where the names tell nothing, the value has to say all. */
const provenBitsUnnamed = 64;
/** Values that differ from document to document, and follow each other in all of them, are no default. */
const provenBitsOfVaried = 36;
const fewestVaried = 3;
/** Less than a short word: not even a guess, unless the names tell it. */
const guessedBits = 5;
/** Where more than this moved, it is a form of its own, and a person's to describe. */
const mostMoved = 200;
/** Pairs of objects that are looked into. */
const mostObjectPairs = 10_000;

/**
 * Old places whose values stand at one other new place, in every document that has them. Proven is what chance and common
 * defaults do not explain; the rest is a guess. The outermost of nested places, and each place once.
 */
export function movedPlaces(placed: readonly PlacedDocument[]): Moved[] {
  const found: Moved[] = [];
  const candidates = oldPaths(placed).flatMap((old) => candidateFor(placed, old) ?? []);
  for (const wantsProven of [true, false]) {
    for (const candidate of candidates) {
      if (candidate.isProven !== wantsProven || found.length === mostMoved) continue;
      if (!found.some((each) => meet(each, candidate))) found.push(candidate);
    }
  }
  return found;
}

function meet(one: Moved, other: Moved): boolean {
  const areNested = (a: Path, b: Path): boolean => isWithin(a, b) || isWithin(b, a);
  return areNested(one.old, other.old) || areNested(one.latest, other.latest);
}

/** Outermost first. */
function oldPaths(placed: readonly PlacedDocument[]): Path[] {
  const paths = new Map<string, Path>();
  for (const { places } of placed) {
    for (const [key, { path }] of places.vacated) paths.set(key, path);
  }
  return [...paths.values()]
    .filter((path) => !path.includes('__proto__'))
    .toSorted((one, other) => one.length - other.length);
}

/** The documents that have an old place, with what stood there. */
interface Holder extends PlacedDocument {
  readonly node: Node;
}

function candidateFor(placed: readonly PlacedDocument[], old: Path): Moved | null {
  const key = formatPath(old);
  const having = placed.filter(({ document }) => valueAt(document.before, old) !== undefined);
  const holders = having.flatMap((each): Holder[] => {
    const node = each.places.vacated.get(key);
    return node === undefined ? [] : [{ ...each, node }];
  });
  // Where one document keeps the place, it has not moved.
  if (holders.length < having.length) return null;
  return wholeMove(holders, old) ?? partedMove(holders, old);
}

/** The very same value, elsewhere. */
function wholeMove(holders: readonly Holder[], old: Path): Moved | null {
  const standing = inAll(
    holders.map(({ places, node }) => places.newHolders.get(node.identity) ?? new Set<string>()),
  );
  const twins = inAll(
    holders.map(({ places, node }) => places.oldHolders.get(node.identity) ?? new Set<string>()),
  );
  const targets = [...standing]
    .map((key) => appearedIn(holders, key))
    .filter((path) => path !== null);
  const named = targets.filter((target) => bitsOfName(old, target) > 0);
  const [latest, ...others] = named.length > 0 ? named : targets;
  if (latest === undefined || others.length > 0) return null;
  const isAlone = standing.size === 1 && twins.size === 1;
  const bits = valueBits(holders);
  if (named.length === 0 && !(isAlone && bits >= guessedBits)) return null;
  const entries = { [formatPath(old)]: formatPath(latest) };
  return toldOf(holders, { old, latest, isAlone, entriesOf: () => entries });
}

/** An object all of whose members stand in another one, beside what the new release added there. */
function partedMove(holders: readonly Holder[], old: Path): Moved | null {
  const [first] = holders;
  if (first === undefined || !holders.every(({ node }) => isObject(node.value))) return null;
  const objects = [...first.places.appeared.values()].filter(({ value }) => isObject(value));
  if (objects.length * first.places.vacated.size > mostObjectPairs) return null;
  const targets = objects.filter(({ path }) =>
    holders.every(({ document, node }) => {
      const value = valueAt(document.after, path);
      return isObject(value) && holds(value, node.value);
    }),
  );
  const [target, ...others] = targets;
  if (target === undefined || others.length > 0) return null;
  const moved = toldOf(holders, {
    old,
    latest: target.path,
    isAlone: true,
    entriesOf: ({ document, node }) =>
      Object.fromEntries(
        membersMoved(node.value, valueAt(document.after, target.path), {
          old,
          latest: target.path,
        }),
      ),
  });
  // Its members may be told one by one, with what is known of each.
  return moved.isProven ? moved : null;
}

function membersMoved(
  value: Json,
  whole: Json | undefined,
  { old, latest }: { readonly old: Path; readonly latest: Path },
): [string, string][] {
  if (isSame(value, whole) || !isObject(value) || !isObject(whole))
    return [[formatPath(old), formatPath(latest)]];
  return [...value.members].flatMap(([key, member]) =>
    membersMoved(member, whole.members.get(key), { old: [...old, key], latest: [...latest, key] }),
  );
}

interface Told {
  readonly old: Path;
  readonly latest: Path;
  /** No other place of either shape holds the same in all documents. */
  readonly isAlone: boolean;
  readonly entriesOf: (holder: Holder) => ProposedEntries;
}

function toldOf(holders: readonly Holder[], { old, latest, isAlone, entriesOf }: Told): Moved {
  const named = bitsOfName(old, latest);
  const bits = valueBits(holders) + named;
  const wanted = named > 0 ? provenBits : provenBitsUnnamed;
  const kinds = new Set(holders.map(({ node }) => node.identity));
  const isVaried = kinds.size > 1 && holders.length >= fewestVaried;
  const isProven = isAlone && bits >= (isVaried ? provenBitsOfVaried : wanted);
  const documents = new Map(holders.map((each) => [each.document.name, entriesOf(each)]));
  const where = holders.length === 1 ? '' : `, in ${holders.length} of ${holders.length} documents`;
  const alone = isAlone ? ', and no other place does' : '';
  const doubt = isAlone ? 'too short a value to prove it' : 'other places hold it as well';
  const evidence = `${formatPath(latest)} holds what ${formatPath(old)} held${where}${alone}${isProven ? '' : `: a guess, ${doubt}`}`;
  return { kind: 'moved', old, latest, documents, isProven, evidence };
}

function valueBits(holders: readonly Holder[]): number {
  const values = new Map(holders.map(({ node }) => [node.identity, node.value]));
  const own = [...values.values()].reduce((total, value) => total + bitsOf(value), 0);
  return own + bitsOfVariety(holders.map(({ node }) => node.identity));
}

/** Null where one of the new documents had it before, or lacks it. */
function appearedIn(holders: readonly Holder[], key: string): Path | null {
  const nodes = holders.map(({ places }) => places.appeared.get(key));
  const path = nodes[0]?.path;
  const isNew = path !== undefined && nodes.every((node) => node !== undefined);
  return isNew && !path.includes('__proto__') ? path : null;
}

function inAll(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [first, ...rest] = sets;
  return new Set([...(first ?? [])].filter((key) => rest.every((each) => each.has(key))));
}
