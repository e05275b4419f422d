import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { releases } from '../releases.ts';

for (const { version } of releases) {
  describe(`the words of the page of ${version}`, () => {
    const release = join(import.meta.dirname, '../..', version);
    const folder = join(release, 'public');
    const english = wordsOf(join(folder, 'words.en.json'));
    const vietnamese = wordsOf(join(folder, 'words.vi.json'));
    const sources = readdirSync(folder)
      .filter((name) => /\.(?:js|html)$/.test(name))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');

    const keys = [...english.keys()];
    /** Keys that a source makes of a fixed beginning: `status.${…}`. */
    const beginnings = [...sources.matchAll(/`([a-z-]+\.)\$\{/g)].map(
      ([, beginning = '']) => beginning,
    );
    /** Keys that stand in a source as they are. */
    const named = new Set(
      [...sources.matchAll(/['"`]([a-z-]+(?:\.[\w-]+)*)['"`]/g)].map(([, key = '']) => key),
    );

    test('both languages have the same keys, in the same order', () => {
      assert.deepEqual([...vietnamese.keys()], keys);
    });

    test('both languages leave the same gaps to be filled', () => {
      const gaps = (sentence: string): readonly string[] =>
        [...sentence.matchAll(/\{\w+\}/g)].map(([gap]) => gap).toSorted();
      for (const [key, sentence] of english) {
        assert.deepEqual(gaps(vietnamese.get(key) ?? ''), gaps(sentence), key);
      }
    });

    test('every key is used', () => {
      const isUsed = (key: string): boolean =>
        named.has(key) ||
        named.has(key.replace(/\.(?:one|other)$/, '')) ||
        beginnings.some((beginning) => key.startsWith(beginning));
      assert.deepEqual(
        keys.filter((key) => !isUsed(key)),
        [],
      );
    });

    test('every key that a source asks for is there', () => {
      const asked = [
        ...sources.matchAll(/data-words(?:-label|-placeholder)?['"]?[=:]\s*['"]([\w./-]+)['"]/g),
        ...sources.matchAll(/\b(?:words|field|check|formEnd)\(\s*'([^']+)'/g),
        ...sources.matchAll(/\biconButton\('\w+', '([^']+)'/g),
      ].map(([, key = '']) => key);
      assert(asked.length > 100, 'the patterns above still fit the sources');
      assert.deepEqual(
        asked.filter((key) => !keys.includes(key)),
        [],
      );
    });

    test('every error, failure and notice that has words is one that the server or the page can give', () => {
      const given = readdirSync(release, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(?:ts|js)$/.test(name))
        .map((name) => readFileSync(join(release, name), 'utf8'))
        .join('\n');
      const codes = keys
        .filter((key) => /^(?:error|notice|failure)\./.test(key))
        .map((key) => key.replace(/^(?:error|notice|failure)\./, '').replace(/\.hint$/, ''));
      assert(codes.length > 20);
      assert.deepEqual(
        codes.filter((code) => !given.includes(`'${code}'`)),
        [],
      );
    });
  });
}

/** The sentences of one language by their keys, in the order of the file. */
function wordsOf(path: string): ReadonlyMap<string, string> {
  const words: unknown = JSON.parse(readFileSync(path, 'utf8'));
  assert(typeof words === 'object' && words !== null);
  return new Map(Object.entries(words).map(([key, sentence]) => [key, String(sentence)]));
}
