import { entryLines, type DocumentProposal } from '../json/propose/proposal.ts';
import type { Finding } from '../place.ts';

/** What is told of one document. */
export interface DocumentDraft {
  /** `configuration/config.json` */
  readonly name: string;
  /** Lines of its entry; comments among them. */
  readonly lines: readonly string[];
  /** What a person has to say; one line each. */
  readonly holes: readonly string[];
}

/** Lines for what the data proves, and guesses as comments, each under the question whether it is one. */
export function draftDocuments(surveyed: {
  readonly findings: readonly Finding[];
  readonly proposals?: readonly DocumentProposal[];
}): DocumentDraft[] {
  const { findings, proposals = [] } = surveyed;
  const explained = new Set(proposals.flatMap(({ places }) => places));
  const open = findings.filter(
    ({ faith, place }) => faith === 'rewritten' && !explained.has(place),
  );
  const names = new Set([
    ...proposals.flatMap(({ documents }) => Object.keys(documents)),
    ...open.map(({ place }) => documentOf(place)),
  ]);
  return [...names].map((name) => {
    const told = proposals.filter(({ documents }) => documents[name] !== undefined);
    const guesses = told.filter(({ isProven }) => !isProven);
    return {
      name,
      lines: told.filter(({ isProven }) => isProven).flatMap((each) => provenLines(name, each)),
      holes: [
        ...guesses.map((each) => guessOf(name, each)),
        ...open
          .filter(({ place }) => documentOf(place) === name)
          .map(
            ({ place }) => `${place}: the upgrade rewrote it; say where the old value stands now`,
          ),
      ],
    };
  });
}

function provenLines(name: string, { documents, evidence }: DocumentProposal): string[] {
  return [`# ${evidence}`, ...entryLines(documents[name] ?? {})];
}

function guessOf(name: string, { documents, evidence }: DocumentProposal): string {
  return `${name}: ${evidence}; if it is so, write \`${entryLines(documents[name] ?? {}).join('`, `')}\``;
}

/** `configuration/config.json` of `configuration/config.json#theme`. */
function documentOf(place: string): string {
  const at = place.indexOf('#');
  return at < 0 ? place : place.slice(0, at);
}
