import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackstepError } from '../../fault/backstep-error.ts';
import { openOutput, tellError } from '../output.ts';
import { visible, visibleJson } from './visible.ts';
import { fc } from '../../../test/chance.ts';

const { assert: assertProperty, jsonValue, nat, property, string } = fc;

const nasty = 'a\u001b[2Jb\rc\u009b31md\u0007\u202etxt.exe\u007f';
/* oxlint-disable-next-line eslint/no-control-regex -- control characters are what is looked for */
const raw = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

const anyText = string({ unit: nat({ max: 0x2100 }).map((point) => String.fromCodePoint(point)) });

test('what a terminal would obey is shown, and the rest stays as it is', () => {
  assert.equal(visible('tab\there\nnext → ✓'), 'tab\there\nnext → ✓');
  assert.equal(visible('\u001b]0;x\u0007'), '\\u{1b}]0;x\\u{7}');
  assertProperty(property(anyText, (text) => !raw.test(visible(text))));
});

test('a JSON text means the same, and holds nothing that a terminal obeys', () => {
  assertProperty(
    property(jsonValue(), anyText, (value, text) => {
      const shown = visibleJson(JSON.stringify([value, text, nasty], null, 2));
      assert.doesNotMatch(shown, raw);
      assert.deepEqual(JSON.parse(shown), JSON.parse(JSON.stringify([value, text, nasty])));
    }),
  );
});

test('nothing that a command prints brings a control character to the terminal', () => {
  for (const isJson of [false, true]) {
    let printed = '';
    const stream = { write: (text: string) => (printed += text) };
    const streams = { stdout: stream, stderr: stream };
    const output = openOutput(streams, {
      isJson,
      now: () => '2026-01-01T00:00:00Z',
      monotonicMs: () => 0,
    });
    output.result({ name: nasty }, [nasty]);
    output.event({ type: 'warning', run: 'run', name: nasty }, nasty);
    output.say([nasty]);
    tellError(streams, isJson, new BackstepError('usage', { message: nasty, hint: nasty }));
    tellError(streams, isJson, new Error(nasty));
    assert.match(printed, /2J/);
    assert.doesNotMatch(printed, raw, `isJson: ${isJson}`);
  }
});
