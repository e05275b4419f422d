import { BackstepError } from '../../fault/backstep-error.ts';
import { nearest } from '../../form/nearest.ts';
import { choices, type Choice, type Place } from '../place.ts';

/** A place with the asset that it lies in. */
export interface FullPlace {
  readonly asset: string;
  /** As the asset's kind names it: `download_history.status`, `configuration/config.json#ui.theme`. */
  readonly place: Place;
}

/**
 * Reads a full place: `history.download_history.status` for a database, `configuration/config.json#ui`
 * for a document (whose own place begins with its asset). Null where the text is none.
 */
export function parsePlace(text: string): FullPlace | null {
  const [, asset, divider, rest] = /^([a-z][a-z0-9_-]*)([./])(.+)$/su.exec(text) ?? [];
  if (asset === undefined || rest === undefined) return null;
  return { asset, place: divider === '/' ? text : rest };
}

/** The text that `parsePlace` reads back. */
export function formatPlace({ asset, place }: FullPlace): string {
  return place.startsWith(`${asset}/`) ? place : `${asset}.${place}`;
}

/** Reads `--decide PLACE=CHOICE`. Throws `reversal/decision`. */
export function parseDecide(text: string): FullPlace & { readonly choice: Choice } {
  const divider = text.lastIndexOf('=');
  const place = parsePlace(text.slice(0, Math.max(divider, 0)));
  const written = text.slice(divider + 1);
  const choice = choices.find((each) => each === written);
  if (divider > 0 && place !== null && choice !== undefined) return { ...place, choice };
  const near = divider > 0 ? nearest(written, choices) : null;
  throw new BackstepError('reversal/decision', {
    message: `--decide ${text}: expected PLACE=CHOICE, the choice one of ${choices.join(', ')}`,
    hint:
      near === null
        ? 'for instance --decide history.download_history.status=park'
        : `did you mean \`${text.slice(0, divider)}=${near}\`?`,
  });
}
