import { quoteName } from '../../sqlite/names.ts';

/** `alias."column"`. */
export function cell(alias: string, column: string): string {
  return `${alias}.${quoteName(column)}`;
}

/**
 * True where two cells hold the same value exactly: same type, compared by bytes whatever the column's
 * collation, NULL the same as NULL. (`IS` alone finds 1 and 1.0, or `Bob` and `bob` under NOCASE, equal.)
 */
export function same(a: string, b: string): string {
  return `(${a} IS ${b} COLLATE BINARY AND typeof(${a}) = typeof(${b}))`;
}

/**
 * As `same`, and also where both are JSON objects or arrays that differ in white space only. CASE, since
 * AND may evaluate json() on what is no JSON.
 */
export function sameMeaning(a: string, b: string): string {
  const sameJson = `json(${a}) = json(${b}) COLLATE BINARY`;
  return `(${same(a, b)} OR CASE WHEN ${isJson(a)} AND ${isJson(b)} THEN ${sameJson} ELSE 0 END)`;
}

/** True where a cell holds a JSON object or array. */
export function isJson(a: string): string {
  return `(typeof(${a}) = 'text' AND substr(${a}, 1, 1) IN ('{', '[') AND json_valid(${a}))`;
}

/**
 * True where two rows agree in all `columns`. As row values, not as a chain of AND: SQLite refuses an
 * expression deeper than 1,000, and tables have up to 2,000 columns.
 */
export function sameRow(a: string, b: string, columns: readonly string[]): string {
  if (columns.length === 0) return '1';
  const types = (alias: string): string =>
    columns.map((c) => `typeof(${cell(alias, c)})`).join(', ');
  const left = columns.map((c) => `${cell(a, c)} COLLATE BINARY`).join(', ');
  const right = columns.map((c) => cell(b, c)).join(', ');
  return `((${types(a)}) IS (${types(b)}) AND (${left}) IS (${right}))`;
}

/** True where one of the conditions (0 or 1 each) holds. */
export function anyOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? '0' : joined(conditions, 'OR', 'max');
}

/** True where all conditions (0 or 1 each) hold. */
export function allOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? '1' : joined(conditions, 'AND', 'min');
}

/**
 * Chains stop at the first that decides, but no expression may be deeper than 1,000: long ones are cut in parts, which
 * nested calls hold together.
 */
function joined(conditions: readonly string[], word: string, call: 'min' | 'max'): string {
  let parts = [...conditions];
  for (let depth = 0; parts.length > 1; depth++) {
    const groups = Math.ceil(parts.length / 100);
    parts = Array.from({ length: groups }, (_, group) => {
      const part = parts.slice(group * 100, group * 100 + 100);
      if (depth === 0 || part.length === 1) return `(${part.join(` ${word} `)})`;
      return `${call}(${part.join(', ')})`;
    });
  }
  return parts[0] ?? '';
}

/**
 * True where two rows have the same key, compared by bytes and type. What is equal by bytes is so by every collation:
 * said as well, since the index of a column serves its own collation alone, which is that of `a`.
 */
export function sameKey(a: string, b: string, key: readonly string[]): string {
  return key
    .map((k) => {
      const [x, y] = [cell(a, k), cell(b, k)];
      return `${x} = ${y} AND ${x} = ${y} COLLATE BINARY AND typeof(${x}) = typeof(${y})`;
    })
    .join(' AND ');
}

/** Columns in parts of 400: SQLite adds up at most 2,000 terms in one go, and a column takes up to four. */
export function inParts<T>(columns: readonly T[]): readonly (readonly T[])[] {
  const parts = Math.ceil(columns.length / 400);
  return Array.from({ length: parts }, (_none, part) =>
    columns.slice(part * 400, part * 400 + 400),
  );
}

/** `alias."a", alias."b"`. */
export function cells(alias: string, columns: readonly string[]): string {
  return columns.map((column) => cell(alias, column)).join(', ');
}

/** `"a", "b"`. */
export function nameList(columns: readonly string[]): string {
  return columns.map(quoteName).join(', ');
}

/** Columns of a table under an alias. */
export interface Columns {
  readonly alias: string;
  readonly columns: readonly string[];
}

/** True where columns hold, one by one, what others do, as a foreign key compares them. */
export function valuesMatch(alias: string, columns: readonly string[], other: Columns): string {
  return columns
    .map((column, n) => `${cell(alias, column)} = ${cell(other.alias, other.columns[n] ?? '')}`)
    .join(' AND ');
}
