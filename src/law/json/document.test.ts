import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackstepError } from '../../fault/backstep-error.ts';
import { jsonDocuments, jsonValues } from './arbitrary.ts';
import { readDocument } from './document.ts';
import { isSame, jsonNumber, jsonObject, jsonString, type Json } from './value.ts';
import { compactText, writeLike } from './write.ts';
import { fc } from '../../../test/chance.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => readDocument(bytesOf(text), 'config.json');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** The document with one key of its root set, or taken away. */
function withKey(source: string, key: string, value: Json | undefined): string {
  const document = read(source);
  assert(document.root.kind === 'object');
  const members = new Map(document.root.members);
  if (value === undefined) members.delete(key);
  else members.set(key, value);
  return textOf(writeLike(document, jsonObject(members)));
}

describe('reading a document', () => {
  it('keeps the source text of numbers', () => {
    assert.deepEqual(read('9007199254740993').root, jsonNumber('9007199254740993'));
    assert.equal(isSame(read('1').root, read('1.0').root), false);
    assert.equal(isSame(read('1e2').root, read('100').root), false);
    assert.equal(isSame(read('-0').root, read('0').root), false);
  });

  it('reads every escape, and lone surrogates as they are', () => {
    const { root } = read(String.raw`"\"\\\/\b\f\n\r\té\ud800"`);
    assert.deepEqual(root, jsonString('"\\/\b\f\n\r\té\ud800'));
    assert.equal(compactText(jsonString('\ud800')), String.raw`"\ud800"`);
  });

  it('reads what JSON.parse reads, and refuses what it refuses', () => {
    const mutated = fc
      .tuple(jsonDocuments(), fc.nat(), fc.constantFrom('', ',', '}', '"', '\\', '0', ' ', '\n'))
      .map(
        ([text, at, put]) =>
          text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1),
      );
    fc.assert(
      fc.property(mutated, (text) => {
        const reading = attempt(() => readDocument(bytesOf(text), 'd'));
        const parsing = attempt((): unknown => JSON.parse(new TextDecoder().decode(bytesOf(text))));
        if (reading.fault?.code === 'document/duplicate-key') return;
        assert.equal(reading.fault === null, parsing.value !== undefined, text);
        if (reading.value !== undefined) {
          assert.deepEqual(JSON.parse(compactText(reading.value.root)), parsing.value);
        }
      }),
      { numRuns: 1000 },
    );
  });

  const refused: [string, string, string][] = [
    ['{"a": 1, "a": 2}', 'document/duplicate-key', 'line 1, column 10: the key "a" stands twice'],
    [
      '{\n  "a": 1,\n}',
      'document/syntax',
      "line 3, column 1: expected a key in double quotes, found '}'",
    ],
    ['[1 2]', 'document/syntax', "line 1, column 4: expected ',' or ']', found '2'"],
    ['', 'document/syntax', 'line 1, column 1: expected a value, found the end of the text'],
    ['{"a": 01}', 'document/syntax', "line 1, column 8: expected ',' or '}', found '1'"],
    ['"a\nb"', 'document/syntax', 'line 1, column 3: expected the closing quote, found U+000A'],
    [
      String.raw`"\x41"`,
      'document/syntax',
      "line 1, column 3: expected an escape that JSON knows, found 'x'",
    ],
    ['{} {}', 'document/syntax', "line 1, column 4: expected the end of the document, found '{'"],
    ['nul', 'document/syntax', "line 1, column 1: expected a value, found 'n'"],
  ];
  for (const [text, code, message] of refused) {
    it(`refuses ${JSON.stringify(text)} with the place`, () => {
      assert.throws(() => read(text), {
        name: 'BackstepError',
        code,
        message: `config.json: ${message}`,
      });
    });
  }

  it('refuses 100,000 brackets in one another without running out of stack', () => {
    for (const text of ['['.repeat(100_000), '{"a":'.repeat(100_000)]) {
      assert.throws(() => read(text), { code: 'document/too-deep' });
    }
    const deepest = '['.repeat(1000) + ']'.repeat(1000);
    assert.equal(compactText(read(deepest).root), deepest);
  });

  it('refuses bytes that are no UTF-8, with the byte', () => {
    const bytes = Buffer.concat([
      Buffer.from('{\n"a": "é'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]);
    assert.throws(() => readDocument(bytes, 'c.json'), {
      code: 'document/encoding',
      message: 'c.json: line 2, byte offset 11: this is no UTF-8',
    });
    assert.throws(() => readDocument(Buffer.from([0x22, 0xe2, 0x82]), 'c.json'), {
      code: 'document/encoding',
    });
  });

  it('takes keys such as __proto__ for what they are', () => {
    const { root } = read('{"__proto__": {"polluted": true}, "constructor": 1, "": 2}');
    assert(root.kind === 'object');
    assert.deepEqual([...root.members.keys()], ['__proto__', 'constructor', '']);
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  });
});

describe('writing a document', () => {
  it('gives back the exact bytes of a value that is the same', () => {
    fc.assert(
      fc.property(jsonDocuments(), (text) => {
        const document = readDocument(bytesOf(text), 'd');
        const copy = readDocument(bytesOf(compactText(document.root)), 'd').root;
        assert.deepEqual(Buffer.from(writeLike(document, copy)), Buffer.from(bytesOf(text)));
      }),
    );
  });

  it('writes any value so that it reads as the same', () => {
    fc.assert(
      fc.property(jsonDocuments(), jsonValues(), (text, value) => {
        const document = readDocument(bytesOf(text), 'd');
        const again = readDocument(writeLike(document, value), 'd').root;
        assert(isSame(again, value), `${compactText(again)} is not ${compactText(value)}`);
      }),
    );
  });

  it('keeps indent, newlines, byte order mark, order and every untouched character', () => {
    const source =
      '\uFEFF{\r\n\t"b" : [1, 2.50,\r\n  3],\r\n\t"a" : "\\u00e9",\r\n\t"c" : { "x":1 }\r\n}\r\n\r\n';
    assert.equal(
      withKey(source, 'new', jsonObject([['k', jsonNumber('1')]])),
      source.replace('{ "x":1 }', '{ "x":1 },\r\n\t"new" : {\r\n\t\t"k" : 1\r\n\t}'),
    );
    assert.equal(withKey(source, 'a', jsonNumber('7')), source.replace(String.raw`"\u00e9"`, '7'));
    assert.equal(
      withKey(source, 'b', undefined),
      source.replace('"b" : [1, 2.50,\r\n  3],\r\n\t', ''),
    );
  });

  it('keeps a document on one line on one line', () => {
    const value = jsonObject([['k', jsonNumber('1')]]);
    assert.equal(withKey('{"a":1}', 'b', value), '{"a":1,"b":{"k":1}}');
    assert.equal(withKey('{"a": 1}\n', 'b', value), '{"a": 1, "b": {"k": 1}}\n');
    assert.equal(withKey('{ "a": 1, "c": 2 }', 'b', value), '{ "a": 1, "c": 2, "b": {"k": 1} }');
    assert.equal(withKey('{ "a": 1 }', 'a', undefined), '{}');
  });

  it('indents what is new by the unit of the document', () => {
    const source = '{\n    "a": {\n        "b": 1\n    }\n}\n';
    const list = readDocument(bytesOf('[{"y":[]}]'), 'd').root;
    assert.equal(
      withKey(source, 'z', list),
      source.replace(
        '    }\n}',
        '    },\n    "z": [\n        {\n            "y": []\n        }\n    ]\n}',
      ),
    );
  });
});

function attempt<T>(run: () => T): { value?: T; fault: BackstepError | null } {
  try {
    return { value: run(), fault: null };
  } catch (fault) {
    if (fault instanceof BackstepError) return { fault };
    if (fault instanceof SyntaxError) return { fault: null };
    throw fault;
  }
}
