import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import { readWhole } from '../host/whole-file.ts';
import { readDocument } from '../law/json/document.ts';
import type { Check, Side } from './asset.ts';

/** Whether every document can be read: one check an asset, which names those that cannot. */
export function checkDocuments({ disk }: Host, asset: string, side: Side): readonly Check[] {
  const broken = [...side].flatMap(([unit, path]) => {
    if (disk.lstat(path)?.kind !== 'file') return [];
    const trouble = troubleOf(readWhole(disk, path), `${asset}/${unit}`);
    return trouble === null ? [] : [trouble];
  });
  const isSound = broken.length === 0;
  const measured = isSound ? `${side.size} documents read` : broken.join('; ');
  return [
    { row: 'M7.1', name: `${asset}: documents`, status: isSound ? 'success' : 'error', measured },
  ];
}

/** Why bytes are no document, null where they are one. */
export function troubleOf(bytes: Uint8Array, name: string): string | null {
  try {
    readDocument(bytes, name);
    return null;
  } catch (error) {
    if (error instanceof BackstepError) return error.message;
    throw error;
  }
}
