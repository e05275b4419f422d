import { extname } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { BackstepError } from '../fault/backstep-error.ts';
import { packageVersion } from '../host/node-package.ts';
import { keepKit, writeKit, type Kit } from '../kit/kit.ts';
import type { Ground } from '../switch/ground.ts';
import type { Call } from './context.ts';

const main = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));

const makingOf = ({ node }: Call) => ({
  backstep: [node, main] as const,
  version: packageVersion(),
});

/** Writes the kit for the newest upgrade into a folder. */
export function writtenKit(call: Call, ground: Ground, folder: string): Kit {
  return writeKit(ground, folder, makingOf(call));
}

/**
 * Brings the kit in the state folder up to date after a command that may have changed the way back. What keeps it from
 * being written is told and fails nothing: `doctor` goes on telling it.
 */
export function keptKit(call: Call, ground: Ground): void {
  try {
    keepKit(ground, makingOf(call));
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
    const message = `the emergency kit is not up to date: ${error.message}`;
    call.output.event({ type: 'warning', run: null, message }, message);
  }
}
