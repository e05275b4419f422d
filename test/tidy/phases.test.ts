import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runKinds } from '../../src/switch/plan.ts';
import { phases } from '../../src/switch/phases.ts';
import { expectations, refusals } from '../crash/phase-expectations.ts';
import { scenes } from '../crash/scenes.ts';

test('every phase says what a kill, an error and a hang in it come to', () => {
  assert.deepEqual(Object.keys(expectations), [...phases]);
  for (const [phase, { killed, error, hang }] of Object.entries(expectations)) {
    for (const { states } of [killed, error]) {
      assert.ok(states.includes(`begun ${phase}`), phase);
      assert.match(states.at(-1) ?? '', /^ended /, phase);
    }
    assert.ok(hang.kind === 'hangs' || hang.why.length > 0, phase);
  }
  assert.deepEqual([...refusals].toSorted(), ['EACCES', 'EIO', 'EMFILE', 'ENOSPC', 'EROFS']);
});

test('every kind of switch has a scene in which it is killed', () => {
  const names: readonly string[] = scenes.map(({ name }) => name);
  assert.deepEqual(
    runKinds.filter((kind) => !names.includes(kind)),
    [],
  );
});
