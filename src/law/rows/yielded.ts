import { BackstepError } from '../../fault/backstep-error.ts';
import type { Database } from '../../sqlite/database.ts';
import type { Table } from '../../sqlite/schema.ts';
import { columnNamed } from '../../sqlite/spelling.ts';

/** What a SELECT yields, all of which the table must have. Throws `law/lens`. */
export function yieldedColumns(db: Database, select: string, table: Table): string[] {
  const known = table.columns.filter((column) => !column.isGenerated);
  const found = db
    .columnsOf(select)
    .map((name) => ({ name, spelled: columnNamed({ columns: known }, name)?.name }));
  const unknown = found.find(({ spelled }) => spelled === undefined)?.name;
  if (unknown === undefined) return found.map(({ name, spelled }) => spelled ?? name);
  throw new BackstepError('law/lens', {
    message: `the select for ${table.name} yields ${unknown}, which the old table does not have`,
    hint: `name the result with AS one of: ${known.map(({ name }) => name).join(', ')}`,
  });
}
