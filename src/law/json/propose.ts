import { formatPath, type Path } from './path.ts';
import { isNothing } from './merge.ts';
import { isObject, isSame, type Json } from './value.ts';
import { compactText } from './write.ts';

/** One place as the two shapes have it. */
export interface Candidate {
  readonly path: Path;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

interface Leaf {
  readonly path: Path;
  readonly value: Json;
  readonly from: Candidate;
}

/**
 * Lines for a reversal file, for old places that seem to stand elsewhere in the new document: one value
 * in both that no other place has, or one value under a like name. Each is to be confirmed by a person.
 */
export function proposalsFor(candidates: readonly Candidate[]): ReadonlyMap<Candidate, string> {
  const differing = candidates.filter(({ before, after }) => !isSame(before, after));
  const older = differing.flatMap((from) => leavesOf(from.before, from.path, from));
  const newer = differing.flatMap((from) => leavesOf(from.after, from.path, from));
  const proposals = new Map<Candidate, string[]>();
  for (const old of older) {
    const target = targetOf(old, older, newer);
    if (target === null || formatPath(target.path) === formatPath(old.path)) continue;
    const line = `${formatPath(old.path)}: ${formatPath(target.path)}`;
    proposals.set(old.from, [...(proposals.get(old.from) ?? []), line]);
  }
  return new Map([...proposals].map(([from, lines]) => [from, lines.join('\n')]));
}

function leavesOf(value: Json | undefined, path: Path, from: Candidate): Leaf[] {
  if (value === undefined || isNothing(value)) return [];
  if (!isObject(value)) return [{ path, value, from }];
  return [...value.members].flatMap(([key, member]) => leavesOf(member, [...path, key], from));
}

function targetOf(old: Leaf, older: readonly Leaf[], newer: readonly Leaf[]): Leaf | null {
  const matching = newer.filter((leaf) => isSame(leaf.value, old.value));
  const alike = matching.filter((leaf) => isAlike(old.path, leaf.path));
  const [named] = alike;
  if (alike.length === 1 && named !== undefined) return named;
  const [only] = matching;
  const isUnique = older.filter((leaf) => isSame(leaf.value, old.value)).length === 1;
  return matching.length === 1 && isUnique && only !== undefined && isTelling(old.value)
    ? only
    : null;
}

/** The one name, without its case and signs, is part of the other. */
function isAlike(old: Path, renewed: Path): boolean {
  const [one, other] = [plainName(old), plainName(renewed)];
  const [last, otherLast] = [plainName(old.slice(-1)), plainName(renewed.slice(-1))];
  return last !== '' && otherLast !== '' && (other.includes(last) || one.includes(otherLast));
}

function plainName(path: Path): string {
  return formatPath(path)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** Values that many settings share say nothing about where one of them went. */
function isTelling(value: Json): boolean {
  return !['null', 'true', 'false', '0', '1', '""'].includes(compactText(value));
}
