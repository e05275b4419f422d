import type { UnitName } from '../../asset/asset.ts';
import type { Entry } from '../../store/entry.ts';
import { parseEntry } from '../../store/line.ts';
import type { Listing, ListingIndex } from '../../store/listing.ts';

/** Unit → its line in a listing. */
export interface UnitLines {
  readonly size: number;
  has(unit: UnitName): boolean;
  get(unit: UnitName): string | undefined;
  keys(): MapIterator<UnitName>;
  /** Where these are lines of a listing: those of two whose places are one and the same can be compared number by number. */
  readonly listed?: ListedUnits;
}

interface ListedUnits {
  readonly lines: readonly string[];
  readonly places: UnitPlaces;
}

interface UnitPlaces {
  readonly names: readonly UnitName[];
  /** Of each name, the number of its line. */
  readonly numbers: readonly number[];
  readonly byName: ReadonlyMap<UnitName, number>;
}

/** Listings of one index have the same units at the same places, under each folder that was asked for. */
const knownPlaces = new WeakMap<ListingIndex, Map<string, UnitPlaces>>();

/** The units of a listing below a folder. */
export function unitLinesBelow(folder: string, listing: Listing): UnitLines {
  const { lines } = listing;
  const known = knownPlaces.get(listing.index) ?? new Map<string, UnitPlaces>();
  const places = known.get(folder) ?? placesBelow(`${folder}/`, listing);
  knownPlaces.set(listing.index, known.set(folder, places));
  const { byName } = places;
  return {
    size: byName.size,
    has: (unit) => byName.has(unit),
    get: (unit) => lines[byName.get(unit) ?? -1],
    keys: () => byName.keys(),
    listed: { lines, places },
  };
}

function placesBelow(start: string, { paths, lines }: Listing): UnitPlaces {
  const names: UnitName[] = [];
  const numbers: number[] = [];
  const byName = new Map<UnitName, number>();
  for (let number = 0; number < paths.length; number += 1) {
    const [path, line] = [paths[number] ?? '', lines[number] ?? ''];
    if (!path.startsWith(start) || !isUnit(line)) continue;
    const name = path.slice(start.length);
    names.push(name);
    numbers.push(number);
    byName.set(name, number);
  }
  return { names, numbers, byName };
}

/** As a line begins with its kind. */
function isUnit(line: string): boolean {
  return line.startsWith('file\t') || line.startsWith('link\t') || line.startsWith('hard-link\t');
}

/** True where both hold the same units. */
export function areSameUnits(a: UnitLines, b: UnitLines): boolean {
  return a.size === b.size && differences(a, [b]).next().done === true;
}

/** Units that do not have the same bytes, mode and owner on every side. */
export function differingUnits(sides: readonly UnitLines[]): Set<UnitName> {
  const [first, ...others] = sides;
  return new Set(first === undefined ? [] : differences(first, others));
}

/** A unit may come more than once. */
function* differences(first: UnitLines, others: readonly UnitLines[]): Generator<UnitName> {
  for (const other of others) {
    if (first.listed !== undefined && first.listed.places === other.listed?.places) {
      yield* differencesInPlace(first.listed, other.listed);
    } else yield* differencesByName(first, other);
  }
}

function* differencesInPlace({ lines, places }: ListedUnits, other: ListedUnits) {
  const { names, numbers } = places;
  for (let at = 0; at < numbers.length; at += 1) {
    const number = numbers[at] ?? -1;
    if (!isAlike(lines[number] ?? '', other.lines[number])) yield names[at] ?? '';
  }
}

function* differencesByName(one: UnitLines, other: UnitLines) {
  for (const unit of one.keys()) {
    if (!isAlike(one.get(unit) ?? '', other.get(unit))) yield unit;
  }
  for (const unit of other.keys()) if (!one.has(unit)) yield unit;
}

/** Lines of one path. When a unit was written does not count. */
function isAlike(a: string, b: string | undefined): boolean {
  if (a === b) return true;
  return b !== undefined && printOf(parseEntry(a)) === printOf(parseEntry(b));
}

/** What a unit is, without where it stands and when it was written. */
function printOf(entry: Entry): string {
  switch (entry.kind) {
    case 'file':
      return `file ${entry.mode} ${entry.uid} ${entry.gid} ${entry.hashes.join()}`;
    case 'link':
      return `link ${entry.target}`;
    case 'hard-link':
      return `hard-link ${entry.first}`;
    case 'folder':
    case 'left-out':
      return entry.kind;
  }
}
