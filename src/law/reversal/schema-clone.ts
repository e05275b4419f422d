import { Database, isSqliteError } from '../../sqlite/database.ts';

/**
 * A database in memory with the schema of a file and none of its rows, to prepare and run statements on. What SQLite
 * cannot make here (a virtual table of a module that is not there) is missing. The file is only read.
 */
export function schemaClone(file: string): Database {
  const source = Database.open(file, { readOnly: true });
  const clone = Database.open(':memory:');
  try {
    const statements = source.texts(
      `SELECT s.sql FROM sqlite_schema AS s LEFT JOIN pragma_table_list AS l
         ON l.name = s.name AND l.schema = 'main'
       WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND l.type IS NOT 'shadow'
       ORDER BY s.type <> 'table', s.rowid`,
    );
    for (const sql of statements) make(clone, sql);
    return clone;
  } finally {
    source.close();
  }
}

function make(clone: Database, sql: string): void {
  try {
    clone.exec(sql);
  } catch (error) {
    if (!isSqliteError(error)) throw error;
  }
}
