import { BackstepError } from '../../fault/backstep-error.ts';

/** What is not as it should be. */
export function notSo(message: string): BackstepError {
  return new BackstepError('incident/not-so', {
    message,
    hint: 'the item stays open; mend what is named, then do it again',
  });
}
