import { duration } from '../../form/units.ts';
import { strict, z } from '../../form/schema.ts';
import { command } from '../../form/command.ts';
import { sharedKeys } from './shared-keys.ts';

/**
 * State that no other kind holds, through the application's own commands. `capture` writes it to its
 * standard output (or to `{file}`), `restore` reads it from its standard input (or from `{file}`),
 * `check` exits 0 if what is there equals what stands on its standard input (or in `{file}`).
 */
export const commandAsset = strict({
  kind: z.literal('command'),
  capture: command,
  restore: command,
  check: command.optional(),
  timeout: duration.prefault('1m'),
  ...sharedKeys,
});
