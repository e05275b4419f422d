import type { Side } from '../asset/asset.ts';
import { jsonOrNull } from '../form/json-text.ts';
import type { Host } from '../host/host.ts';
import { readWhole } from '../host/whole-file.ts';
import { bookkeepingTables } from '../law/rows/bookkeeping.ts';
import type { Asset } from '../manifest/manifest.ts';
import { Database } from '../sqlite/database.ts';
import { quoteName } from '../sqlite/names.ts';
import { readTables } from '../sqlite/schema.ts';
import type { AssetShape, DatabaseShape } from './expected.ts';

/** What a state of one asset looks like: its files, the keys of its documents, the tables of its database. */
export function describeAsset(host: Host, asset: Asset, side: Side): AssetShape {
  const units = Object.fromEntries(
    [...side].flatMap(([unit, path]) => {
      const stat = host.disk.lstat(path);
      return stat === null ? [] : [[unit, { mode: stat.mode, uid: stat.uid, gid: stat.gid }]];
    }),
  );
  if (asset.kind === 'json') {
    const keys = [...side].map(([unit, path]) => [unit, keysOf(host, path)] as const);
    return { units, keys: Object.fromEntries(keys), database: null };
  }
  const file = asset.kind === 'sqlite' ? databaseOf(side) : null;
  return { units, keys: {}, database: file === null ? null : describeDatabase(file) };
}

/** The database itself, not what waits beside it. */
function databaseOf(side: Side): string | null {
  const path = [...side.values()].find((each) => !/-(wal|shm|journal)$/.test(each));
  return path ?? null;
}

export function describeDatabase(path: string): DatabaseShape {
  const db = Database.open(path);
  try {
    const tables = [...readTables(db, 'main').values()].filter(({ kind }) => kind === 'table');
    const described = tables.map(({ name, columns }) => {
      const rowCount = db.count(`SELECT count(*) FROM ${quoteName(name)}`);
      return [name, { columns: columns.map((column) => column.name), rowCount }] as const;
    });
    const bookkeeping = tables.filter(({ name }) => isBookkeeping(name));
    const versions = bookkeeping.map(({ name }) => [name, rowsOf(db, name)] as const);
    return {
      tables: Object.fromEntries(described),
      versions: Object.fromEntries(versions),
      userVersion: db.count('PRAGMA user_version'),
    };
  } finally {
    db.close();
  }
}

function isBookkeeping(table: string): boolean {
  return bookkeepingTables.some((known) => known.toLowerCase() === table.toLowerCase());
}

/** The first column of a migration table, which names what was applied. */
function rowsOf(db: Database, table: string): string[] {
  const rows = db.all(`SELECT * FROM ${quoteName(table)} ORDER BY 1 LIMIT 1000`);
  return rows.map((row) => String(Object.values(row)[0] ?? ''));
}

/** Paths of keys (`ui.theme.mode`); lists are values. Empty where the file is no document. */
function keysOf({ disk }: Host, path: string): string[] {
  if (disk.lstat(path)?.kind !== 'file') return [];
  return pathsIn(
    jsonOrNull(
      readWhole(disk, path)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    ),
    '',
    0,
  );
}

/** Documents that hold users' data have keys of their own below. */
const keyDepth = 3;
const keyLimit = 500;

function pathsIn(value: unknown, above: string, depth: number): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  if (depth >= keyDepth) return [];
  const paths = Object.entries(value).flatMap(([key, within]) => {
    const path = above === '' ? key : `${above}.${key}`;
    return [path, ...pathsIn(within, path, depth + 1)];
  });
  return paths.slice(0, keyLimit);
}
