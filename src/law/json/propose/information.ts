import type { Path } from '../path.ts';
import { isObject, type Json } from '../value.ts';

/** A run of letters is a word of some dictionary, however long it is. */
const mostBitsOfWord = 12;
const bitsOfLetter = 2.5;
const bitsOfDigit = 3.3;
const bitsOfSign = 3;
/** Of a key of an object: half of a word's, since programs share their keys. */
const mostBitsOfKey = 7;
const mostBitsOfName = 24;
const mostRoundDigits = 20;

/**
 * A careful estimate, in bits, of how much a value tells apart from others: what two places that hold it by chance speak
 * against. `true`, `1` and `dark` tell next to nothing; a path, an address or a whole object tells much.
 */
export function bitsOf(value: Json): number {
  if (value.kind === 'string') return bitsOfText(value.value);
  if (value.kind === 'number') return bitsOfDigits(value.text.replace(/[^0-9]/g, ''));
  if (value.kind === 'array') return sum(value.items.map(bitsOf));
  if (!isObject(value)) return 1;
  return sum(
    [...value.members].map(([key, member]) => Math.min(mostBitsOfKey, key.length) + bitsOf(member)),
  );
}

/** What stands in a text twice counts once. */
function bitsOfText(text: string): number {
  const runs = new Set(text.match(/\p{L}+|\p{N}+|[^\p{L}\p{N}]/gu));
  return sum([...runs].map(bitsOfRun));
}

function bitsOfRun(run: string): number {
  if (/^\p{N}/u.test(run)) return bitsOfDigits(run);
  if (/^\p{L}/u.test(run)) return bitsOfWord(run);
  return bitsOfSign;
}

function bitsOfWord(word: string): number {
  return Math.min(mostBitsOfWord, bitsOfLetter * word.length);
}

/** Round numbers are written down more often than others: 1000, 1024, 2147483647, 99999. */
function bitsOfDigits(text: string): number {
  const digits = text.replace(/\P{Nd}|^0+/gu, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return 0;
  if (new Set(significant).size === 1) return bitsOfDigit;
  const isShort = digits.length <= mostRoundDigits && /^\d+$/.test(digits);
  const [round = ''] = isShort ? roundedBinary(BigInt(digits)) : [];
  return Math.min(bitsOfDigit * significant.length, round === '' ? Infinity : round.length + 3);
}

/** The shortest binary notation without its last zeros, of a number and those next to it. */
function roundedBinary(number: bigint): string[] {
  return [number - 1n, number, number + 1n]
    .map((each) => each.toString(2).replace(/0+$/, ''))
    .filter((each) => each !== '')
    .toSorted((one, other) => one.length - other.length);
}

/**
 * What names tell, in bits: every word of the old place's own name stands somewhere in the new path. 0 where one is
 * missing: `log_level` is not `log.file`.
 */
export function bitsOfName(old: Path, latest: Path): number {
  const wanted = wordsIn(old.slice(-1));
  const known = new Set(wordsIn(latest));
  if (wanted.length === 0 || !wanted.every((word) => known.has(word))) return 0;
  return Math.min(mostBitsOfName, sum([...new Set(wanted)].map(bitsOfWord)));
}

/** `maxConcurrent_downloads` → max, concurrent, download. */
function wordsIn(path: Path): string[] {
  const names = path.filter((step) => typeof step === 'string').join(' ');
  const words = names.match(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{Lo}+/gu) ?? [];
  return words.map((word) => word.toLowerCase()).map((word) => word.replace(/(?<=.{3})s$/, ''));
}

/** Bits by which places that hold their values by chance would have had to agree, beyond the values themselves. */
export function bitsOfVariety(kinds: readonly string[]): number {
  const counts = [...Map.groupBy(kinds, (kind) => kind).values()].map((same) => same.length);
  return sum(counts.map((count) => count * Math.log2(kinds.length / count)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
