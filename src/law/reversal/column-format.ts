import type { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';

/** What the values of a column look like: class of value → how many rows have it. NULL is in none. */
export type ColumnFormat = ReadonlyMap<string, number>;

/** Values are judged by so many of their first characters. */
const beginningLength = 24;
/** A column with more different beginnings than this is judged by so many of them, the most frequent ones. */
const maxBeginnings = 5_000;
/** More keys than this are data, and no form. */
const maxKeys = 32;

/** Classes of values: `integer`, `text beginning $2b$`, `date and time with T`, `JSON with schema` … */
export function formatOf(db: Database, from: string, column: string): ColumnFormat {
  const value = quoteName(column);
  const rows = db.all(
    `SELECT typeof(${value}) AS type, substr(${value}, 1, ${beginningLength}) AS beginning,
       CASE WHEN typeof(${value}) = 'text' THEN json_valid(${value}) AND ${value} GLOB '[[{]*' ELSE 0 END AS json,
       count(*) AS rows
     FROM ${from} WHERE ${value} IS NOT NULL GROUP BY 1, 2, 3 ORDER BY rows DESC LIMIT ${maxBeginnings}`,
  );
  const classes = new Map<string, number>();
  const add = (name: string, count: number): void => {
    classes.set(name, (classes.get(name) ?? 0) + count);
  };
  let hasJson = false;
  for (const { type, beginning, json, rows: count } of rows) {
    if (json === 1) hasJson = true;
    else add(classOf(String(type), beginning), Number(count));
  }
  if (hasJson) for (const [name, count] of jsonClasses(db, from, value)) add(name, count);
  return classes;
}

/** Beginnings by which text says what it is. */
const beginnings: readonly (readonly [pattern: RegExp, name: (found: string) => string])[] = [
  [/^\$[\w-]{1,20}\$/, (found) => `text beginning ${found}`],
  [/^\{[\w-]{1,20}\}/, (found) => `text beginning ${found}`],
  [/^\d{4}-\d\d-\d\dT\d\d/, () => 'date and time with T'],
  [/^\d{4}-\d\d-\d\d \d\d/, () => 'date and time with a blank'],
  [/^\d{4}-\d\d-\d\d$/, () => 'date'],
  [/^[a-z][a-z0-9+.-]{0,15}:(?:\/\/)?/, (found) => `text beginning ${found}`],
  [/^[+-]?\d+$/, () => 'digits as text'],
  [/^[+-]?\d+\.\d+$/, () => 'a decimal number as text'],
  [/^$/, () => 'empty text'],
];

function classOf(type: string, beginning: unknown): string {
  if (type !== 'text' || typeof beginning !== 'string') return type;
  for (const [pattern, name] of beginnings) {
    const found = pattern.exec(beginning);
    if (found !== null) return name(found[0]);
  }
  return 'text';
}

/** `JSON list`, and one class for each key of objects, unless there are so many that they are data. */
function jsonClasses(db: Database, from: string, value: string): [string, number][] {
  const isObject = `typeof(${value}) = 'text' AND json_valid(${value}) AND ${value} GLOB '{*'`;
  const lists = db.count(
    `SELECT count(*) FROM ${from} WHERE typeof(${value}) = 'text' AND json_valid(${value}) AND ${value} GLOB '[[]*'`,
  );
  const keys = db.all(
    `SELECT e.key AS key, count(*) AS rows
     FROM (SELECT CASE WHEN ${isObject} THEN ${value} ELSE '{}' END AS document FROM ${from}) AS d, json_each(d.document) AS e
     GROUP BY e.key LIMIT ${maxKeys + 1}`,
  );
  const objects: [string, number][] =
    keys.length > maxKeys
      ? [['JSON object', db.count(`SELECT count(*) FROM ${from} WHERE ${isObject}`)]]
      : keys.map(({ key, rows }) => [`JSON with key ${JSON.stringify(key)}`, Number(rows)]);
  return [...(lists > 0 ? [['JSON list', lists] satisfies [string, number]] : []), ...objects];
}

/**
 * Classes that stand in `now` and never stood in `before`, where what stood there had one form: a form of its own in
 * at least 9 of 10 values. Free text has none, and an empty column proves nothing.
 */
export function newForms(before: ColumnFormat, now: ColumnFormat): ReadonlyMap<string, number> {
  const told = [...before].filter(([name]) => name !== 'empty text');
  const total = told.reduce((sum, [, count]) => sum + count, 0);
  const free = before.get('text') ?? 0;
  if (total === 0 || free * 10 > total) return new Map();
  return new Map([...now].filter(([name]) => name !== 'empty text' && !before.has(name)));
}
