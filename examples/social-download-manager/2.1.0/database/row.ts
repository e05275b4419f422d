import type { SQLOutputValue } from 'node:sqlite';
import type { Parser } from '../shape.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') return unexpected(column, value);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') return unexpected(column, value);
  return value;
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}

/** A column that holds JSON, or null where it is NULL. */
export function jsonOrNull<T>(row: Row, column: string, parser: Parser<T>): T | null {
  const json = textOrNull(row, column);
  return json === null ? null : parser(JSON.parse(json), column);
}

function unexpected(column: string, value: SQLOutputValue | undefined): never {
  throw new TypeError(`column ${column} holds ${value === null ? 'NULL' : typeof value}`);
}
