import { join } from 'node:path/posix';
import { randomHex } from '../host/random.ts';
import { removeTree } from '../host/whole-file.ts';
import { foreignCollationOf } from '../sqlite/collations.ts';
import { Database, isDamageError, type OpenOptions } from '../sqlite/database.ts';
import type { Check, Side, UnitName } from './asset.ts';
import type { AssetContext } from './kind.ts';
import { checkOnce } from './sqlite-checked.ts';
import { isWaiting, workingFile } from './sqlite-file.ts';
import type { DatabaseAsset } from './sqlite-terms.ts';

const row = 'M7.1';

export interface CheckedSide {
  readonly side: Side;
  /** Units whose indexes were compared with their tables before the last rows came. */
  readonly checked?: ReadonlySet<UnitName> | undefined;
}

/**
 * Whether the database of a side is sound, its indexes agree with its tables, and its references lead somewhere.
 * The live one may be in use meanwhile; while nobody writes it, it is read through once (see `checkOnce`).
 */
export function checkDatabase(
  context: AssetContext,
  { asset, unit }: DatabaseAsset,
  { side, checked }: CheckedSide,
): readonly Check[] {
  const { host, manifest } = context;
  const { disk, random } = host;
  const { name } = asset;
  const path = side.get(unit);
  if (path === undefined) {
    return [{ row, name: `${name}: integrity`, status: 'success', measured: 'no database' }];
  }
  if (path === asset.path && checked?.has(unit) === true)
    return checkFile(name, path, { isQuick: true });
  if (path === asset.path) {
    return checkOnce(context, { name, path }, () => checkFile(name, path, {}));
  }
  if (!isWaiting(side, unit)) return checkFile(name, path, { isClosed: true });
  const folder = join(manifest.state, 'checking', randomHex(random, 8));
  try {
    const copy = workingFile(disk, side, { unit, path: join(folder, unit) });
    return copy === null ? [] : checkFile(name, copy, {});
  } finally {
    removeTree(disk, folder);
  }
}

interface CheckOptions extends OpenOptions {
  /** Its indexes were compared with its tables already. */
  readonly isQuick?: boolean;
}

function checkFile(
  name: string,
  file: string,
  { isQuick = false, ...options }: CheckOptions,
): readonly Check[] {
  try {
    const db = Database.open(file, options);
    try {
      return [integrity(name, db, isQuick), references(name, db)];
    } finally {
      db.close();
    }
  } catch (error) {
    if (!isDamageError(error)) throw error;
    return [{ row, name: `${name}: integrity`, status: 'error', measured: error.message }];
  }
}

function integrity(name: string, db: Database, isQuick: boolean): Check {
  const foreign = foreignCollationOf(db);
  if (foreign !== null) {
    const measured = `not checked: ${foreign.declaredBy} is declared with COLLATE ${foreign.collation}, which only the application knows`;
    return { row, name: `${name}: integrity`, status: 'warning', measured };
  }
  const said = db.texts(isQuick ? 'PRAGMA quick_check(3)' : 'PRAGMA integrity_check(3)');
  const isSound = said.length === 1 && said[0] === 'ok';
  return {
    row,
    name: `${name}: integrity`,
    status: isSound ? 'success' : 'error',
    measured: isSound && isQuick ? 'ok, its indexes before the last rows came' : said.join('; '),
  };
}

/** Dangling references are what an old state may have had before; they are told, and gate nothing by themselves. */
function references(name: string, db: Database): Check {
  const dangling = db.all('PRAGMA foreign_key_check');
  const tables = [...Map.groupBy(dangling, (found) => String(found['table']))];
  const measured = tables.map(([table, rows]) => `${table}: ${rows.length} dangling`).join('; ');
  return {
    row,
    name: `${name}: references`,
    status: dangling.length === 0 ? 'success' : 'warning',
    measured: dangling.length === 0 ? 'ok' : measured,
  };
}
