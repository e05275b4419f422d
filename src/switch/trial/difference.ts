import { basename, join } from 'node:path/posix';
import type { Side } from '../../asset/asset.ts';
import { sameContent } from '../../asset/content.ts';
import { workingFile } from '../../asset/sqlite-file.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { randomHex } from '../../host/random.ts';
import { makeFolders, readWhole, removeTree } from '../../host/whole-file.ts';
import { readDocument } from '../../law/json/document.ts';
import { isSame } from '../../law/json/value.ts';
import type { Place } from '../../law/place.ts';
import { differencesOf } from '../../law/rows/proof/receipt.ts';
import type { Ground } from '../ground.ts';

/** Rows, cells or files in which two states differ. */
export interface Difference {
  readonly place: Place;
  readonly count: number;
}

/** Two sides of one asset. */
export interface Compared {
  readonly name: string;
  readonly from: Side;
  readonly to: Side;
}

/** By table and column in a database, by value in JSON, by bytes elsewhere; owner, mode and layout are not compared. */
export function differencesIn(ground: Ground, folder: string, compared: Compared): Difference[] {
  const declared = ground.manifest.assets[compared.name];
  if (declared?.kind === 'sqlite') {
    return databaseDifferences(ground, folder, { ...compared, unit: basename(declared.path) });
  }
  const { from, to } = compared;
  const units = [...new Set([...from.keys(), ...to.keys()])];
  const isEqual = (unit: string): boolean => {
    const [a, b] = [from.get(unit), to.get(unit)];
    if (a === undefined || b === undefined) return false;
    if (sameContent(ground.host.disk, a, b)) return true;
    return declared?.kind === 'json' && isSameDocument(ground, a, b);
  };
  return units.filter((unit) => !isEqual(unit)).map((place) => ({ place, count: 1 }));
}

/** What cannot be read as JSON is not the same. */
function isSameDocument({ host }: Ground, a: string, b: string): boolean {
  try {
    const [left, right] = [a, b].map((path) => readDocument(readWhole(host.disk, path), path).root);
    return isSame(left, right);
  } catch (error) {
    if (error instanceof BackstepError && error.code.startsWith('document/')) return false;
    throw error;
  }
}

function databaseDifferences(
  { host }: Ground,
  folder: string,
  { name, unit, from, to }: Compared & { readonly unit: string },
): Difference[] {
  const place = join(folder, `compare-${name}-${randomHex(host.random, 4)}`);
  makeFolders(host.disk, place, 0o700);
  try {
    const [one, other] = [from, to].map((side, index) =>
      workingFile(host.disk, side, { unit, path: join(place, `${index}.db`) }),
    );
    if (typeof one !== 'string' || typeof other !== 'string') {
      return one === other ? [] : [{ place: unit, count: 1 }];
    }
    return differencesOf(one, other).flatMap(({ table, rows, columns }) => {
      if (rows === null) return [{ place: table, count: 1 }];
      const cells = Object.entries(columns).map(([column, count]) => ({
        place: `${table}.${column}`,
        count,
      }));
      const moved = rows.inserted + rows.deleted;
      return moved > 0 ? [{ place: table, count: moved }, ...cells] : cells;
    });
  } finally {
    removeTree(host.disk, place);
  }
}
