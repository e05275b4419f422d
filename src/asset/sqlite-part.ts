import { BackstepError } from '../fault/backstep-error.ts';
import type { MergeRequest } from './asset.ts';
import type { DatabaseAsset } from './sqlite-terms.ts';

/** Single tables need the database in all three states. Throws `law/part`. */
export function requireWholeStates(
  { asset }: DatabaseAsset,
  states: readonly (string | null)[],
): void {
  if (!states.includes(null)) return;
  throw refused(`${asset.name}: the database is not there in every state`);
}

/** Nobody knows what a damaged database holds beside the named tables. Throws `law/part`. */
export function refuseDamagedPart(
  { asset }: DatabaseAsset,
  { parts }: MergeRequest,
  damage: string,
): void {
  if (parts !== undefined) throw refused(`${asset.name}: the database is damaged: ${damage}`);
}

function refused(message: string): BackstepError {
  return new BackstepError('law/part', { message, hint: 'roll the whole database back' });
}
