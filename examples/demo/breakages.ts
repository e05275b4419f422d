import { appendFileSync, chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Client } from '../social-download-manager/test/client.ts';
import type { Installation } from './installation.ts';

/** Where somebody may interfere. */
export type Moment =
  | 'installed'
  | 'backed-up'
  | 'before-rollback'
  | 'rolled-back'
  | 'killed'
  | 'returned';

/** What can be interfered with. `client` is signed in wherever a release runs. */
export interface Surroundings {
  readonly installation: Installation;
  readonly client: Client;
  /** Where the copy of the state before the upgrade lies. */
  readonly backup: string;
}

interface Breakage {
  readonly at: Moment;
  readonly text: string;
  readonly act: (surroundings: Surroundings) => unknown;
}

/** Ways to break the demo on purpose, from outside: nothing in it knows of them, so it has to find out. */
export const breakages = {
  reversal: {
    at: 'installed',
    text: 'the reversal file is taken away before the upgrade',
    act: ({ installation }) => rmSync(join(installation.folder, 'reversals/2.0.0-to-1.2.1.yaml')),
  },
  backup: {
    at: 'backed-up',
    text: 'the old backup misses a download',
    act: ({ backup }) => {
      const database = new DatabaseSync(join(backup, 'sdm.db'));
      database.exec('DELETE FROM download_history WHERE id = 1');
      database.close();
    },
  },
  release: {
    at: 'before-rollback',
    text: 'a program file of 1.2.1 is changed behind Backstep’s back',
    act: ({ installation }) => {
      const file = join(installation.folder, 'run/releases/1.2.1/serve.ts');
      chmodSync(file, 0o644);
      appendFileSync(file, '// changed\n');
    },
  },
  row: {
    at: 'rolled-back',
    text: 'a download is deleted after the rollback',
    act: ({ client }) => client.delete('/api/downloads/4'),
  },
  language: {
    at: 'rolled-back',
    text: 'the language is set back after the rollback',
    act: ({ client }) => client.put('/api/preferences', { language: 'en' }),
  },
  file: {
    at: 'rolled-back',
    text: 'a downloaded file is cut short after the rollback',
    act: ({ installation }) => {
      const folder = join(installation.data, 'downloads');
      const name = readdirSync(folder).find((each) => each.endsWith('.mp4')) ?? '';
      writeFileSync(join(folder, name), 'cut short');
    },
  },
  journal: {
    at: 'killed',
    text: 'the journal of the killed run is lost',
    act: ({ installation }) =>
      rmSync(join(installation.folder, 'run/backstep/journal'), { recursive: true }),
  },
  theme: {
    at: 'returned',
    text: 'the theme is deleted after the return',
    act: async ({ client }) => {
      const themes = (await client.get('/api/themes')).list('themes');
      const own = themes.find((theme) => Object(theme)['isOwn'] === true);
      await client.delete(`/api/themes/${Object(own)['id']}`);
    },
  },
} as const satisfies Record<string, Breakage>;

export type BreakageName = keyof typeof breakages;

/** Lets the chosen breakage happen when its moment has come. */
export async function interfere(
  chosen: BreakageName | null,
  moment: Moment,
  surroundings: Surroundings,
): Promise<void> {
  if (chosen === null) return;
  const breakage: Breakage = breakages[chosen];
  if (breakage.at === moment) await breakage.act(surroundings);
}
