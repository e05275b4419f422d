import type { WrittenDocument } from '../form/document.ts';
import type { Path } from '../form/problem.ts';
import type { Ground } from './resolve.ts';

/** What the checks of a manifest need, and where they put what they find. */
export interface Judging {
  readonly document: WrittenDocument;
  readonly ground: Ground;
  readonly complain: (path: Path, message: string, hint?: string) => void;
  /** The absolute path, or null after the complaint was noted. */
  readonly resolve: (path: Path, written: string) => string | null;
}
