import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBeforeCommit, phases, recoveryFor } from './phases.ts';

const policies = ['undo', 'hold'] as const;

test('before the commit record an abort changes nothing about the recovery: all goes back', () => {
  for (const phase of phases.filter(isBeforeCommit)) {
    for (const kind of ['in', 'failed'] as const) {
      for (const policy of policies) {
        const state = { kind, phase };
        const abort = { policy, hasStarted: false };
        assert.equal(recoveryFor(state, abort), recoveryFor(state));
        assert.notEqual(recoveryFor(state, abort), 'forward');
      }
    }
  }
});

test('after the commit record an abort never goes forward', () => {
  for (const phase of phases.filter((each) => !isBeforeCommit(each))) {
    for (const kind of ['in', 'failed'] as const) {
      const state = { kind, phase };
      assert.equal(recoveryFor(state, { policy: 'undo', hasStarted: false }), 'rename-back');
      if (kind === 'failed' && phase === 'commit') continue;
      assert.equal(recoveryFor(state, { policy: 'hold', hasStarted: false }), 'still');
      for (const policy of policies) {
        assert.equal(recoveryFor(state, { policy, hasStarted: true }), 'policy');
      }
    }
  }
});

test('what was begun to take a run back is finished, whatever a person asks for meanwhile', () => {
  for (const abort of [null, { policy: 'hold', hasStarted: true } as const]) {
    assert.equal(recoveryFor({ kind: 'undoing' }, abort), 'rename-back');
    assert.equal(recoveryFor({ kind: 'taking-back' }, abort), 'take-back');
    assert.equal(recoveryFor({ kind: 'ended', result: 'held' }, abort), 'none');
  }
});
