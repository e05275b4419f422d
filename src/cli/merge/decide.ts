import { BackstepError } from '../../fault/backstep-error.ts';
import { nearest } from '../../form/nearest.ts';
import { parsePath } from '../../law/json/path.ts';
import { choices, type Choice, type Decision, type Finding, type Place } from '../../law/place.ts';
import type { InputKind } from './inputs.ts';
import type { Named } from './named.ts';
import { isSameName } from '../../sqlite/spelling.ts';

export interface Deciding {
  readonly kind: InputKind;
  readonly named: Named;
  readonly findings: readonly Finding[];
  /** ISO 8601, UTC. */
  readonly at: string;
}

/**
 * Reads `--decide PLACE=CHOICE`; the place with or without its asset (`history.users.name`, `users.name`,
 * `config.json#ui`, `ui`). Throws `reversal/decision` for what is no place with something to decide.
 */
export function decide(written: readonly string[], deciding: Deciding): Decision[] {
  return written.map((text) => {
    const cut = text.lastIndexOf('=');
    const choice = choices.find((each) => each === text.slice(cut + 1));
    if (cut < 1 || choice === undefined) throw noChoice(text, cut);
    const place = placeOf(text.slice(0, cut), deciding);
    return decision(place, choice, deciding);
  });
}

function decision(place: Place, choice: Choice, { at }: Deciding): Decision {
  return { place, choice, by: 'operator', at, evidence: '--decide' };
}

function placeOf(written: string, deciding: Deciding): Place {
  return deciding.kind === 'sqlite' ? columnOf(written, deciding) : pathOf(written, deciding);
}

function columnOf(written: string, { named, findings }: Deciding): Place {
  const within = written.startsWith(`${named.asset}.`)
    ? written.slice(named.asset.length + 1)
    : written;
  const found = findings.find(
    ({ place }) => isSameName(place, written) || isSameName(place, within),
  );
  if (found !== undefined && ['rewritten', 'unproven'].includes(found.faith)) return found.place;
  if (found === undefined) throw unknown(written, within, findings);
  const why = found.faith === 'faithful' ? 'the upgrade left it alone' : 'only one release has it';
  throw new BackstepError('reversal/decision', {
    message: `--decide ${written}: there is nothing to decide: ${why}`,
    hint: 'leave it out',
  });
}

function pathOf(written: string, { named, findings }: Deciding): Place {
  const document = `${named.asset}/${named.unit}`;
  const path = [`${document}#`, `${named.unit}#`, '#']
    .filter((start) => written.startsWith(start))
    .map((start) => written.slice(start.length))[0];
  const within = path ?? written;
  const place = [document, named.unit, '$'].includes(written) ? document : `${document}#${within}`;
  const isKnown = findings.some((finding) => touches(finding.place, place));
  if (isKnown && (place === document || parsePath(within) !== null)) return place;
  throw unknown(written, place, findings);
}

/** One lies within the other, or they are one. */
function touches(one: Place, other: Place): boolean {
  const isWithin = (inner: Place, outer: Place): boolean =>
    inner === outer || (inner.startsWith(outer) && /^[#.[]/.test(inner.slice(outer.length)));
  return isWithin(one, other) || isWithin(other, one);
}

function unknown(written: string, within: string, findings: readonly Finding[]): BackstepError {
  const places = findings.map(({ place }) => place);
  const near = nearest(within, places);
  return new BackstepError('reversal/decision', {
    message: `--decide ${written}: there is no such place in these states`,
    hint: near === null ? 'the merge lists the places without --decide' : `did you mean ${near}?`,
  });
}

function noChoice(text: string, cut: number): BackstepError {
  const near = cut < 1 ? null : nearest(text.slice(cut + 1), choices);
  return new BackstepError('reversal/decision', {
    message: `--decide ${text}: expected PLACE=CHOICE, the choice one of ${choices.join(', ')}`,
    hint:
      near === null
        ? 'for instance --decide users.status=park'
        : `did you mean ${text.slice(0, cut)}=${near}?`,
  });
}
