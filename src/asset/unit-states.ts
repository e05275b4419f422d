import { dirname, join } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import { createWhole, makeFolders, readWhole } from '../host/whole-file.ts';
import type { MergeRequest, Side, UnitName } from './asset.ts';
import {
  attributesAt,
  copyWhole,
  giveAttributes,
  mergeAttributes,
  sameAttributes,
  type Attributes,
} from './attributes.ts';

/** Where one unit lies in the three states of a merge. */
export interface UnitStates {
  readonly base: string | undefined;
  readonly origin: string | undefined;
  readonly latest: string | undefined;
}

export interface MergedUnit {
  readonly unit: UnitName;
  readonly states: UnitStates;
  readonly request: MergeRequest;
}

export function statesOf({ base, origin, latest }: MergeRequest, unit: UnitName): UnitStates {
  return { base: base.get(unit), origin: origin.get(unit), latest: latest.get(unit) };
}

/**
 * The unit as it is wanted: bytes, or a path of one of the sides; nothing for null. Bytes that a side has already
 * are taken from there, the live one first, unless owner and mode, which are merged as well, are others.
 */
export function placeUnit(
  disk: Disk,
  merged: MergedUnit,
  content: Uint8Array | string | null | undefined,
): Side {
  if (content === null || content === undefined) return new Map();
  const { unit, states, request } = merged;
  const wanted = mergeAttributes(
    attributesAt(disk, states.base),
    attributesAt(disk, states.origin),
    attributesAt(disk, states.latest),
  );
  const lies = existing(disk, states, content);
  if (lies !== null && isAsWanted(disk, lies, wanted)) return new Map([[unit, lies]]);
  const path = join(request.into, unit);
  makeFolders(disk, dirname(path), 0o700);
  if (lies !== null) copyWhole(disk, lies, path);
  else if (typeof content !== 'string') createWhole(disk, path, { bytes: content, mode: 0o600 });
  if (wanted !== null && disk.lstat(path)?.kind === 'file') giveAttributes(disk, path, wanted);
  return new Map([[unit, path]]);
}

function isAsWanted(disk: Disk, path: string, wanted: Attributes | null): boolean {
  const there = disk.lstat(path);
  if (there === null || wanted === null) return there !== null;
  return there.kind === 'link' || sameAttributes(there, wanted);
}

/** A side's own file with these bytes: the live one before the base. */
function existing(disk: Disk, states: UnitStates, content: Uint8Array | string): string | null {
  if (typeof content === 'string') return content;
  const paths = [states.latest, states.base].filter((path) => path !== undefined);
  return paths.find((path) => holds(disk, path, content)) ?? null;
}

function holds(disk: Disk, path: string, content: Uint8Array): boolean {
  const stat = disk.lstat(path);
  if (stat?.kind !== 'file' || stat.sizeBytes !== content.length) return false;
  return readWhole(disk, path).equals(content);
}
