import { readDocument, type WrittenDocument } from '../../form/document.ts';
import { explain } from '../../form/explain.ts';
import {
  inFileOrder,
  renderPath,
  type Path,
  type Position,
  type Reading,
} from '../../form/problem.ts';
import { judge } from '../../form/schema.ts';
import { checkMeaning } from './check.ts';
import type { DatabaseReversal, Reversal, TableReversal } from './reversal.ts';
import { reversalSchema, type WrittenReversal, type WrittenTable } from './schema.ts';

export interface ReversalSource {
  readonly text: string;
  /** Absolute path of the file that holds the text. */
  readonly file: string;
  readonly sha256: string;
  /** The manifest's assets and their kinds; null where there is no manifest. */
  readonly assets: Readonly<Record<string, string>> | null;
}

/** Reads a reversal file: a reversal, or everything that is wrong with it, in the order of the file. Pure. */
export function parseReversal(source: ReversalSource): Reading<Reversal> {
  const document = readDocument(source.text);
  const parsed = judge(reversalSchema, document.value);
  const found = parsed.success
    ? checkMeaning(parsed.data, document, source)
    : explain(document, parsed.error.issues);
  const problems = inFileOrder([...document.problems, ...found]);
  if (problems.length > 0 || !parsed.success) return { ok: false, problems };
  const { from, to, sqlite, json, decide } = parsed.data;
  const databases = Object.fromEntries(
    Object.entries(sqlite).map(([asset, written]) => [asset, databaseOf(written)]),
  );
  const { file, sha256 } = source;
  const positions = positionsOf(parsed.data, document);
  return {
    ok: true,
    value: { file, sha256, from, to, databases, documents: json, decide, positions },
  };
}

function databaseOf({ rebuild, tables }: WrittenReversal['sqlite'][string]): DatabaseReversal {
  const statements = Object.entries(rebuild).map(([name, sql]): [string, readonly string[]] => [
    name,
    typeof sql === 'string' ? [sql] : sql,
  ]);
  return {
    tables: Object.fromEntries(Object.entries(tables).map(([name, each]) => [name, tableOf(each)])),
    rebuild: Object.fromEntries(statements),
  };
}

function tableOf({ map, key, select, forth }: WrittenTable): TableReversal {
  const columns = forth?.columns ?? null;
  const triggers = forth?.triggers ?? null;
  return {
    ...(map === undefined ? {} : { map }),
    ...(key === undefined ? {} : { key }),
    ...(select === undefined ? {} : { select }),
    ...(columns === null ? {} : { forth: columns }),
    ...(triggers === null ? {} : { triggers }),
  };
}

/** Where the parts stand that later checks will complain about. */
function positionsOf(
  written: WrittenReversal,
  document: WrittenDocument,
): Record<string, Position> {
  const positions: Record<string, Position> = {};
  const note = (path: Path): void => {
    positions[renderPath(path)] = document.locate(path);
  };
  for (const [asset, { tables, rebuild }] of Object.entries(written.sqlite)) {
    note(['sqlite', asset]);
    for (const [name, table] of Object.entries(tables)) {
      note(['sqlite', asset, name]);
      const parts = Object.keys(table);
      for (const part of parts) note(['sqlite', asset, name, part]);
      for (const column of Object.keys(table.map ?? {}))
        note(['sqlite', asset, name, 'map', column]);
      for (const column of Object.keys(table.forth?.columns ?? {})) {
        note(['sqlite', asset, name, 'forth', column]);
      }
      for (const event of Object.keys(table.forth?.triggers ?? {})) {
        note(['sqlite', asset, name, 'forth', 'triggers', event]);
      }
    }
    for (const name of Object.keys(rebuild)) note(['sqlite', asset, 'rebuild', name]);
  }
  for (const [name, entries] of Object.entries(written.json)) {
    note(['json', name]);
    for (const path of Object.keys(entries)) note(['json', name, path]);
  }
  for (const place of Object.keys(written.decide)) note(['decide', place]);
  return positions;
}
