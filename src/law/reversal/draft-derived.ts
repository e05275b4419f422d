import { Database } from '../../sqlite/database.ts';
import { quoteName, quoteText } from '../../sqlite/names.ts';
import { readTables } from '../../sqlite/schema.ts';

/** How derived tables are made anew, as far as that is known of their kind. */
export interface DerivedDraft {
  /** Table → the statement that makes it anew. */
  readonly rebuild: Readonly<Record<string, string>>;
  /** Tables of which only a person knows it. */
  readonly unknown: readonly string[];
  readonly holes: readonly string[];
}

/**
 * What a reversal has to say of the virtual tables of either state: full-text tables over another table's content make
 * themselves anew (https://www.sqlite.org/fts5.html#the_rebuild_command); others are holes.
 */
export function draftDerived(files: readonly string[]): DerivedDraft {
  const found = new Map(files.flatMap(virtualTables));
  const rebuild: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [name, sql] of found) {
    const table = quoteName(name);
    if (isExternal(sql))
      rebuild[name] = `INSERT INTO ${table}(${table}) VALUES (${quoteText('rebuild')})`;
    else unknown.push(name);
  }
  const holes = unknown.map(
    (name) => `${name}: a virtual table; write in \`rebuild:\` the statement that makes it anew`,
  );
  return { rebuild, unknown, holes };
}

function virtualTables(file: string): [name: string, sql: string][] {
  const db = Database.open(file, { readOnly: true });
  try {
    return [...readTables(db, 'main').values()].flatMap(({ kind, name, sql }) =>
      kind === 'virtual' ? [[name, sql]] : [],
    );
  } finally {
    db.close();
  }
}

/** FTS4 and FTS5 over another table. One with rows of its own, or with none, is not made anew by itself. */
function isExternal(sql: string): boolean {
  return /\bUSING\s+fts[45]\b/i.test(sql) && /\bcontent\s*=\s*['"]?[^'"\s,)]/i.test(sql);
}
