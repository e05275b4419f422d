import type { DataFolder } from '../data.ts';
import { readTextFile } from '../settings/file.ts';
import { rememberedFile } from './faults.ts';

/** Whether an earlier run was told to crash at the next start; until that is switched off or the file removed. */
export function isCrashRemembered(data: DataFolder): boolean {
  return readTextFile(data.path(rememberedFile))?.includes('"crash-at-start"') === true;
}
