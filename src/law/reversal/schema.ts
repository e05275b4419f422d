import { strict, text, z } from '../../form/schema.ts';
import { choices } from '../place.ts';

const versionWords = 'a version (`2.0.0`; in quotes where it looks like a number)';
const version = z
  .string({ error: versionWords })
  .regex(/^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$/, { error: versionWords });

const sqlWords = 'SQL';
const sql = z
  .string({ error: sqlWords })
  .regex(/\S/, { error: sqlWords })
  .max(64 * 1024);
const column = text('the name of a column');
const word = z.string({ error: 'a word as text' });

const words = z.record(word, word).meta({
  description: 'new word → old word, one-to-one; read backwards on the way forth',
});

const triggers = strict({ insert: sql, update: sql, delete: sql }).meta({
  description:
    'bodies of INSTEAD OF triggers on the view that `select` makes; NEW and OLD are rows of the old table',
});

const forth = z.union(
  [
    strict({ triggers }).transform(({ triggers: bodies }) => ({ columns: null, triggers: bodies })),
    z
      .record(
        column.refine((name) => name !== 'triggers', {
          error: 'the name of a column (`triggers` takes `insert:`, `update:` and `delete:`)',
        }),
        sql,
      )
      .transform((columns) => ({ columns, triggers: null })),
  ],
  { error: 'new column → SQL over the old row, or `triggers:`' },
);

/** One table of the old release. */
const table = strict({
  map: z.record(column, words).optional().meta({ description: 'old column → its words' }),
  key: z.array(column).min(1).optional().meta({
    description: 'columns of the old table that identify a row; without it, the primary key',
  }),
  select: sql.optional().meta({
    description: 'one SELECT over the new tables that yields the old one, before `map` is applied',
  }),
  forth: forth.optional().meta({
    description: 'how a change of the old table is written into the new one; without it, one-way',
  }),
});

const rebuild = z.record(text('a name'), z.union([sql, z.array(sql).min(1)], { error: sqlWords }));

const database = z
  .object({
    rebuild: rebuild
      .optional()
      .meta({ description: 'derived data → the SQL that makes it anew on the result' }),
  })
  .catchall(table)
  .transform(({ rebuild: derived, ...tables }) => ({ rebuild: derived ?? {}, tables }));

const jsonata = text('a JSONata expression');
const path = text('a path (`ui.theme.mode`)');
const key = z.union([text(), z.array(text()).min(1)], { error: 'a field, or a list of fields' });

const moved = strict({
  path: path.optional(),
  map: words.optional(),
  key: key.optional(),
  fields: z
    .record(text('a field'), words)
    .optional()
    .meta({ description: 'words of fields of the elements of an array, which needs `key`' }),
});
const computed = strict({
  get: jsonata,
  forth: z
    .record(
      path,
      z.union([jsonata, strict({ get: jsonata, key })], { error: 'a JSONata expression' }),
    )
    .optional()
    .meta({ description: 'new path → JSONata over the old document; without it, one-way' }),
  key: key.optional(),
});

const entry = z.union([path, computed, moved], {
  error: 'a path, `{ path, map, key, fields }`, or `{ get, forth, key }`',
});

const documentName = z.string().regex(/^[a-z][a-z0-9_-]*\/[^/].*$/, {
  error: 'an asset and a file (`configuration/config.json`)',
});

/** The keys of a reversal file. */
export const reversalSchema = strict({
  from: version.meta({ description: 'the newer release, the one that is left' }),
  to: version.meta({ description: 'the older release' }),
  sqlite: z.record(text('the name of an asset'), database).default({}),
  json: z.record(documentName, z.record(path, entry)).default({}),
  decide: z
    .record(text('a place (`history.download_history.status`)'), z.enum(choices))
    .default({})
    .meta({ description: 'what becomes of changes in places that nothing above makes faithful' }),
}).meta({ title: 'A reversal file: from one release back to an older one' });

export type WrittenReversal = z.output<typeof reversalSchema>;
export type WrittenTable = z.output<typeof table>;
export type DocumentEntries = WrittenReversal['json'][string];
