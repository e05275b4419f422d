import { join } from 'node:path';
import { BackstepError } from '../fault/backstep-error.ts';
import { jsonOrNull } from '../form/json-text.ts';
import { z } from '../form/schema.ts';
import { ensurePrivateFolder, readPrivate, removeIfThere, writePrivate } from './private-file.ts';
import type { ServiceSurroundings } from './service.ts';

const facts = z.record(z.string(), z.string());

/**
 * What a manager's own setting was before it was masked, so that unmasking brings back just that. Written
 * before the setting is changed and never overwritten: a run that is killed in between, and run again, does
 * not take its own change for the owner's.
 */
export interface Remembered {
  read(): Readonly<Record<string, string>> | null;
  /** Keeps what is remembered already; returns what counts. */
  keep(found: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  forget(): void;
}

export function remembered({ host, folder }: ServiceSurroundings, name: string): Remembered {
  const path = join(folder, `${name}.json`);
  const read = (): Readonly<Record<string, string>> | null => {
    const text = readPrivate(host.disk, path);
    return text === null ? null : factsIn(text, path);
  };
  return {
    read,
    keep: (found) => {
      const known = read();
      if (known !== null) return known;
      ensurePrivateFolder(host.disk, folder);
      writePrivate(host, path, JSON.stringify(found));
      return found;
    },
    forget: () => removeIfThere(host.disk, path),
  };
}

function factsIn(text: string, path: string): Readonly<Record<string, string>> {
  const found = facts.safeParse(jsonOrNull(text));
  if (found.success) return found.data;
  throw new BackstepError('switch/record', {
    message: `${path} is damaged: it said what the service's own setting was before it was masked`,
    hint: 'set by hand whether the service starts by itself, then remove the file and run the command again',
  });
}
