import { BackstepError } from '../fault/backstep-error.ts';
import { faultOf } from '../form/problem.ts';
import { readTextFile } from '../form/read-text.ts';
import type { Disk } from '../host/disk.ts';
import type { Manifest } from './manifest.ts';
import { parseManifest } from './parse.ts';
import { pathsOf, type System } from './system.ts';

export const manifestName = 'backstep.yaml';

/** The nearest backstep.yaml in `folder` (absolute) or above it. Throws `manifest/missing`. */
export function findManifest(disk: Disk, folder: string, system: System): string {
  const rules = pathsOf(system.platform);
  for (let here = folder; ; here = rules.dirname(here)) {
    const file = rules.join(here, manifestName);
    if (disk.lstat(file)?.kind === 'file') return file;
    if (rules.dirname(here) !== here) continue;
    throw new BackstepError('manifest/missing', {
      message: `there is no ${manifestName} in ${folder} or above it`,
      hint: 'run `backstep init` there, or name the file with --manifest FILE',
    });
  }
}

/**
 * Reads a manifest (absolute path) and checks it. Throws `manifest/missing`, `manifest/invalid` with
 * every problem of the file, and what the disk throws.
 */
export function loadManifest(disk: Disk, file: string, system: System): Manifest {
  const stat = disk.lstat(file);
  if (stat === null) {
    throw new BackstepError('manifest/missing', {
      message: `there is no file ${file}`,
      hint: 'run `backstep init`, or name another file with --manifest FILE',
    });
  }
  const read = readTextFile(disk, file);
  const reading = read.ok ? parseManifest({ text: read.text, file, system }) : read;
  if (reading.ok) return reading.value;
  throw faultOf('manifest/invalid', file, reading.problems);
}
