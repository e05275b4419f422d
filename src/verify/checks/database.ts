import type { Check } from '../../asset/asset.ts';
import type { DatabaseShape } from '../expected.ts';
import { listed, verdict } from '../verification.ts';

const row = 'M7.1';

/** A database, and the one that it is compared with. */
export interface Compared {
  readonly name: string;
  readonly wanted: DatabaseShape;
  readonly found: DatabaseShape;
  /** How much of a table may be gone without a word: the asset's `carryLimit`. */
  readonly share: number;
}

/** Tables and columns, what was applied to reach them, and how many rows they hold. */
export function compareDatabases(compared: Compared): Check[] {
  return [tables(compared), schemaVersion(compared), rowCounts(compared)];
}

/** Tables that users made at run time are theirs. */
function tables({ name, wanted, found }: Compared): Check {
  const missing = columnsLacking(wanted, found, (table) => [table]);
  const added = columnsLacking(found, wanted, () => []);
  const trouble = [
    ...(missing.length === 0 ? [] : [`missing: ${listed(missing)}`]),
    ...(added.length === 0 ? [] : [`not of this release: ${listed(added)}`]),
  ];
  const count = Object.keys(wanted.tables).length;
  return {
    row,
    name: `${name}: tables`,
    status: verdict(trouble.length === 0),
    measured: trouble.length === 0 ? `${count} expected tables present` : trouble.join('; '),
  };
}

/** Columns that one has and the other lacks. */
function columnsLacking(
  one: DatabaseShape,
  other: DatabaseShape,
  wholeTable: (table: string) => string[],
): string[] {
  return Object.entries(one.tables).flatMap(([table, { columns }]) => {
    const there = other.tables[table]?.columns;
    if (there === undefined) return wholeTable(table);
    return columns
      .filter((column) => !there.includes(column))
      .map((column) => `${table}.${column}`);
  });
}

function schemaVersion({ name, wanted, found }: Compared): Check {
  const isSame = versionText(wanted) === versionText(found);
  const measured = isSame
    ? versionText(found)
    : `${versionText(found)}; expected ${versionText(wanted)}`;
  return { row, name: `${name}: schema version`, status: verdict(isSame), measured };
}

function versionText({ versions, userVersion }: DatabaseShape): string {
  const applied = Object.entries(versions).map(([table, rows]) => `${table}: ${rows.join(', ')}`);
  return [...applied, `user_version ${userVersion}`].join('; ');
}

/** So many rows may come and go in a table without a word. */
const fewRows = 10;
/** Growth is what an application is for; so much since it was recorded is worth a look. */
const muchMore = { times: 10, rows: 10_000 };

function rowCounts({ name, wanted, found, share }: Compared): Check {
  const odd = Object.entries(wanted.tables).flatMap(([table, { rowCount }]) => {
    const now = found.tables[table]?.rowCount;
    if (now === undefined) return [];
    const least = Math.max(0, Math.floor(rowCount - Math.max(fewRows, rowCount * share)));
    const most = rowCount * muchMore.times + muchMore.rows;
    if (now >= least && now <= most) return [];
    return [{ text: `${table}: ${now}, expected ${least} to ${most}`, isEmpty: now === 0 }];
  });
  const counts = Object.keys(wanted.tables).flatMap((table) => {
    const now = found.tables[table]?.rowCount;
    return now === undefined ? [] : [`${table} ${now}`];
  });
  const isGood = odd.length === 0;
  return {
    row,
    name: `${name}: row counts`,
    status: isGood ? 'success' : odd.some(({ isEmpty }) => isEmpty) ? 'error' : 'warning',
    measured: isGood ? listed(counts, 8) : listed(odd.map(({ text }) => text)),
  };
}
