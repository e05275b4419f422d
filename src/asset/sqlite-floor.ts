import { join } from 'node:path/posix';
import type { Host } from '../host/host.ts';
import { Database } from '../sqlite/database.ts';
import { readTables } from '../sqlite/schema.ts';
import type { MergeRequest } from './asset.ts';
import { floorOf, type Floor } from './floor.ts';
import { damageOf, workingFile } from './sqlite-file.ts';
import type { DatabaseAsset } from './sqlite-terms.ts';

/** The newest captured state in which the database is sound and has the tables of origin; null where none is. */
export function capturedFloor(
  { disk }: Host,
  { unit }: DatabaseAsset,
  { request, origin }: { readonly request: MergeRequest; readonly origin: string },
): Floor | null {
  return floorOf(request, ({ id, side }) => {
    const path = workingFile(disk, side, { unit, path: join(request.scratch, `earlier-${id}.db`) });
    return path !== null && damageOf(path) === null && hasShapeOf(path, origin) ? path : null;
  });
}

/** Every table of `origin` is there, with its columns. */
function hasShapeOf(path: string, origin: string): boolean {
  const [found, wanted] = [columnsIn(path), columnsIn(origin)];
  return [...wanted].every((column) => found.has(column));
}

function columnsIn(path: string): ReadonlySet<string> {
  using db = Database.open(path, { isClosed: true });
  const tables = [...readTables(db, 'main').values()];
  return new Set(
    tables.flatMap(({ name, columns }) => columns.map((column) => `${name}\n${column.name}`)),
  );
}
