import path from 'node:path';
import { commonFile, isLiteral, literalStart, matches, type Pattern } from './pattern.ts';
import type { Territory } from './manifest.ts';
import { foldsCase, pathsOf, type Platform } from './system.ts';

/** One pattern of one asset. Where two claims name one file, the narrower has it. */
interface Claim {
  readonly asset: string;
  /** Absolute, divided by `/`, case folded where the system does; a literal claim's own path. */
  readonly base: string;
  /** `base` and the `/` that divides it from what lies below. */
  readonly start: string;
  /** Below `base`; null for exactly one file. */
  readonly rest: Pattern | null;
  /** Absolute patterns. */
  readonly exclude: readonly Pattern[];
}

export type Territories = Readonly<Record<string, readonly Territory[]>>;

/** What two assets' files have in common. */
export type Meeting =
  | { readonly kind: 'inner'; readonly inner: string; readonly outer: string }
  | {
      readonly kind: 'conflict';
      readonly assets: readonly [string, string];
      readonly file: string;
    };

/** Every pair of assets that name a file in common: one lies within the other, or both claim it. */
export function meetings(territories: Territories, platform: Platform): Meeting[] {
  const claims = claimsOf(territories, platform);
  const found = new Map<string, Meeting>();
  claims.forEach((a, index) => {
    for (const b of claims.slice(index + 1)) {
      const meeting = a.asset === b.asset ? null : meet(a, b);
      if (meeting === null) continue;
      const involved =
        meeting.kind === 'inner' ? [meeting.inner, meeting.outer] : [...meeting.assets].sort();
      found.set([meeting.kind, ...involved].join(' '), meeting);
    }
  });
  return [...found.values()];
}

/** Tells the asset that a file (absolute path) belongs to, or null: of several, the narrowest. */
export function ownership(
  territories: Territories,
  platform: Platform,
): (file: string) => string | null {
  const claims = claimsOf(territories, platform);
  return (file) => {
    const folded = fold(file, platform);
    let owner: Claim | null = null;
    for (const claim of claims) {
      const isOwner = isNamed(claim, folded) && (owner === null || isNarrower(claim, owner));
      if (isOwner) owner = claim;
    }
    return owner?.asset ?? null;
  };
}

/** Tells the assets that could have a file below a folder (absolute path) that lies below a root of theirs. */
export function ownershipBelow(
  territories: Territories,
  platform: Platform,
): (folder: string) => readonly string[] {
  const ownerOf = ownership(territories, platform);
  return (folder) => {
    const [below] = claimsOf({ '': [{ root: folder, files: ['**'], exclude: [] }] }, platform);
    const mayHave = (asset: string, territory: Territory): boolean =>
      !isInside(territory.root, folder, platform) &&
      claimsOf({ [asset]: [territory] }, platform).some((claim) => {
        const file = below === undefined ? null : fileInBoth(claim, below);
        return file !== null && ownerOf(file) === asset;
      });
    return Object.entries(territories)
      .filter(([asset, list]) => list.some((territory) => mayHave(asset, territory)))
      .map(([asset]) => asset);
  };
}

/** True if `inner` is `outer` or lies below it. */
export function isInside(inner: string, outer: string, platform: Platform): boolean {
  const [below, above] = [fold(inner, platform), fold(outer, platform)];
  return below === above || below.startsWith(withSlash(above));
}

function meet(a: Claim, b: Claim): Meeting | null {
  const file = fileInBoth(a, b);
  if (file === null) return null;
  if (isNarrower(a, b)) return { kind: 'inner', inner: a.asset, outer: b.asset };
  if (isNarrower(b, a)) return { kind: 'inner', inner: b.asset, outer: a.asset };
  return { kind: 'conflict', assets: [a.asset, b.asset], file };
}

/** One file before a pattern, a deeper folder before a higher one, a part (`*.json`) before the whole (`**`). */
function isNarrower(a: Claim, b: Claim): boolean {
  if (a.rest === null || b.rest === null) return a.rest === null && b.rest !== null;
  if (a.base !== b.base) return a.base.length > b.base.length;
  const [patternA, patternB] = [patternOf(a), patternOf(b)];
  return isCovered(a, [patternB]) && !isCovered(b, [patternA]);
}

function patternOf({ base, rest }: Claim): Pattern {
  return rest === null ? base : withSlash(base) + rest;
}

function fileInBoth(a: Claim, b: Claim): string | null {
  const [inner, outer] = a.base.length >= b.base.length ? [a, b] : [b, a];
  if (inner.base !== outer.base && !inner.base.startsWith(withSlash(outer.base))) return null;
  if (outer.rest === null) {
    return inner.rest === null && inner.base === outer.base ? inner.base : null;
  }
  const within = path.posix.relative(outer.base, inner.base);
  const innerPattern = [within, inner.rest ?? ''].filter((part) => part !== '').join('/');
  const file =
    inner.rest === null
      ? matches(outer.rest, within)
        ? within
        : null
      : commonFile(outer.rest, innerPattern);
  if (file === null || isCovered(inner, outer.exclude) || isCovered(outer, inner.exclude))
    return null;
  return withSlash(outer.base) + file;
}

/** True if the (absolute) patterns leave nothing of the claim, judged by what its wild cards may stand for. */
function isCovered(claim: Claim, covers: readonly Pattern[]): boolean {
  return samplesOf(claim).every((sample) =>
    covers.some((pattern) => matchesAbsolute(pattern, sample)),
  );
}

/** Files of the claim with none, one and three letters or folders in place of each wild card. */
function samplesOf({ base, rest }: Claim): string[] {
  if (rest === null) return [base];
  const letter = '\uE000';
  const counts = [0, 1, 3];
  return counts.flatMap((folders) =>
    counts.map((letters) => {
      const parts = rest.split('/').flatMap((part, index, all) => {
        if (part !== '**')
          return [part.replaceAll('*', letter.repeat(letters)).replaceAll('?', letter)];
        const below = Array.from({ length: folders }, () => letter);
        return index === all.length - 1 ? [...below, letter] : below;
      });
      return withSlash(base) + parts.join('/');
    }),
  );
}

function isNamed(claim: Claim, file: string): boolean {
  if (claim.exclude.some((pattern) => matchesAbsolute(pattern, file))) return false;
  if (claim.rest === null) return claim.base === file;
  return file.startsWith(claim.start) && matches(claim.rest, file.slice(claim.start.length));
}

function matchesAbsolute(pattern: Pattern, file: string): boolean {
  return matches(pattern.replace(/^\/+/, ''), file.replace(/^\/+/, ''));
}

function claimsOf(territories: Territories, platform: Platform): Claim[] {
  return Object.entries(territories).flatMap(([asset, list]) =>
    list.flatMap((territory) => {
      const root = fold(territory.root, platform);
      const exclude = territory.exclude.map((each) => withSlash(root) + foldCase(each, platform));
      return territory.files.map((each) =>
        claimOf({ asset, root, exclude }, foldCase(each, platform)),
      );
    }),
  );
}

function claimOf(
  { asset, root, exclude }: { asset: string; root: string; exclude: readonly Pattern[] },
  pattern: Pattern,
): Claim {
  const { folders, rest } = literalStart(pattern);
  const base = folders.length === 0 ? root : withSlash(root) + folders.join('/');
  const start = withSlash(base);
  return { asset, base, start, rest: isLiteral(pattern) ? null : rest.join('/'), exclude };
}

function fold(file: string, platform: Platform): string {
  const { sep } = pathsOf(platform);
  return foldCase(sep === '/' ? file : file.replaceAll(sep, '/'), platform);
}

function foldCase(text: string, platform: Platform): string {
  return foldsCase(platform) ? text.normalize('NFC').toLowerCase() : text;
}

function withSlash(folder: string): string {
  return folder.endsWith('/') ? folder : `${folder}/`;
}
