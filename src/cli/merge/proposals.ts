import type { Reversal, TableReversal } from '../../law/reversal/reversal.ts';
import { yamlWord } from '../../form/yaml-word.ts';
import { besideWritten, entryLines } from '../../law/json/propose/proposal.ts';
import type { Finding } from '../../law/place.ts';
import type { InputKind } from './inputs.ts';
import type { Named } from './named.ts';
import type { MergeSurvey } from './subject.ts';

/** The reversal with everything that the data proves; what is written in a file wins. */
export function withProven(
  reversal: Reversal | null,
  { kind, named }: { readonly kind: InputKind; readonly named: Named },
  survey: MergeSurvey,
): Reversal | null {
  return kind === 'sqlite'
    ? withProvenMaps(reversal, named, survey.findings)
    : withProvenPlaces(reversal, named, survey);
}

function withProvenPlaces(
  reversal: Reversal | null,
  { asset, unit }: Named,
  { proposals }: MergeSurvey,
): Reversal | null {
  const name = `${asset}/${unit}`;
  const proven = proposals.filter(({ isProven }) => isProven);
  if (proven.length === 0) return reversal;
  const base = reversal ?? noReversal;
  const written = base.documents[name] ?? {};
  const entries = Object.assign({}, ...proven.map(({ documents }) => documents[name] ?? {}));
  const document = { ...written, ...besideWritten(written, entries) };
  return { ...base, documents: { ...base.documents, [name]: document } };
}

function withProvenMaps(
  reversal: Reversal | null,
  { asset }: Named,
  findings: readonly Finding[],
): Reversal | null {
  const proven = findings.filter(({ provenMap }) => provenMap !== null);
  if (proven.length === 0) return reversal;
  const base = reversal ?? noReversal;
  const known = base.databases[asset] ?? { tables: {}, rebuild: {} };
  const tables: Record<string, TableReversal> = { ...known.tables };
  for (const { place, provenMap } of proven) {
    const [table, column] = columnOf(place);
    const written = tables[table];
    const map = { [column]: provenMap ?? {}, ...written?.map };
    tables[table] = { ...written, map };
  }
  return { ...base, databases: { ...base.databases, [asset]: { ...known, tables } } };
}

const noReversal: Reversal = {
  file: '',
  sha256: '',
  from: '',
  to: '',
  databases: {},
  documents: {},
  decide: {},
  positions: {},
};

/** What the data suggests, in the words of a reversal file; no lines where it suggests nothing. */
export function proposalLines(
  kind: InputKind,
  named: Named,
  { findings, proposals }: MergeSurvey,
): string[] {
  const lines = kind === 'sqlite' ? mapLines(findings) : pathLines(proposals);
  if (lines.length === 0) return [];
  const head =
    kind === 'sqlite'
      ? ['sqlite:', `  ${named.asset}:`]
      : ['json:', `  ${yamlWord(`${named.asset}/${named.unit}`)}:`];
  return [...head, ...lines.map((line) => `    ${line}`)];
}

function mapLines(findings: readonly Finding[]): string[] {
  const proven = findings.filter(({ provenMap }) => provenMap !== null);
  const byTable = Map.groupBy(proven, ({ place }) => columnOf(place)[0]);
  return [...byTable].flatMap(([table, columns]) => {
    const maps = columns.map(({ place, provenMap }) => {
      const words = Object.entries(provenMap ?? {}).map(
        ([to, from]) => `${yamlWord(to)}: ${yamlWord(from)}`,
      );
      return `${yamlWord(columnOf(place)[1])}: { ${words.join(', ')} }`;
    });
    return [`${yamlWord(table)}:`, `  map: { ${maps.join(', ')} }`];
  });
}

/** A guess is a comment: who takes it into a file has to mean it. */
function pathLines(proposals: MergeSurvey['proposals']): string[] {
  return proposals.flatMap(({ documents, isProven, evidence }) => {
    const lines = Object.values(documents).flatMap(entryLines);
    return isProven ? lines : [`# ${evidence}`, ...lines.map((line) => `# ${line}`)];
  });
}

function columnOf(place: string): readonly [table: string, column: string] {
  const cut = place.indexOf('.');
  return [place.slice(0, cut), place.slice(cut + 1)];
}
