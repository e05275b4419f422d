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
  return a.size === b.size && differingUnits([a, b]).size === 0;
}

/** Units that do not have the same bytes, mode and owner on every side. */
export function differingUnits(sides: readonly UnitLines[]): Set<UnitName> {
  const [first, ...others] = sides;
  if (first === undefined) return new Set();
  return differingInPlace(first, others) ?? differingByName(first, others);
}

/** Null where the sides do not have all their units at the same places. */
function differingInPlace(
  { listed }: UnitLines,
  others: readonly UnitLines[],
): Set<UnitName> | null {
  const otherLines = others.flatMap((side) =>
    side.listed !== undefined && side.listed.places === listed?.places ? [side.listed.lines] : [],
  );
  if (listed === undefined || otherLines.length < others.length) return null;
  const { names, numbers } = listed.places;
  const differing = new Set<UnitName>();
  for (const lines of otherLines) {
    for (let at = 0; at < numbers.length; at += 1) {
      const number = numbers[at] ?? -1;
      const line = listed.lines[number] ?? '';
      if (!isAlike(line, lines[number])) differing.add(names[at] ?? '');
    }
  }
  return differing;
}

function differingByName(first: UnitLines, others: readonly UnitLines[]): Set<UnitName> {
  const differing = new Set<UnitName>();
  for (const unit of first.keys()) {
    const line = first.get(unit) ?? '';
    if (others.some((side) => !isAlike(line, side.get(unit)))) differing.add(unit);
  }
  for (const side of others) {
    for (const unit of side.keys()) if (!first.has(unit)) differing.add(unit);
  }
  return differing;
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
