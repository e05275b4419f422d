/** Tries changed inputs on one reader, within a bounded time, and says how many with which seed. */
import assert from 'node:assert/strict';
import process from 'node:process';
import type { TestContext } from 'node:test';
import {
  check,
  interruptAfterTimeLimit,
  property,
  type Arbitrary,
  type RunDetails,
} from 'fast-check';
import '../chance.ts';
import { BackstepError } from '../../src/fault/backstep-error.ts';

/** How long each reader is tried; `BACKSTEP_FUZZ_SECONDS` makes it longer, `BACKSTEP_FUZZ_SEED` takes another seed than `test/chance.ts`. */
const secondsEach = Number(process.env['BACKSTEP_FUZZ_SECONDS'] ?? 1.5);
const runLimit = 1_000_000;

/**
 * `read` must return, or refuse with a `BackstepError` that says what is wrong and what to do. Prints seed and counts;
 * a failure also prints the path to the smallest input that fails.
 */
export function attempt<T>(t: TestContext, inputs: Arbitrary<T>, read: (input: T) => void): void {
  const count = { taken: 0, refused: 0 };
  const given = process.env['BACKSTEP_FUZZ_SEED'];
  const rule = property(inputs, (input) => {
    if (refusal(() => read(input)) === null) count.taken += 1;
    else count.refused += 1;
  });
  const details = check(rule, {
    numRuns: runLimit,
    plugins: [interruptAfterTimeLimit(secondsEach * 1000)],
    ...(given === undefined ? {} : { seed: Number(given) }),
  });
  t.diagnostic(`seed ${details.seed}: ${count.taken} taken, ${count.refused} refused`);
  assert(!details.failed || details.counterexample === null, failureText(details));
  assert(count.taken + count.refused > 0, 'no input was tried');
}

/** The error by which something was refused, null where it was taken; any other error passes. */
export function refusal(act: () => void): BackstepError | null {
  try {
    act();
    return null;
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
    assert(error.message !== '' && error.hint !== '', `${error.code} says nothing`);
    return error;
  }
}

function failureText<T>({ seed, counterexamplePath, errorInstance }: RunDetails<T>): string {
  const error = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
  return `seed ${seed}, path ${counterexamplePath}\n${error}`;
}
