import type { Disk } from '../host/disk.ts';
import { readWhole } from '../host/whole-file.ts';
import { noReversal, parseDocumentReversal, type DocumentReversal } from '../law/json/reversal.ts';
import type { Reversal } from '../law/reversal/reversal.ts';

/** The bytes of a document; null where a side has none. */
export function bytesOf(disk: Disk, path: string | undefined): Buffer | null {
  return path === undefined ? null : readWhole(disk, path);
}

/** What the reversal file says of one document, by its name `asset/unit`. */
export function reversalOf(reversal: Reversal | null, document: string): DocumentReversal {
  const entries = reversal?.documents[document];
  if (reversal === null || entries === undefined) return noReversal;
  return parseDocumentReversal(entries, { reversalFile: reversal.file, document });
}
