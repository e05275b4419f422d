import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDocument } from './document.ts';
import { compileExpression, type ExpressionLimits } from './expression.ts';
import { fitsJavaScript } from './decimal.ts';
import { compactText } from './write.ts';

const place = { reversalFile: 'reversals/2-to-1.yaml', entry: 'config.json#x: get' };
const limits: ExpressionLimits = { timeoutMs: 300, depth: 200, sequence: 10_000 };

async function evaluate(source: string, document: string): Promise<string> {
  const { root } = readDocument(Buffer.from(document), 'd');
  const result = await compileExpression(source, place, limits).evaluate(root);
  if (!result.ok) return result.fault.message.replace(/^.*?: get/, 'fault');
  return result.value === undefined ? 'absent' : compactText(result.value);
}

describe('an expression', () => {
  const answers: [string, string, string][] = [
    ['a.b', '{"a": {"b": "c"}}', '"c"'],
    ['a.c', '{"a": {"b": "c"}}', 'absent'],
    ['a', '{"a": null}', 'null'],
    ['minutes / 60', '{"minutes": 90}', '1.5'],
    ['list[id = 2].name', '{"list": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]}', '"b"'],
    ['{"x": a, "y": [b]}', '{"a": 1.0, "b": 1e3}', '{"x":1.0,"y":[1e3]}'],
    ['[list.{"n": v}]', '{"list": [{"v": 2.50}, {"v": -0}]}', '[{"n":2.50},{"n":-0}]'],
    ['a + b', '{"a": 1.0, "b": 1.0}', '2'],
    ['$', '{"a": 9007199254740993, "__proto__": {}}', '{"a":9007199254740993,"__proto__":{}}'],
    ['$merge([a, {"z": 2}])', '{"a": {"y": 1.0}}', '{"y":1.0,"z":2}'],
    ['[a, b]', '{"a": 1.0, "b": 1}', '[1,1]'],
    ['constructor', '{}', 'absent'],
    ['toString', '{"a": 1}', 'absent'],
    ['$ ~> |a|{"b": 2}|', '{"a": {"b": 1, "c": 0.25}}', '{"a":{"b":2,"c":0.25}}'],
    ['$contains(a, /b+/)', '{"a": "abbc"}', 'true'],
    ['$replace(a, /b+/, "-")', '{"a": "abbcb"}', '"a-c-"'],
    ['$map(list, function($v) { $v })', '{"list": [1.0, 2]}', '[1.0,2]'],
    ['$', '9.0', '9.0'],
    ['$', '[1, [2]]', '[1,[2]]'],
  ];
  for (const [source, document, answer] of answers) {
    it(`${source} over ${document} is ${answer}`, async () => {
      assert.equal(await evaluate(source, document), answer);
    });
  }

  it('passes a container on with what JavaScript cannot hold inside', async () => {
    assert.equal(
      await evaluate('a.b', '{"a": {"b": {"id": 9007199254740993}}}'),
      '{"id":9007199254740993}',
    );
  });

  const refused: [string, string, string][] = [
    [
      'a',
      '{"a": 9007199254740993}',
      'fault: an expression cannot hold the number 9007199254740993 at a exactly',
    ],
    [
      'b.c',
      '{"b": {"c": 1e400}}',
      'fault: an expression cannot hold the number 1e400 at b.c exactly',
    ],
    [
      '$',
      '9007199254740993',
      'fault: an expression cannot hold the number 9007199254740993 at the root exactly',
    ],
    [
      '"" & a',
      '{"a": 0.1234567890123456}',
      'fault: an expression cannot hold the number 0.1234567890123456 at a exactly',
    ],
    [
      '$merge([$, {}])',
      '{"__proto__": 1}',
      'fault, character 7: an expression cannot read the key at __proto__',
    ],
    [
      'a * 2',
      '{"a": 9007199254740990}',
      'fault: the result holds 18014398509481980, an integer that JavaScript cannot hold exactly',
    ],
    ['function($x) { $x }', '{}', 'fault: the result holds a function'],
    [
      'a + "x"',
      '{"a": 1}',
      'fault, character 3: The right side of the "+" operator must evaluate to a number',
    ],
    [
      '($f := function($n) { 1 + $f($n) }; $f(1))',
      '{}',
      'fault, character 29: Stack overflow. Check for non-terminating recursive function.  Consider rewriting as tail-recursive',
    ],
    [
      '$contains(a, /(a+)+$/)',
      `{"a": "${'a'.repeat(40)}b"}`,
      'fault, character 10: Script execution timed out after 1000ms',
    ],
  ];
  for (const [source, document, message] of refused) {
    it(`${source} over ${document} is refused`, async () => {
      assert.equal(await evaluate(source, document), message);
    });
  }

  it('is stopped when it takes too long', async () => {
    const message = await evaluate('($f := function() { $f() }; $f())', '{}');
    assert.match(message, /^fault, character \d+: Evaluation timeout after 300 milliseconds/);
  });

  it('refuses what is no expression, with file, entry and character', () => {
    assert.throws(() => compileExpression('a +', place), {
      code: 'reversal/expression',
      message:
        'reversals/2-to-1.yaml: config.json#x: get, character 3: Unexpected end of expression',
    });
    assert.throws(() => compileExpression('('.repeat(60_000), place), {
      code: 'reversal/expression',
    });
    assert.throws(
      () => compileExpression('a'.repeat(70_000), place),
      /longer than 65536 characters/,
    );
  });

  for (const source of [
    '$now()',
    '[1, $random()]',
    '$eval("$now()")',
    'a ~> $shuffle',
    '$millis()',
  ]) {
    it(`refuses ${source}, which may answer otherwise at the next run`, () => {
      assert.throws(
        () => compileExpression(source, place),
        /may give something else at the next run/,
      );
    });
  }

  it('cannot reach the prototype of objects', async () => {
    assert.throws(() => compileExpression('{"__proto__": {"polluted": 1}}', place), /__proto__/);
    await evaluate('{"__pro" & "to__": {"polluted": 1}}', '{}');
    await evaluate(
      '$merge([a, b])',
      '{"a": {}, "b": {"constructor": {"prototype": {"polluted": 1}}}}',
    );
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  });
});

describe('fitsJavaScript', () => {
  it('tells the numbers that survive from those that change', () => {
    for (const text of [
      '0',
      '-0',
      '1.0',
      '0.1',
      '1e3',
      '1E+3',
      '1.50e-7',
      '9007199254740992',
      '1e21',
      '-2.5e-10',
    ]) {
      assert(fitsJavaScript(text), text);
    }
    for (const text of [
      '9007199254740993',
      '0.1000000000000000055',
      '1e400',
      '1e-400',
      '-9007199254740993',
    ]) {
      assert(!fitsJavaScript(text), text);
    }
  });
});
