import { refuse, z } from '../form/schema.ts';
import { patternTrouble } from './pattern.ts';

const nameWords = 'a name of small letters, digits and hyphens, a letter first';

/** Names that people give to assets, paths, roles: `user-data`. */
export const name = z
  .string({ error: nameWords })
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, { error: nameWords });

/** Files below a root. */
export const pattern = z
  .string({ error: 'a file name or pattern (`*.json`)' })
  .transform((written, context) => {
    const trouble = patternTrouble(written);
    return trouble === null
      ? written
      : refuse(context, `\`${written}\`: ${trouble}`, '`*.json`, `plugins/**`');
  });

const columnWords = 'the name of a table or column';
/** A table or column: any text that SQLite takes as a name. */
export const sqlName = z.string({ error: columnWords }).min(1, { error: columnWords });
