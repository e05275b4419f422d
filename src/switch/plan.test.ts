import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complexityOf, objectiveTypeOf, type Extent } from './plan.ts';

const documents: Extent = {
  mergedKinds: ['json'],
  switchesRelease: false,
  pairCount: 1,
  hasDamagedState: false,
  isOneWay: false,
  isEmergency: false,
};

const cases: readonly (readonly [string, Partial<Extent>, readonly [string, string]])[] = [
  ['documents alone', {}, ['LOW', 'configuration']],
  ['program files too', { switchesRelease: true }, ['MEDIUM', 'application']],
  ['a database', { mergedKinds: ['json', 'sqlite'] }, ['HIGH', 'database']],
  ['several upgrades at once', { switchesRelease: true, pairCount: 2 }, ['HIGH', 'application']],
  ['a way that does not lead back', { isOneWay: true }, ['CRITICAL', 'configuration']],
  [
    'damaged live state',
    { mergedKinds: ['sqlite'], hasDamagedState: true },
    ['CRITICAL', 'system'],
  ],
  ['an emergency', { mergedKinds: ['sqlite'], isEmergency: true }, ['HIGH', 'emergency']],
];

test('class and objective follow from what a switch replaces', () => {
  for (const [what, extent, expected] of cases) {
    const whole = { ...documents, ...extent };
    assert.deepEqual([complexityOf(whole), objectiveTypeOf(whole)], expected, what);
  }
});
