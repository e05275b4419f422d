import { yamlWord } from '../../../form/yaml-word.ts';
import type { Place } from '../../place.ts';
import { parsePath } from '../path.ts';
import { isDocumentRefusal, parseDocumentReversal } from '../reversal.ts';
import type { JsonObject } from '../value.ts';

/** What a reversal file says of a place that moved, or whose words changed; see `parseDocumentReversal`. */
export type ProposedEntry =
  | string
  | { readonly map: Words }
  | { readonly key: string; readonly fields?: Readonly<Record<string, Words>> };
/** New word → old word. */
type Words = Readonly<Record<string, string>>;
/** By old path. */
export type ProposedEntries = Readonly<Record<string, ProposedEntry>>;

/** A document before and after an upgrade. */
export interface PairedDocument {
  /** `configuration/config.json` */
  readonly name: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
  /** Entries that a reversal file has for it: what they account for is left alone. */
  readonly written: Readonly<Record<string, unknown>>;
}

/** What a pair suggests of one old place, in the words of a reversal file. */
export interface DocumentProposal {
  readonly kind: 'moved' | 'words' | 'elements';
  /** `configuration/config.json#theme`; of several documents `user-data/*.json#theme`. */
  readonly place: Place;
  /** The old place in each document. */
  readonly places: readonly Place[];
  /** Document → its entries. */
  readonly documents: Readonly<Record<string, ProposedEntries>>;
  /** The data leaves no other reading: taken where nobody is asked. Else a guess, for a person to confirm. */
  readonly isProven: boolean;
  /** Without values, but for words that stand for others. */
  readonly evidence: string;
}

/** `theme: ui.theme.mode`: a line of a reversal file for each entry. */
export function entryLines(entries: ProposedEntries): string[] {
  return Object.entries(entries).map(([old, entry]) => {
    if (typeof entry === 'string') return `${yamlWord(old)}: ${yamlWord(entry)}`;
    return `${yamlWord(old)}: ${'map' in entry ? `{ map: ${wordsText(entry.map)} }` : elementsText(entry)}`;
  });
}

function elementsText({ key, fields }: Extract<ProposedEntry, { key: string }>): string {
  if (fields === undefined) return `{ key: ${yamlWord(key)} }`;
  const all = Object.entries(fields).map(
    ([field, words]) => `${yamlWord(field)}: ${wordsText(words)}`,
  );
  return `{ key: ${yamlWord(key)}, fields: { ${all.join(', ')} } }`;
}

function wordsText(words: Words): string {
  const all = Object.entries(words).map(([latest, old]) => `${yamlWord(latest)}: ${yamlWord(old)}`);
  return `{ ${all.join(', ')} }`;
}

/** The entries that were taken from the data, but for those that meet what is written for the same document. */
export function besideWritten(
  written: Readonly<Record<string, unknown>>,
  taken: ProposedEntries,
): ProposedEntries {
  const document = { reversalFile: '', document: '' };
  const entries = Object.entries(taken).filter(([old, entry]) => {
    if (written[old] !== undefined || parsePath(old) === null) return false;
    try {
      parseDocumentReversal({ ...written, [old]: entry }, document);
      return true;
    } catch (error) {
      if (isDocumentRefusal(error)) return false;
      throw error;
    }
  });
  return Object.fromEntries(entries);
}
