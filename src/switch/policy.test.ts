import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackstepError } from '../fault/backstep-error.ts';
import { causes, policyAfter } from './policy.ts';

test('after a security or corruption cause a rollback is held, and undo is refused', () => {
  for (const cause of causes) {
    const isDanger = cause === 'security' || cause === 'corruption';
    const kept = policyAfter(cause, { wished: null, otherwise: 'undo' });
    assert.equal(kept, isDanger ? 'hold' : 'undo', cause);
    assert.equal(policyAfter(cause, { wished: 'hold', otherwise: 'undo' }), 'hold');
    const undo = (): string => policyAfter(cause, { wished: 'undo', otherwise: 'hold' });
    if (!isDanger) assert.equal(undo(), 'undo');
    else assert.throws(undo, (error) => error instanceof BackstepError && error.code === 'usage');
  }
  assert.equal(policyAfter(null, { wished: null, otherwise: 'hold' }), 'hold');
});
