import type { Disk } from '../host/disk.ts';
import { Database, isDamageError, isSqliteError } from '../sqlite/database.ts';
import { quoteName } from '../sqlite/names.ts';
import { soundRowids, type RowidRange } from '../sqlite/pages/sound-rows.ts';
import { readTables, type Table } from '../sqlite/schema.ts';
import type { Floor } from './floor.ts';
import { graftFirstPage } from './sqlite-graft.ts';
import { isAtRest } from './sqlite-file.ts';
import { rescueTable, storedIn, type Rescued } from './sqlite-rescue.ts';

export interface SalvageFiles {
  /** Sound, of the shape that `latest` has: what stands for what cannot be read. */
  readonly floor: Floor;
  readonly latest: string;
  /** Made: what `latest` would be, as far as it can be read. Nothing is there yet. */
  readonly path: string;
}

export interface Salvaged {
  /** What could be read and what could not, a line each. */
  readonly notes: readonly string[];
}

/**
 * Reads a damaged database table by table, row by row into a clean one, which begins as a copy of an earlier state: a
 * row that cannot be read stands there as it was, so that nothing that is merely unreadable looks deleted.
 */
export async function salvage(disk: Disk, files: SalvageFiles): Promise<Salvaged> {
  const source = Database.open(files.floor.path, { readOnly: true });
  try {
    await source.copyTo(files.path);
  } finally {
    source.close();
  }
  const db = Database.open(files.path);
  try {
    db.exec(
      'PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON',
    );
    const opened = openDamaged(disk, db, files);
    if (opened === null) {
      return {
        notes: [`nothing of the damaged database could be read; it stands ${files.floor.as}`],
      };
    }
    dropTriggers(db);
    const saved = [...opened.tables.values()].map((table) => {
      const file = { disk, path: opened.path, as: files.floor.as };
      return salvageTable(db, table, file);
    });
    const keptCount = saved.reduce((sum, each) => sum + each.keptCount, 0);
    raiseSequence(db);
    return {
      notes: [
        `the database was damaged; what could be read of it is kept, and ${keptCount} rows stand ${files.floor.as}`,
        ...opened.notes,
        ...saved.flatMap(({ notes }) => notes),
      ],
    };
  } finally {
    db.close();
  }
}

interface Opened {
  /** What is attached. */
  readonly path: string;
  readonly tables: ReadonlyMap<string, Table>;
  readonly notes: readonly string[];
}

/** Attaches the damaged file as `damaged`; where its first page is what is damaged, with that of the floor. */
function openDamaged(disk: Disk, db: Database, files: SalvageFiles): Opened | null {
  const { floor, latest } = files;
  const tables = attachDamaged(db, latest);
  if (tables !== null) return { path: latest, tables, notes: [] };
  const grafted = `${files.path}.grafted`;
  if (!graftFirstPage(disk, { origin: floor.path, latest }, grafted)) return null;
  const found = attachDamaged(db, grafted);
  if (found === null) return null;
  const notes = [`its first page was lost and stands ${floor.as}`];
  return { path: grafted, tables: found, notes };
}

/** Null where not even the list of tables can be read. */
function attachDamaged(db: Database, path: string): ReadonlyMap<string, Table> | null {
  try {
    db.attach('damaged', path, { readOnly: true });
  } catch (error) {
    if (isDamageError(error)) return null;
    throw error;
  }
  try {
    return readTables(db, 'damaged');
  } catch (error) {
    db.detach('damaged');
    if (isDamageError(error)) return null;
    throw error;
  }
}

function dropTriggers(db: Database): void {
  const names = db.texts(`SELECT name FROM main.sqlite_schema WHERE type = 'trigger'`);
  for (const name of names) db.exec(`DROP TRIGGER main.${quoteName(name)}`);
}

interface DamagedFile {
  readonly disk: Disk;
  readonly path: string;
  /** How rows stand that cannot be read. */
  readonly as: string;
}

interface SavedTable extends Salvaged {
  readonly keptCount: number;
}

function salvageTable(db: Database, table: Table, file: DamagedFile): SavedTable {
  if (table.kind !== 'table') return { keptCount: 0, notes: [] };
  const wanted = readTables(db, 'main').get(table.name) ?? makeTable(db, table);
  if (wanted === null) {
    return { keptCount: 0, notes: [`table ${table.name} could not be made anew`] };
  }
  const columns = storedIn(wanted, table);
  const rescued = rescueTable(db, wanted, { columns, sound: soundOf(db, table, file) });
  if (rescued.isComplete) return { keptCount: 0, notes: [] };
  const { keptCount } = rescued;
  return { keptCount, notes: notesOf(table, rescued, file.as) };
}

function notesOf({ name }: Table, rescued: Rescued, as: string): readonly string[] {
  const { readCount, keptCount, keptKeys, clashCount } = rescued;
  const more = keptCount > keptKeys.length ? ', …' : '';
  const keys = keptKeys.length === 0 ? '' : ` (${keptKeys.join(', ')}${more})`;
  return [
    `table ${name}: ${readCount} rows were read, ${keptCount} could not be and stand ${as}${keys}; rows made since in the same place of the file are lost`,
    ...(clashCount === 0
      ? []
      : [
          `table ${name}: ${clashCount} rows that were read are left out, since one of those has their value in a unique column`,
        ]),
  ];
}

/** What pages tell of a table; null where SQLite reads it otherwise: changes wait beside it, or it has no rowids. */
function soundOf(
  db: Database,
  table: Table,
  { disk, path }: DamagedFile,
): readonly RowidRange[] | null {
  if (table.isWithoutRowid || !isAtRest(disk, path)) return null;
  const roots = `SELECT rootpage FROM damaged.sqlite_schema WHERE type = 'table' AND name = ?`;
  return soundRowids(disk, { path, root: db.count(roots, table.name) });
}

/** A table that was made at run time; null where its declaration is not sound either. */
function makeTable(db: Database, table: Table): Table | null {
  try {
    db.exec(table.sql);
  } catch (error) {
    if (isSqliteError(error)) return null;
    throw error;
  }
  return readTables(db, 'main').get(table.name) ?? null;
}

/** Ids that were given out since are not given out again, where the list of them can be read. */
function raiseSequence(db: Database): void {
  const has = (schema: string): boolean =>
    db.texts(`SELECT name FROM ${schema}.sqlite_schema WHERE name = 'sqlite_sequence'`).length > 0;
  try {
    if (!has('main') || !has('damaged')) return;
    db.exec(`UPDATE main.sqlite_sequence AS s SET seq = max(seq, coalesce(
      (SELECT max(d.seq) FROM damaged.sqlite_sequence AS d WHERE d.name = s.name), 0))`);
  } catch (error) {
    if (!isDamageError(error)) throw error;
  }
}
