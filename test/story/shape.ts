/** What each release of a story makes of the tables, the document and the tree: known before anything runs. */
import type { Change, Draw } from './story.ts';

export type ColumnKind = 'text' | 'must' | 'word' | 'reference' | 'document' | 'slug' | 'key';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** Tables of a release: the columns that users write, without `id` and `mark`. */
export type Shape = ReadonlyMap<string, readonly Column[]>;

/** What is done to a document or a tree: the program of a release reads it as it stands here. */
export type Act =
  | {
      readonly on: 'document';
      readonly at: number;
      readonly key: string;
      readonly put: string | null;
    }
  | {
      readonly on: 'tree';
      readonly what: 'write' | 'move' | 'delete' | 'add';
      readonly at: number;
      readonly path: string;
      readonly text: string;
    };

export interface Release {
  readonly version: string;
  readonly shape: Shape;
  readonly words: readonly string[];
  /** What its migration does. */
  readonly sql: readonly string[];
  readonly acts: readonly Act[];
  /** The reversal file from it to the release before; null where none is needed. */
  readonly reversal: unknown;
}

export const firstTables = `
  CREATE TABLE notes(id INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT NOT NULL, body TEXT, word TEXT, extra, must TEXT NOT NULL, slug TEXT);
  CREATE UNIQUE INDEX notes_slug ON notes(slug);
  CREATE TABLE parts(id INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT NOT NULL, value, doc TEXT, note_id REFERENCES notes(id));
  CREATE TABLE pairs(a, b COLLATE NOCASE, mark TEXT NOT NULL, v, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE bag(mark TEXT NOT NULL, v);
`;

const column = (name: string, kind: ColumnKind): Column => ({ name, kind });
const firstShape: Shape = new Map([
  [
    'notes',
    [
      column('body', 'text'),
      column('word', 'word'),
      column('extra', 'text'),
      column('must', 'must'),
      column('slug', 'slug'),
    ],
  ],
  ['parts', [column('value', 'text'), column('doc', 'document'), column('note_id', 'reference')]],
  ['pairs', [column('a', 'key'), column('b', 'key'), column('v', 'text')]],
  ['bag', [column('v', 'text')]],
]);
const firstWords = ['queued', 'done', 'failed'];

export function versionOf(index: number): string {
  return `${index + 1}.0.0`;
}

/** All releases of a story, the first of which migrates nothing. */
export function releasesOf(upgrades: readonly (readonly Change[])[]): readonly Release[] {
  const releases: Release[] = [
    {
      version: versionOf(0),
      shape: firstShape,
      words: firstWords,
      sql: [],
      acts: [],
      reversal: null,
    },
  ];
  for (const [index, changes] of upgrades.entries()) {
    const made = new Making(releases[index] ?? fail(), index + 1);
    for (const change of changes) made.take(change);
    releases.push(made.release());
  }
  return releases;
}

function fail(): never {
  throw new RangeError('there is no such release');
}

/** One upgrade while its changes are put together; a change that fits nowhere is left out. */
class Making {
  readonly #from: Release;
  readonly #index: number;
  readonly #shape: Map<string, readonly Column[]>;
  readonly #old: Shape;
  readonly #sql: string[] = [];
  readonly #acts: Act[] = [];
  /** Old name → new name, by table. */
  readonly #renamed = new Map<string, Map<string, string>>();
  /** Tables that lost a column or got a row: no SELECT is written for them. */
  readonly #bare = new Set<string>();
  #words: readonly string[];
  #map: Record<string, string> | null = null;
  #count = 0;

  constructor(from: Release, index: number) {
    this.#from = from;
    this.#index = index;
    this.#shape = new Map(from.shape);
    this.#old = from.shape;
    this.#words = from.words;
  }

  take(change: Change): void {
    if (change.what === 'document') this.#acts.push({ ...change, on: 'document' });
    else if (change.what === 'tree') this.#acts.push({ ...change.act, on: 'tree' });
    else this.#table(change);
  }

  release(): Release {
    return {
      version: versionOf(this.#index),
      shape: this.#shape,
      words: this.#words,
      sql: this.#sql,
      acts: this.#acts,
      reversal: this.#reversal(),
    };
  }

  #name(start: string): string {
    this.#count += 1;
    return `${start}${this.#index}_${this.#count}`;
  }

  #table(change: Exclude<Change, { what: 'document' | 'tree' }>): void {
    const table = pick([...this.#shape.keys()], change.table) ?? fail();
    const columns = this.#shape.get(table) ?? fail();
    switch (change.what) {
      case 'add':
        return this.#add(table, columns, change);
      case 'drop':
        return this.#drop(table, columns, change);
      case 'rename':
        return this.#rename(table, columns, change);
      case 'rewrite':
        return this.#rewrite(table, columns, change);
      case 'words':
        return this.#replaceWords(change.isTold);
      case 'table':
        return this.#newTable();
      case 'row':
        return this.#newRow();
      case 'drop-table':
        if (table === 'notes' || table === 'parts' || this.#renamed.has(table)) return;
        this.#sql.push(`DROP TABLE ${table}`);
        this.#shape.delete(table);
        return;
      case 'index':
        this.#sql.push(
          change.column % 2 === 0
            ? 'DROP INDEX IF EXISTS notes_slug'
            : `CREATE INDEX ${this.#name('i')} ON ${table}(mark)`,
        );
    }
  }

  #add(table: string, columns: readonly Column[], { column: draw }: Draw): void {
    const name = this.#name('c');
    const fills = [
      [`ALTER TABLE ${table} ADD COLUMN ${name} TEXT`],
      [`ALTER TABLE ${table} ADD COLUMN ${name} TEXT NOT NULL DEFAULT 'default'`],
      [
        `ALTER TABLE ${table} ADD COLUMN ${name}`,
        `UPDATE ${table} SET ${name} = 'made by the upgrade'`,
      ],
    ];
    this.#sql.push(...(pick(fills, draw) ?? fail()));
    this.#shape.set(table, [...columns, column(name, 'text')]);
  }

  #drop(table: string, columns: readonly Column[], { column: draw }: Draw): void {
    const old = this.#old.get(table)?.map(({ name }) => name) ?? [];
    const droppable = columns.filter(
      ({ kind, name }) => ['text', 'must', 'document'].includes(kind) && old.includes(name),
    );
    const gone = pick(droppable, draw);
    if (gone === undefined || this.#renamed.has(table)) return;
    this.#sql.push(`ALTER TABLE ${table} DROP COLUMN ${gone.name}`);
    this.#bare.add(table);
    this.#shape.set(
      table,
      columns.filter((each) => each !== gone),
    );
  }

  #rename(table: string, columns: readonly Column[], { column: draw }: Draw): void {
    const old = this.#old.get(table)?.map(({ name }) => name) ?? [];
    const one = pick(
      columns.filter(({ kind, name }) => kind === 'text' && old.includes(name)),
      draw,
    );
    if (one === undefined || this.#bare.has(table) || table === 'bag') return;
    const name = this.#name('r');
    this.#sql.push(`ALTER TABLE ${table} RENAME COLUMN ${one.name} TO ${name}`);
    const names = this.#renamed.get(table) ?? new Map<string, string>();
    this.#renamed.set(table, names.set(one.name, name));
    this.#shape.set(
      table,
      columns.map((each) => (each === one ? { ...one, name } : each)),
    );
  }

  #rewrite(table: string, columns: readonly Column[], { column: draw }: Draw): void {
    const one = pick(
      columns.filter(({ kind }) => kind === 'text'),
      draw,
    );
    if (one === undefined) return;
    const some = draw % 2 === 0 ? '' : " WHERE mark LIKE '%1%'";
    this.#sql.push(`UPDATE ${table} SET ${one.name} = ${one.name} || '!'${some}`);
  }

  #replaceWords(isTold: boolean): void {
    if (this.#map !== null) return;
    const renewed = this.#words.map((word) => `${word}-${this.#index}`);
    for (const [n, word] of this.#words.entries())
      this.#sql.push(`UPDATE notes SET word = '${renewed[n]}' WHERE word = '${word}'`);
    this.#map = isTold
      ? Object.fromEntries(renewed.map((word, n) => [word, this.#words[n] ?? fail()]))
      : {};
    this.#words = renewed;
  }

  #newTable(): void {
    const name = this.#name('t');
    this.#sql.push(
      `CREATE TABLE ${name}(id INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT NOT NULL, v, note_id REFERENCES notes(id))`,
      `INSERT INTO ${name}(mark, v) VALUES ('made by ${this.#index}', 'default')`,
    );
    this.#shape.set(name, [column('v', 'text'), column('note_id', 'reference')]);
  }

  #newRow(): void {
    // A written SELECT would have to leave that row out.
    if (this.#renamed.has('notes')) return;
    this.#bare.add('notes');
    const must = this.#shape.get('notes')?.find(({ kind }) => kind === 'must');
    const [names, values] = must === undefined ? ['', ''] : [', must', `, 'made'`];
    this.#sql.push(
      `INSERT INTO notes(mark, word${names}) VALUES ('${this.#name('made')}', '${this.#words[0]}'${values})`,
    );
  }

  #reversal(): unknown {
    const entries: Record<string, unknown> = {};
    for (const [table, names] of this.#renamed)
      if (this.#shape.has(table)) entries[table] = this.#selected(table, names);
    if (this.#map !== null && Object.keys(this.#map).length > 0)
      entries['notes'] = Object.assign({}, entries['notes'], { map: { word: this.#map } });
    if (Object.keys(entries).length === 0) return null;
    return {
      from: versionOf(this.#index),
      to: this.#from.version,
      sqlite: { notes: entries },
    };
  }

  #selected(table: string, names: ReadonlyMap<string, string>): object {
    const old = this.#old.get(table) ?? fail();
    const keys = table === 'pairs' ? [] : ['id'];
    const yielded = [
      ...keys,
      'mark',
      ...old.map(({ name }) => {
        const renewed = names.get(name);
        return renewed === undefined ? name : `${renewed} AS ${name}`;
      }),
    ];
    return {
      key: table === 'pairs' ? ['a', 'b'] : ['id'],
      select: `SELECT ${yielded.join(', ')} FROM ${table}`,
      forth: Object.fromEntries([...names].map(([name, renewed]) => [renewed, name])),
    };
  }
}

/** Null where there is nothing to draw from. */
export function pick<T>(all: readonly T[], draw: number): T | undefined {
  return all[draw % Math.max(all.length, 1)];
}
