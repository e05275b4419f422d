/** What users do between two switches, on what there is then. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument } from '../../src/law/json/document.ts';
import { valueAt, withValueAt, type Path } from '../../src/law/json/path.ts';
import {
  isObject,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonString,
  type Json,
} from '../../src/law/json/value.ts';
import { compactText, writeLike } from '../../src/law/json/write.ts';
import type { Database, SqlValue } from '../../src/sqlite/database.ts';
import type { StoryApplication } from './application.ts';
import type { Ledger } from './ledger.ts';
import { changeTree, filesBelow } from './migrate.ts';
import { pick, type Column } from './shape.ts';
import type { Edit } from './story.ts';

type RowEdit = Extract<Edit, { on: 'rows' }>;
type DocumentEdit = Extract<Edit, { on: 'document' }>;
type TreeEdit = Extract<Edit, { on: 'tree' }>;

export function doEdits(app: StoryApplication, ledger: Ledger, edits: readonly Edit[]): void {
  using db = app.open();
  for (const edit of edits) {
    if (edit.on === 'rows') new Rows(app, ledger, db).edit(edit);
    else if (edit.on === 'document') editDocument(app, ledger, edit);
    else editTree(app, ledger, edit);
  }
}

const slugs = ['s1', 's2', 's3', 's4', 's5', 's6', null];
const keys = [1, 2, 'x', 'X', 1.5, '1'];

class Rows {
  readonly #app: StoryApplication;
  readonly #ledger: Ledger;
  readonly #db: Database;

  constructor(app: StoryApplication, ledger: Ledger, db: Database) {
    this.#app = app;
    this.#ledger = ledger;
    this.#db = db;
  }

  edit({ what, table: which, row, column, value }: RowEdit): void {
    const { shape } = this.#app.release();
    const table = pick([...shape.keys()], which) ?? 'notes';
    const columns = shape.get(table) ?? [];
    if (what === 'insert') return this.#insert(table, columns, value);
    const marks = this.#db.texts(`SELECT mark FROM ${table} ORDER BY mark`);
    const mark = pick(marks, row);
    if (mark === undefined) return;
    if (what === 'delete') return this.#delete(table, mark);
    const one = pick(columns, column);
    if (one !== undefined) this.#update([table, one], mark, value);
  }

  #insert(table: string, columns: readonly Column[], value: number): void {
    const mark = this.#ledger.next('a row');
    const values = columns.map((each) => this.#valueOf(each, mark, value));
    const names = ['mark', ...columns.map(({ name }) => name)];
    const given = names.map(() => '?').join(', ');
    const isDone = this.#try(`INSERT INTO ${table}(${names.join(', ')}) VALUES (${given})`, [
      mark,
      ...values,
    ]);
    if (!isDone) this.#ledger.deleteRow(mark);
  }

  #update([table, column]: readonly [string, Column], mark: string, value: number): void {
    if (column.kind === 'key') return;
    const [was] = this.#db.all(`SELECT "${column.name}" AS v FROM ${table} WHERE mark = ?`, mark);
    const given = this.#valueOf(column, mark, value);
    const sql = `UPDATE ${table} SET "${column.name}" = ? WHERE mark = ?`;
    const isDone = this.#try(sql, [given, mark]);
    this.#ledger.disown(String(isDone ? (was?.['v'] ?? '') : (given ?? '')));
  }

  #delete(table: string, mark: string): void {
    if (this.#try(`DELETE FROM ${table} WHERE mark = ?`, [mark])) this.#ledger.deleteRow(mark);
  }

  #valueOf({ kind, name }: Column, mark: string, value: number): SqlValue {
    switch (kind) {
      case 'text': {
        const forms = ['', ' Bob', ' \u0000 é', "''", '01'];
        return this.#ledger.next(mark) + (pick(forms, value) ?? '');
      }
      case 'must':
        return this.#ledger.next(mark);
      case 'document':
        return `{"a": "${this.#ledger.next(mark)}","b":{"c":1.0}}`;
      case 'word':
        return pick(this.#app.release().words, value) ?? null;
      case 'slug':
        return pick(slugs, value) ?? null;
      case 'key':
        return pick(keys, name === 'a' ? value : Math.floor(value / keys.length)) ?? null;
      case 'reference': {
        const ids = this.#db.all('SELECT id FROM notes ORDER BY id').map(({ id }) => id);
        return pick([null, ...ids], value) ?? null;
      }
    }
  }

  /** Null rows of a statement that a constraint refuses are what an application would see. */
  #try(sql: string, values: readonly SqlValue[]): boolean {
    try {
      this.#db.change(sql, ...values);
      return true;
    } catch (error) {
      if (!(error instanceof Error && /constraint/.test(error.message))) throw error;
      return false;
    }
  }
}

const documentPlace = 'the document';

function editDocument(app: StoryApplication, ledger: Ledger, edit: DocumentEdit): void {
  const file = app.path('data/settings.json');
  const document = readDocument(readFileSync(file), 'settings.json');
  const { root } = document;
  const paths = objectPaths(root, []);
  const path = pick(paths, edit.at) ?? [];
  const inside = valueAt(root, path);
  const known = isObject(inside) ? [...inside.members.keys()] : [];
  const step = edit.at % 2 === 0 ? (pick(known, edit.at) ?? edit.key) : edit.key;
  const there = valueAt(root, [...path, step]);
  const put = edit.what === 'delete' ? undefined : newValue(ledger, edit.form);
  const changed = withValueAt(root, [...path, step], put);
  if (changed?.root === undefined) {
    if (put !== undefined) ledger.disown(compactText(put));
    return;
  }
  if (there !== undefined) ledger.disown(compactText(there));
  if (isObject(there)) ledger.disownHidden(documentPlace, compactText(changed.root));
  writeFileSync(file, writeLike(document, changed.root));
}

function newValue(ledger: Ledger, form: number): Json {
  const token = jsonString(ledger.next(documentPlace));
  const forms = [
    token,
    token,
    jsonObject([
      ['a', token],
      ['n', jsonNumber('1.0')],
    ]),
    jsonArray([jsonNumber('1e400'), token]),
  ];
  return pick(forms, form) ?? token;
}

function objectPaths(value: Json, path: Path): Path[] {
  if (!isObject(value)) return [];
  const inner = [...value.members].flatMap(([name, member]) =>
    objectPaths(member, [...path, name]),
  );
  return [path, ...inner];
}

function editTree(app: StoryApplication, ledger: Ledger, { what, at, path }: TreeEdit): void {
  const root = app.path('data/files');
  const before = contents(root);
  const text = what === 'write' ? `${ledger.next('a file')}\n` : '';
  changeTree(root, { what, at, path, text });
  const after = contents(root);
  for (const token of before) if (!after.has(token)) ledger.disown(token);
  if (!after.has(text.trim())) ledger.disown(text);
}

function contents(root: string): Set<string> {
  const texts = filesBelow(root).map((name) => readFileSync(join(root, name), 'utf8'));
  return new Set(texts.flatMap((text) => text.match(/~\d+~/g) ?? []));
}
