import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctorLines, type DoctorFinding } from '../doctor.ts';
import { isPlaceholder } from './people.ts';

test('addresses and numbers that belong to nobody are placeholders', () => {
  for (const email of ['a@example.com', 'a@mail.example.org', 'a@x.invalid', 'a@b.test']) {
    assert.ok(isPlaceholder({ email }), email);
  }
  for (const phone of ['+1-555-0123', '(555) 0199', '+1-XXX-XXX-XXXX', '+00000000']) {
    assert.ok(isPlaceholder({ phone }), phone);
  }
  assert.ok(!isPlaceholder({ email: 'operator@operators.internal', phone: '+44 20 7946 0958' }));
  assert.ok(!isPlaceholder({ email: 'operator@notexample.net' }));
  assert.ok(!isPlaceholder({}));
});

test('errors are told before warnings, each with its remedy, in one line each', () => {
  const finding = (severity: 'error' | 'warning', found: string): DoctorFinding => ({
    severity,
    about: 'x',
    found,
    remedy: 'mend it',
  });
  assert.deepEqual(doctorLines('app', [finding('warning', 'a\nb'), finding('error', 'c')]), [
    '✗ x: c',
    '  what to do: mend it',
    '! x: a b',
    '  what to do: mend it',
  ]);
  assert.equal(doctorLines('app', []).length, 1);
});
