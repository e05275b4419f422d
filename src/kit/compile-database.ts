import { mergeTermsOf, type DatabaseAsset } from '../asset/sqlite-terms.ts';
import type { MergeRequest } from '../asset/asset.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import { compileReversal } from '../law/compiled/compile.ts';
import type { KitCompiled } from './part.ts';

/** A database's pair, and what was said about how it is read by the older release. */
export interface CompiledPair extends Pick<
  MergeRequest,
  'reversal' | 'decisions' | 'findings' | 'at'
> {
  readonly beforeFile: string;
  readonly afterFile: string;
  readonly disk: Disk;
}

/**
 * The script that carries a database's changes back without Backstep; null where the law itself cannot follow its
 * shape. Reads the pair's files, which must be closed.
 */
export function compileDatabase(database: DatabaseAsset, pair: CompiledPair): KitCompiled | null {
  const { beforeFile: before, afterFile: after, disk, ...said } = pair;
  const terms = mergeTermsOf(database, { direction: 'back', ...said }, before);
  try {
    return compileReversal({ files: { before, after }, terms: { ...terms, disk } });
  } catch (error) {
    if (error instanceof BackstepError && isShape(error)) return null;
    throw error;
  }
}

function isShape({ code }: BackstepError): boolean {
  return code === 'law/unsupported-shape' || code === 'law/lens';
}
