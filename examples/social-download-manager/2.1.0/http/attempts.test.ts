import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginAttempts } from './attempts.ts';

test('five in a minute, whatever the case of the name; after a minute again', () => {
  const attempts = new LoginAttempts();
  for (let time = 0; time < 5; time += 1) assert.equal(attempts.begin('Owner', time), true);
  assert.equal(attempts.begin('OWNER', 5), false);
  assert.equal(attempts.begin('other', 5), true);
  assert.equal(attempts.begin('owner', 60_000), true);
  assert.equal(attempts.begin('owner', 60_000), false);
});

test('the right password takes back what was counted', () => {
  const attempts = new LoginAttempts();
  for (let time = 0; time < 20; time += 1) {
    assert.equal(attempts.begin('owner', time), true);
    attempts.succeeded('owner');
  }
});

test('names that were tried long ago make room', () => {
  const attempts = new LoginAttempts();
  for (let time = 0; time < 5; time += 1) attempts.begin('first', 0);
  assert.equal(attempts.begin('first', 0), false);
  for (let number = 0; number < 10_000; number += 1) attempts.begin(`name ${number}`, 0);
  assert.equal(attempts.begin('first', 0), true);
});
