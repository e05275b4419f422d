import { damagedFiles } from '../settings/settings.ts';
import type { Application } from './application.ts';
import { folderCheck } from './folder.ts';

/** What everybody who opens the page should know. */
export interface Notice {
  readonly code: string;
  readonly message: string;
}

export function notices(app: Application): readonly Notice[] {
  const damaged = damagedFiles(app.settings).map(({ file, keptAs }) => ({
    code: 'settings/damaged',
    message: `${file} was damaged and is kept as ${keptAs}; the defaults are used.`,
  }));
  const folder = folderCheck(app.downloadFolder());
  return folder.status === 'failing'
    ? [...damaged, { code: 'folder/missing', message: `The download folder ${folder.detail}.` }]
    : damaged;
}
