import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedFiles, type GeneratedFile } from '../../scripts/generated.ts';

const repository = join(import.meta.dirname, '../..');

/** Null if the text says what the file should say; JSON may be laid out in another way. */
function staleness({ path, text, command }: GeneratedFile, written: string): string | null {
  const isSame = path.endsWith('.json')
    ? JSON.stringify(JSON.parse(written)) === JSON.stringify(JSON.parse(text))
    : written === text;
  return isSame ? null : `${path} is stale: run \`${command}\``;
}

for (const file of await generatedFiles()) {
  test(`${file.path} is as the code makes it`, () => {
    const written = readFileSync(join(repository, file.path), 'utf8');
    assert.equal(staleness(file, written), null);
  });

  test(`${file.path} would be found stale`, () => {
    const altered = file.text.replace('manifest', 'manifset').replace('release', 'realese');
    assert.notEqual(altered, file.text);
    assert.match(staleness(file, altered) ?? '', /is stale: run `node/);
  });
}
