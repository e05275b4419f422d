import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readDocument } from '../../src/form/document.ts';
import { z } from '../../src/form/schema.ts';
import { repository } from './tree.ts';

const example = 'examples/social-download-manager';
const formats = [
  {
    name: 'manifest',
    files: ['backstep', 'docker/backstep', 'platforms/windows', 'platforms/macos'].map(
      (file) => `${example}/${file}.yaml`,
    ),
  },
  {
    name: 'reversal',
    files: [`${example}/reversals/2.0.0-to-1.2.1.yaml`, `${example}/reversals/2.1.0-to-2.0.0.yaml`],
  },
];

function textOf(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

for (const { name, files } of formats) {
  const described: unknown = JSON.parse(textOf(`schema/${name}.schema.json`));

  for (const file of files) {
    test(`an editor finds nothing wrong with ${file}`, () => {
      const schema = z.fromJSONSchema(Object(described));
      const { value } = readDocument(textOf(file));
      assert.equal(schema.safeParse(value).error, undefined);
      assert.equal(schema.safeParse({ ...Object(value), surplus: 1 }).success, false);
    });
  }

  test(`docs/formats/${name}.md names every key of the format`, () => {
    const page = textOf(`docs/formats/${name}.md`);
    const missing = [...keysOf(described)].filter((key) => !new RegExp(`\\b${key}\\b`).test(page));
    assert.deepEqual(missing, []);
  });
}

/** Every key that a JSON Schema describes, at any depth. */
function keysOf(schema: unknown): Set<string> {
  const keys = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('properties' in node) for (const key of Object.keys(Object(node.properties))) keys.add(key);
    for (const child of Object.values(node)) visit(child);
  };
  visit(schema);
  return keys;
}
