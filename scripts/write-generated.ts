import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GeneratedFile } from './generated.ts';

const repository = join(import.meta.dirname, '..');

/** Writes generated files into the repository and says which. */
export function writeGenerated(files: readonly GeneratedFile[]): void {
  for (const { path, text } of files) {
    const file = join(repository, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(path);
  }
}
