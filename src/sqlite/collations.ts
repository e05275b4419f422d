import type { Database } from './database.ts';
import { quoteName } from './names.ts';
import { withoutStrings } from './schema.ts';

/** An order of texts that the application defines, which no other program can compare by. */
export interface ForeignCollation {
  readonly collation: string;
  /** The table or index that was declared with it first. */
  readonly declaredBy: string;
}

/**
 * The first collation of a schema that SQLite itself does not have (`unicase`, `localized`); null where there is none.
 * Looked for in declarations and not in what SQLite lists, since it lists what it has merely heard of as well.
 */
export function foreignCollationOf(db: Database): ForeignCollation | null {
  const declared = db.all(
    `SELECT name, sql FROM main.sqlite_schema WHERE type IN ('table', 'index') AND sql LIKE '%collate%'`,
  );
  for (const { name, sql } of declared) {
    const collation = namesIn(String(sql)).find(
      (each) => !db.compiles(`SELECT 'a' < 'b' COLLATE ${quoteName(each)}`),
    );
    if (collation !== undefined) return { collation, declaredBy: String(name) };
  }
  return null;
}

function namesIn(sql: string): string[] {
  const pattern = /\bcollate\s*(?:([\p{L}_][\p{L}\p{N}_$]*)|"([^"]+)"|`([^`]+)`|\[([^\]]+)\])/giu;
  return [...withoutStrings(sql).matchAll(pattern)].flatMap((found) =>
    found.slice(1).filter((name) => name !== undefined),
  );
}
