/**
 * Puts a flaw into the program as it is loaded: `BACKSTEP_FLAW='{"file":…,"from":…,"to":…}' node --import this-file …`. The file
 * itself stays as it is. Processes that are started from there have it as well. Throws where the file has no such text, or more than one.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { z } from '../../src/form/schema.ts';

/** One text of a source file, and what stands there instead. */
export const sourceFlaw = z.object({ file: z.string(), from: z.string(), to: z.string() });
export type SourceFlaw = z.infer<typeof sourceFlaw>;

const repository = join(import.meta.dirname, '../..');
const { file, from, to } = sourceFlaw.parse(JSON.parse(process.env['BACKSTEP_FLAW'] ?? ''));
const flawed = pathToFileURL(join(repository, file)).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url !== flawed) return loaded;
    const [before, after, ...more] = readFileSync(join(repository, file), 'utf8').split(from);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`${file} does not have this once: ${from}`);
    return { ...loaded, source: before + to + after };
  },
});
