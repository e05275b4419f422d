import type { OpenQuestion } from '../../law/place.ts';
import { formatPlace } from '../../law/reversal/place-name.ts';

/** What is open about a place of an asset, for a person; without a full stop. */
export function questionText(asset: string, question: OpenQuestion): string {
  const { kind, count, total } = question;
  const place = formatPlace({ asset, place: question.place });
  switch (kind) {
    case 'damage':
      return `${place}: ${count} of ${total} were deleted, emptied or overwritten since the upgrade, more than the limit`;
    case 'lazy':
      return `${place}: ${count} of ${total} rows have got another value since the upgrade, as if the release were still migrating`;
    case 'exposed':
      return `${place}: set on ${count} of ${total} rows since the upgrade, of which the older release knows nothing: it shows those rows again`;
    case 'new-rows':
      return `${place}: all of its ${count} new rows would be parked for one reason, so that a rule is missing`;
  }
}
