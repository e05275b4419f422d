import { posix } from 'node:path';
import { codeOf, importsOf, lineAt } from './code.ts';

/** A file of `src/`, by its path below the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What everything may import. `form` reads what people write by hand, as `host` reaches what is outside. */
const everywhere = ['fault', 'host', 'form', 'page'];

/**
 * Who may import whom: room → rooms. `'*'` composes everything; `room/word` means only files of that room
 * whose path below it says `word`. A room that is not here may import nothing of its siblings.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  fault: [],
  host: [],
  form: [],
  page: [],
  store: [],
  audit: [],
  health: [],
  service: [],
  sqlite: [],
  law: ['sqlite'],
  // Until the registry of kinds holds its own schemas, their types come from the manifest.
  asset: ['store', 'law', 'sqlite', 'service', 'manifest/kinds', 'manifest/manifest'],
  manifest: [
    'asset/schema',
    'service/kinds',
    'health/schema',
    'trigger/schema',
    'approval/schema',
    'incident/schema',
  ],
  approval: ['sqlite', 'audit'],
  incident: ['sqlite', 'audit'],
  init: ['manifest', 'service', 'sqlite'],
  switch: ['manifest', 'asset', 'law', 'sqlite', 'store', 'audit', 'health', 'service'],
  verify: ['switch', 'manifest', 'asset', 'law', 'sqlite', 'store', 'health', 'service'],
  doctor: ['switch', 'manifest', 'asset', 'law', 'sqlite', 'store', 'audit', 'service', 'kit'],
  kit: ['switch', 'manifest', 'asset', 'law', 'sqlite', 'store', 'service'],
  vault: ['store'],
  fleet: ['switch', 'audit'],
  trigger: ['health'],
  drill: ['switch'],
  daemon: ['*'],
  cli: ['*'],
  // The executable and the public entries beside it.
  '': ['*'],
};

/** Modules of Node that decide nothing about the world: everybody's. */
const freeBuiltins = [
  'assert',
  'assert/strict',
  'buffer',
  'crypto',
  'events',
  'path',
  'path/posix',
  'path/win32',
  'string_decoder',
  'url',
  'util',
  'vm',
  'zlib',
];

/** Other modules of Node → where they may be imported. */
const builtins: readonly (readonly [pattern: RegExp, where: RegExp])[] = [
  [/^sqlite$/, /^src\/sqlite\//],
  // A process that Backstep starts again as itself has to know its own executable.
  [/^process$/, /^src\/(host\/node[^/]*|service\/process\/[^/]*|main)\.ts$/],
  [/./, /^src\/host\/node[^/]*\.ts$/],
];

/** Each runtime dependency → where it is imported. */
export const dependencies: Readonly<Record<string, RegExp>> = {
  yaml: /^src\/form\//,
  jsonata: /^src\/law\/json\//,
  commander: /^src\/cli\//,
  '@clack/prompts': /^src\/cli\/terminal\//,
  // The language in which every room states what it reads (docs/decisions/006-zod-and-yaml.md).
  zod: /^src\//,
};

/** Time, chance and waiting come in through the host. */
const worldly =
  /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s(]))|\bDate\s*\(\s*\)|\bMath\s*\.\s*random\b|\bcrypto\s*\.\s*(?:randomUUID|getRandomValues)\b|\brandom(?:Bytes|UUID|Int|FillSync)\b|\bperformance\s*\.\s*now\b|(?<![.\w])set(?:Timeout|Interval|Immediate)\s*\(/g;

/** Everything in a tree of source files that goes through a wall: `path:line: what`. Tests are free. */
export function breaches(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => !isTest(path))
    .flatMap((file) => [...importBreaches(file), ...worldBreaches(file)]);
}

/** Tests ask the real thing, and generators for them make data. */
function isTest(path: string): boolean {
  return /\.test\.ts$|\/arbitrary[^/]*\.ts$/.test(path);
}

function importBreaches(file: SourceFile): string[] {
  return importsOf(codeOf(file.text)).flatMap(({ text, start }) => {
    const trouble = troubleOf(file.path, text);
    return trouble === null ? [] : [`${file.path}:${lineAt(file.text, start)}: ${trouble}`];
  });
}

function troubleOf(path: string, imported: string): string | null {
  if (imported.startsWith('.')) return siblingTrouble(path, imported);
  if (imported.startsWith('node:')) return builtinTrouble(path, imported.slice('node:'.length));
  const name = imported
    .split('/')
    .slice(0, imported.startsWith('@') ? 2 : 1)
    .join('/');
  const where = dependencies[name];
  if (where === undefined) return `${name} is no dependency that the table knows`;
  return where.test(path) ? null : `${name} is imported by ${where.source} alone`;
}

function siblingTrouble(path: string, imported: string): string | null {
  const target = posix.join(posix.dirname(path), imported);
  if (target === 'package.json') return null; // it says which version this is
  if (!target.startsWith('src/')) return `${target} lies outside of src/`;
  const [from, to] = [roomOf(path), roomOf(target)];
  const allowed = [...everywhere, ...(mayImport[from] ?? [])];
  if (from === to || allowed.includes('*')) return null;
  const below = target.slice(`src/${to}/`.length);
  const isAllowed = allowed.some((each) => {
    const [room, word] = each.split('/');
    return room === to && (word === undefined || below.includes(word));
  });
  const isFoundation =
    everywhere.includes(from) && everywhere.indexOf(to) > everywhere.indexOf(from);
  if (isAllowed && !isFoundation) return null;
  return `${from || 'src'} may not import ${to || 'src'} (${target})`;
}

function builtinTrouble(path: string, name: string): string | null {
  if (freeBuiltins.includes(name)) return null;
  const where = builtins.find(([pattern]) => pattern.test(name))?.[1];
  return where?.test(path)
    ? null
    : `node:${name} is imported by ${where?.source ?? 'nobody'} alone`;
}

function roomOf(path: string): string {
  const [, room = '', rest] = path.split('/');
  return rest === undefined ? '' : room;
}

function worldBreaches({ path, text }: SourceFile): string[] {
  if (/^src\/host\/node[^/]*\.ts$/.test(path)) return [];
  const { bare } = codeOf(text);
  return [...bare.matchAll(worldly)].map(
    (found) => `${path}:${lineAt(text, found.index)}: ${found[0].trim()} comes in through the host`,
  );
}
