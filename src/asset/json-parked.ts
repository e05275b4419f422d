import { jsonOrNull } from '../form/json-text.ts';
import { dirname, join } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import { createWhole, makeFolders, readWhole } from '../host/whole-file.ts';
import type { ParkedEntry } from '../law/json/rollback.ts';
import type { Side, UnitName } from './asset.ts';
import { copyWhole } from './attributes.ts';
import { parkedName } from './side.ts';
import type { MergedUnit } from './unit-states.ts';

/** Whole files that were parked, under their own names. */
const filesFolder = 'files';
/** Values that were parked of a document: `{ v: 1, parked: [{ place, newPlace, value, why }] }`. */
const valuesFolder = 'values';

const valuesSchema = z.strictObject({
  v: z.literal(1),
  parked: z.array(
    z.strictObject({
      place: z.string(),
      newPlace: z.string().nullable(),
      value: z.string().nullable(),
      why: z.enum(['blind', 'rewritten', 'unproven', 'refused', 'reference', 'damage', 'stale']),
    }),
  ),
});

const nameOfValues = (unit: UnitName): UnitName => parkedName(`${valuesFolder}/${unit}`);

/** Keeps the latest file of a unit as it is; no unit where there is none. */
export function parkFile(disk: Disk, { unit, states, request }: MergedUnit): Side {
  if (states.latest === undefined) return new Map();
  const name = parkedName(`${filesFolder}/${unit}`);
  const path = join(request.into, name);
  copyWhole(disk, states.latest, path);
  return new Map([[name, path]]);
}

/** Keeps values that a document does not hold, 0600; no unit where there are none. */
export function parkValues(
  disk: Disk,
  { unit, request }: MergedUnit,
  parked: readonly ParkedEntry[],
): Side {
  if (parked.length === 0) return new Map();
  const name = nameOfValues(unit);
  const path = join(request.into, name);
  makeFolders(disk, dirname(path), 0o700);
  const text = `${JSON.stringify({ v: 1, parked }, null, 2)}\n`;
  createWhole(disk, path, { bytes: Buffer.from(text), mode: 0o600 });
  return new Map([[name, path]]);
}

/** What `parkValues` kept of a unit. Throws `asset/parked` where the file is not as it was written. */
export function readValues(disk: Disk, parked: Side, unit: UnitName): readonly ParkedEntry[] {
  const path = parked.get(nameOfValues(unit));
  if (path === undefined) return [];
  const read = valuesSchema.safeParse(jsonOrNull(readWhole(disk, path).toString('utf8')));
  if (read.success) return read.data.parked;
  throw new BackstepError('asset/parked', {
    message: `${JSON.stringify(path)} is not as Backstep wrote it`,
    hint: 'restore it from the store (`backstep snapshots`), or move it away to go on without it',
    cause: read.error,
  });
}
