import { duration, size } from '../../form/units.ts';
import { strict, z } from '../../form/schema.ts';
import { pathText } from '../../form/path-text.ts';
import { sqlName } from '../names.ts';
import { carriedKeys, carryLimit } from './shared-keys.ts';

/** What one table says otherwise than its database. */
const table = strict({
  rpo: duration.optional(),
  carryLimit: carryLimit.optional(),
});

/** One SQLite database with its `-wal`, `-shm` and `-journal`, merged by row and column. */
export const sqliteAsset = strict({
  kind: z.literal('sqlite'),
  path: pathText,
  tables: z.record(sqlName, table).default({}),
  identity: z.record(sqlName, z.array(sqlName).min(1)).default({}).meta({
    description:
      'table → columns; a row that differs in one of them is another row under the same key',
  }),
  receiptUpTo: size.prefault('64MiB').meta({
    description:
      'a rollback by itself writes a receipt of a database up to this size: rows and digest of each table in four states',
  }),
  ...carriedKeys,
});
