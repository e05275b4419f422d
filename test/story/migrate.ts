/** The migration of every release of a story: `migrate.ts DATA PLAN`. It stands alone, as a release's own program does. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';

export interface TreeChange {
  readonly what: 'write' | 'move' | 'delete' | 'add';
  readonly at: number;
  readonly path: string;
  readonly text: string;
}

/** Paths of the files below a folder, in their order. */
export function filesBelow(root: string): string[] {
  if (!existsSync(root)) return [];
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return found.filter((name) => statSync(join(root, name)).isFile()).toSorted();
}

/** `at` tells which file is meant where one is; what a file in the way forbids is left out. */
export function changeTree(root: string, { what, at, path, text }: TreeChange): void {
  const files = filesBelow(root);
  const chosen = files[at % Math.max(files.length, 1)];
  const from = chosen === undefined ? null : join(root, chosen);
  if (what === 'write') {
    if (isFree(root, path, true)) put(join(root, path), text);
    return;
  }
  if (from === null) return;
  if (what === 'add') writeFileSync(from, readFileSync(from, 'utf8') + text);
  else if (what === 'delete') rmSync(from);
  else if (isFree(root, path, false)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    renameSync(from, join(root, path));
  }
}

/** No file lies in its way, and no folder in its place; a file in its place where that is allowed. */
function isFree(root: string, path: string, mayBeFile: boolean): boolean {
  const parts = path.split('/');
  const around = parts.map((_part, n) => join(root, ...parts.slice(0, n + 1)));
  return around.every((each, n) => {
    if (!existsSync(each)) return true;
    const isFile = statSync(each).isFile();
    return n < parts.length - 1 ? !isFile : isFile && mayBeFile;
  });
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

type Thing = Record<string, unknown>;

/** Numbers keep the text that they were written with. */
function changeDocument(
  file: string,
  { at, key, put: value }: { at: number; key: string; put: string | null },
): void {
  const raw: unknown = JSON;
  if (!keepsSource(raw)) throw new Error('this Node does not keep the text of numbers');
  const root = raw.parse(readFileSync(file, 'utf8'), (_key, v, { source }) =>
    typeof v === 'number' && source !== undefined ? raw.rawJSON(source) : v,
  );
  if (!isThing(root)) return;
  const things = thingsIn(root);
  const thing = things[at % things.length] ?? root;
  const names = Object.keys(thing);
  const name = at % 2 === 0 ? (names[at % Math.max(names.length, 1)] ?? key) : key;
  if (value === null) delete thing[name];
  else
    Object.defineProperty(thing, name, {
      value: JSON.parse(value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  writeFileSync(file, `${JSON.stringify(root, null, 2)}\n`);
}

interface SourceJson {
  parse(text: string, reviver: (k: string, v: unknown, c: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}

function keepsSource(json: unknown): json is SourceJson {
  return typeof json === 'object' && json !== null && 'rawJSON' in json;
}

function thingsIn(value: unknown): Thing[] {
  return isThing(value) ? [value, ...Object.values(value).flatMap(thingsIn)] : [];
}

function isThing(value: unknown): value is Thing {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !('rawJSON' in value && Object.isFrozen(value));
}

if (import.meta.main) {
  const [data = '', plan = ''] = process.argv.slice(2);
  const { sql, acts } = JSON.parse(readFileSync(plan, 'utf8'));
  const db = new DatabaseSync(join(data, 'story.db'));
  for (const statement of sql) db.exec(statement);
  db.close();
  for (const act of acts) {
    if (act.on === 'tree') changeTree(join(data, 'files'), act);
    else changeDocument(join(data, 'settings.json'), act);
  }
}
