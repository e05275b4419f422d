import { basename } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import { nearest } from '../../form/nearest.ts';
import type { Reversal } from '../../law/reversal/reversal.ts';
import type { Inputs } from './inputs.ts';

/** The names under which a reversal file and decisions speak of what is merged. */
export interface Named {
  readonly asset: string;
  readonly unit: string;
}

/** Where no reversal file names it. */
const ownNames = { sqlite: 'database', json: 'document' } as const;

/** Finds what a reversal file calls the merged thing. Throws `usage` where that is not clear. */
export function nameSubject(
  inputs: Inputs,
  reversal: Reversal | null,
  wanted: string | undefined,
): Named {
  const unit = basename(inputs.files.before.path);
  if (reversal === null) return { asset: wanted ?? ownNames[inputs.kind], unit };
  if (inputs.kind === 'sqlite') {
    const names = Object.keys(reversal.databases);
    return {
      asset: choose(reversal, names, { wanted, what: 'database', isIt: () => false }),
      unit,
    };
  }
  const names = Object.keys(reversal.documents);
  const isIt = (name: string): boolean => name.endsWith(`/${unit}`);
  const name = choose(reversal, names, { wanted, what: 'document', isIt });
  const cut = name.indexOf('/');
  return { asset: name.slice(0, cut), unit: name.slice(cut + 1) };
}

interface Choosing {
  readonly wanted: string | undefined;
  readonly what: string;
  /** Whether a name is meant where several could be. */
  readonly isIt: (name: string) => boolean;
}

function choose(reversal: Reversal, names: readonly string[], choosing: Choosing): string {
  const { wanted, what, isIt } = choosing;
  const fitting =
    wanted === undefined
      ? names
      : names.filter((name) => name === wanted || name.startsWith(`${wanted}/`));
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  const meant = fitting.filter(isIt);
  if (meant[0] !== undefined && meant.length === 1) return meant[0];
  throw new BackstepError('usage', {
    message: `${reversal.file} ${saysOf(fitting, { names, what, wanted })}`,
    hint: hintFor(fitting, names, wanted),
  });
}

function saysOf(
  fitting: readonly string[],
  known: {
    readonly names: readonly string[];
    readonly what: string;
    readonly wanted?: string | undefined;
  },
): string {
  const { names, what, wanted } = known;
  if (names.length === 0) return `says nothing of a ${what}`;
  return fitting.length === 0
    ? `says nothing of a ${what} called ${wanted ?? ''}`
    : `speaks of ${fitting.length} ${what}s, and which one is merged is not said`;
}

function hintFor(
  fitting: readonly string[],
  names: readonly string[],
  wanted: string | undefined,
): string {
  if (names.length === 0) return 'leave --reversal out, or name the file that belongs to these';
  const near = wanted === undefined ? null : nearest(wanted, names);
  if (near !== null) return `did you mean --asset ${near}?`;
  const shown = fitting.length === 0 ? names : fitting;
  return `add --asset with one of: ${shown.join(', ')}`;
}
