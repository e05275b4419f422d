import type { WrittenDocument } from '../../form/document.ts';
import { problemAt } from '../../form/explain.ts';
import { nearest } from '../../form/nearest.ts';
import type { Path, Problem } from '../../form/problem.ts';
import { parsePath } from '../json/path.ts';
import type { ReversalSource } from './parse.ts';
import { parsePlace } from './place-name.ts';
import type { WrittenReversal, WrittenTable } from './schema.ts';

type Complain = (path: Path, message: string, hint: string) => void;

/** What a schema cannot see: references, one-to-one maps, paths, the file's own name. */
export function checkMeaning(
  written: WrittenReversal,
  document: WrittenDocument,
  source: ReversalSource,
): Problem[] {
  const problems: Problem[] = [];
  const complain: Complain = (path, message, hint) => {
    problems.push(problemAt(document, path, { message, hint }));
  };
  checkReleases(written, source, complain);
  for (const [asset, { tables }] of Object.entries(written.sqlite)) {
    checkAsset({ asset, kind: 'sqlite', path: ['sqlite', asset] }, source, complain);
    for (const [name, table] of Object.entries(tables)) {
      checkTable(['sqlite', asset, name], table, complain);
    }
  }
  for (const [name, entries] of Object.entries(written.json)) {
    const asset = name.slice(0, name.indexOf('/'));
    checkAsset({ asset, kind: 'json', path: ['json', name] }, source, complain);
    for (const [old, entry] of Object.entries(entries)) {
      checkPaths(['json', name, old], [old, ...newPathsOf(entry)], complain);
      if (typeof entry !== 'string' && 'map' in entry) {
        checkOneToOne(['json', name, old, 'map'], entry.map ?? {}, complain);
      }
    }
  }
  for (const place of Object.keys(written.decide)) {
    if (parsePlace(place) !== null) continue;
    const hint = 'write asset.table.column, asset/file#path';
    complain(['decide', place], `\`${place}\` names no place`, hint);
  }
  return problems;
}

function checkReleases(
  { from, to }: WrittenReversal,
  { file }: ReversalSource,
  complain: Complain,
): void {
  if (from === to) complain(['to'], '`from` and `to` are one release', 'name the older one');
  const name = file.replace(/^.*[/\\]/s, '');
  const expected = reversalName({ from, to });
  if (name === expected) return;
  complain(
    ['from'],
    `a file called ${name} cannot go from ${from} to ${to}`,
    `rename it to ${expected}, or correct the versions`,
  );
}

/** The name under which a reversal file is looked for. */
export function reversalName({ from, to }: { readonly from: string; readonly to: string }): string {
  return `${from}-to-${to}.yaml`;
}

function checkAsset(
  { asset, kind, path }: { asset: string; kind: string; path: Path },
  { assets }: ReversalSource,
  complain: Complain,
): void {
  if (assets === null || assets[asset] === kind) return;
  const actual = assets[asset];
  const near = nearest(asset, Object.keys(assets));
  if (actual !== undefined) {
    complain(
      path,
      `the asset \`${asset}\` is of kind ${actual}, not ${kind}`,
      `write it under \`${actual}:\`, if that kind has reversals`,
    );
  } else {
    const hint =
      near === null ? `assets: ${Object.keys(assets).join(', ')}` : `did you mean \`${near}\`?`;
    complain(path, `the manifest has no asset \`${asset}\``, hint);
  }
}

function checkTable(path: Path, table: WrittenTable, complain: Complain): void {
  if (Object.keys(table).length === 0) {
    complain(
      path,
      'says nothing',
      'write `map:`, or `key:`, `select:` and `forth:`, or leave it out',
    );
  }
  if (table.select === undefined && table.forth?.triggers) {
    complain(
      [...path, 'forth'],
      'triggers stand on the view that `select:` makes',
      'write `select:` as well',
    );
  }
  const key = table.key ?? [];
  const twice = key.find((column, index) => key.indexOf(column) !== index);
  if (twice !== undefined)
    complain([...path, 'key'], `names ${twice} twice`, 'name each column once');
  for (const [column, words] of Object.entries(table.map ?? {})) {
    checkOneToOne([...path, 'map', column], words, complain);
  }
}

function checkOneToOne(
  path: Path,
  words: Readonly<Record<string, string>>,
  complain: Complain,
): void {
  const seen = new Map<string, string>();
  for (const [latest, old] of Object.entries(words)) {
    const other = seen.get(old);
    if (other !== undefined) {
      const message = `\`${other}\` and \`${latest}\` both become \`${old}\`, so there is no way back`;
      complain(
        [...path, latest],
        message,
        'give each its own word, or use `select:` with `forth:`',
      );
    }
    seen.set(old, latest);
  }
}

function newPathsOf(entry: WrittenReversal['json'][string][string]): string[] {
  if (typeof entry === 'string') return [entry];
  if ('get' in entry) return Object.keys(entry.forth ?? {});
  return entry.path === undefined ? [] : [entry.path];
}

function checkPaths(path: Path, written: readonly string[], complain: Complain): void {
  for (const each of written.filter((text) => parsePath(text) === null)) {
    complain(
      path,
      `\`${each}\` is no path`,
      'write `a.b`, or `a["b.c"]` for odd keys, `$` for the whole document',
    );
  }
}
