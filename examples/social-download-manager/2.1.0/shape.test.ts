import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  flag,
  integer,
  listOf,
  nullable,
  oneOf,
  optional,
  partial,
  record,
  text,
} from './shape.ts';

const person = record({
  name: text({ min: 1, max: 3 }),
  age: optional(integer({ min: 0, max: 150 })),
  pets: listOf(record({ isTame: flag }), { min: 0, max: 2 }),
  role: nullable(oneOf(['admin', 'member'])),
});

test('what fits is returned typed, without keys that nobody asked for', () => {
  const value: unknown = JSON.parse(
    '{"name":"👩‍🚀","pets":[{"isTame":true,"x":1}],"role":null,"y":2}',
  );
  assert.deepEqual(person(value, ''), {
    name: '👩‍🚀',
    age: undefined,
    pets: [{ isTame: true }],
    role: null,
  });
});

test('what does not fit is refused, and the message says where', () => {
  for (const [change, message] of [
    [{ name: '' }, /^name: 1 to 3 characters/],
    [{ name: 'four' }, /^name: 1 to 3 characters/],
    [{ name: 'a\n' }, /^name: text without control characters/],
    [{ name: '\ud800' }, /^name: text without control characters/],
    [{ name: 1 }, /^name: text is expected/],
    [{ age: 1.5 }, /^age: a whole number from 0 to 150/],
    [{ age: Number.NaN }, /^age: a whole number/],
    [{ age: '1' }, /^age: a whole number/],
    [{ pets: {} }, /^pets: a list is expected/],
    [{ pets: [1, 2, 3] }, /^pets: 0 to 2 entries/],
    [{ pets: [{}] }, /^pets\[0\]\.isTame: true or false/],
    [{ role: 'root' }, /^role: one of admin, member/],
  ] as const) {
    const value = { name: 'a', pets: [], role: 'admin', ...change };
    assert.throws(() => person(value, ''), { name: 'ShapeError', message });
  }
  for (const value of [null, undefined, [], 'text'])
    assert.throws(() => person(value, ''), { message: 'an object is expected' });
});

test('keys of the prototype are no keys', () => {
  const named = record({ toString: text({ min: 0, max: 10 }) });
  assert.throws(() => named({}, ''), /^ShapeError: toString: text is expected/);
  assert.deepEqual(partial({ toString: flag })({}, ''), {});
});

test('a change holds only what is given', () => {
  const change = partial({ a: flag, b: integer({ min: 1, max: 2 }) });
  assert.deepEqual(change({ b: 2 }, ''), { b: 2 });
  assert.throws(() => change({ b: 3 }, ''), /b: a whole number from 1 to 2/);
});
