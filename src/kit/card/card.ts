import type { KitFacts, KitPart } from '../part.ts';
import { cardLines, cardText } from './lines.ts';
import { pdfPage } from './pdf.ts';

/** What a card tells of. */
export type CardFacts = Pick<
  KitFacts,
  'app' | 'madeAt' | 'manifestFile' | 'state' | 'pair' | 'contacts'
>;

export interface CardPlace {
  /** Where the kit lies, absolute. */
  readonly folder: string;
  /** What the way without Backstep does not carry, a line each. */
  readonly notes: readonly string[];
}

/** One page to print and hang up beside the machine: as text and as PDF (A4). Throws nothing; what is too long for the page is cut, and says so. */
export function cardParts(facts: CardFacts, place: CardPlace): readonly KitPart[] {
  const lines = cardLines(facts, place);
  return [
    { name: 'card.txt', mode: 0o600, bytes: Buffer.from(cardText(lines)) },
    { name: 'card.pdf', mode: 0o600, bytes: pdfPage(lines, facts) },
  ];
}
