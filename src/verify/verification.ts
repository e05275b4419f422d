import type { Check } from '../asset/asset.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Browser } from '../host/browser.ts';
import { isSqliteError } from '../sqlite/database.ts';
import type { Ground } from '../switch/ground.ts';
import type { Expected } from './expected.ts';

/** What every check is given. */
export interface Verification {
  readonly ground: Ground;
  /** The release that should run; null where none is known. */
  readonly release: string | null;
  /** What its state was like when all was well; null where nothing was ever recorded. */
  readonly expected: Expected | null;
  /** Null where no browser is installed. */
  readonly browser: Browser | null;
  readonly signal: AbortSignal;
}

/** Some checks that belong together. Throws where one cannot be made. */
export interface CheckGroup {
  readonly row: string;
  readonly name: string;
  run(verification: Verification): Promise<readonly Check[]> | readonly Check[];
}

/** Makes every check: what one of them cannot do keeps none of the others from being made. */
export async function runChecks(
  groups: readonly CheckGroup[],
  verification: Verification,
): Promise<readonly Check[]> {
  const all: Check[] = [];
  for (const group of groups) {
    if (verification.signal.aborted) throw interrupted();
    all.push(...(await resultOf(group, verification)));
  }
  return all;
}

function interrupted(): BackstepError {
  return new BackstepError('interrupted', {
    message: 'the verification was interrupted',
    hint: 'nothing was changed; run it again',
  });
}

async function resultOf(group: CheckGroup, verification: Verification): Promise<readonly Check[]> {
  const { row, name } = group;
  try {
    return await group.run(verification);
  } catch (error) {
    // A file that is not there, a database that is none: the finding itself.
    if (!(error instanceof BackstepError) && !isSqliteError(error)) throw error;
    return [{ row, name, status: 'error', measured: `could not be checked: ${error.message}` }];
  }
}

/** 'Could not measure' never counts as good or as bad: a warning that says so. */
export function notMeasured(row: string, name: string, why: string): Check {
  return { row, name, status: 'warning', measured: `not measured: ${why}` };
}

export function verdict(isGood: boolean): 'success' | 'error' {
  return isGood ? 'success' : 'error';
}

/** The first few of many, in one line. */
export function listed(all: readonly string[], most = 5): string {
  const more = all.length > most ? ` and ${all.length - most} more` : '';
  return `${all.slice(0, most).join('; ')}${more}`;
}
