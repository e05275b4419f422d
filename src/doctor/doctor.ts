import { BackstepError } from '../fault/backstep-error.ts';
import { isSqliteError } from '../sqlite/database.ts';
import type { Ground } from '../switch/ground.ts';
import { machine } from './examinations/machine.ts';
import { people } from './examinations/people.ts';
import { places } from './examinations/places.ts';
import { records } from './examinations/records.ts';
import { sqlite } from './examinations/sqlite.ts';
import { wayBack } from './examinations/way-back.ts';

/** Something that would make a rollback fail tonight (`error`), or that would make it worse than it need be. */
export interface DoctorFinding {
  readonly severity: 'error' | 'warning';
  /** What was looked at, in a word or two. */
  readonly about: string;
  readonly found: string;
  /** What to do about it. */
  readonly remedy: string;
}

export interface Patient {
  readonly ground: Ground;
  readonly signal: AbortSignal;
}

/** One look at one thing; yields nothing where all is well. Throws where it cannot look. */
export interface Examination {
  readonly about: string;
  look(patient: Patient): Promise<readonly DoctorFinding[]> | readonly DoctorFinding[];
}

export const examinations: readonly Examination[] = [
  ...records,
  ...wayBack,
  ...places,
  ...machine,
  ...sqlite,
  ...people,
];

/** Looks at everything; what one look cannot see keeps no other from looking. Changes nothing that stays. */
export async function examine(patient: Patient): Promise<readonly DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const examination of examinations) {
    if (patient.signal.aborted) throw interrupted();
    findings.push(...(await lookAt(examination, patient)));
  }
  return findings;
}

async function lookAt(
  examination: Examination,
  patient: Patient,
): Promise<readonly DoctorFinding[]> {
  const { about } = examination;
  try {
    return await examination.look(patient);
  } catch (error) {
    if (error instanceof BackstepError) {
      return [{ severity: 'error', about, found: error.message, remedy: error.hint }];
    }
    if (!isSqliteError(error)) throw error;
    const remedy = 'look whether the file is a sound database: `backstep verify`';
    return [{ severity: 'error', about, found: error.message, remedy }];
  }
}

function interrupted(): BackstepError {
  return new BackstepError('interrupted', {
    message: 'the examination was interrupted',
    hint: 'nothing was changed; run it again',
  });
}

/** One line where all is well. */
export function doctorLines(app: string, findings: readonly DoctorFinding[]): string[] {
  if (findings.length === 0) {
    return [
      `${app}: nothing stands in the way of a rollback (${examinations.length} examinations)`,
    ];
  }
  const inOrder = [
    ...findings.filter(({ severity }) => severity === 'error'),
    ...findings.filter(({ severity }) => severity === 'warning'),
  ];
  return inOrder.flatMap(({ severity, about, found, remedy }) => [
    `${severity === 'error' ? '✗' : '!'} ${about}: ${oneLine(found)}`,
    `  what to do: ${oneLine(remedy)}`,
  ]);
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}
