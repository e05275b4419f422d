import type { Reversal, TableReversal } from '../../law/reversal/reversal.ts';
import type { InputKind } from './inputs.ts';
import type { Named } from './named.ts';
import type { SurveyedPlace } from './subject.ts';

/** The reversal with every map that the data of a database proves; what is written in a file wins. */
export function withProvenMaps(
  reversal: Reversal | null,
  { asset }: Named,
  findings: readonly SurveyedPlace[],
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
  findings: readonly SurveyedPlace[],
): string[] {
  const lines = kind === 'sqlite' ? mapLines(findings) : pathLines(findings);
  if (lines.length === 0) return [];
  const head =
    kind === 'sqlite'
      ? ['sqlite:', `  ${named.asset}:`]
      : ['json:', `  ${key(`${named.asset}/${named.unit}`)}:`];
  return [...head, ...lines.map((line) => `    ${line}`)];
}

function mapLines(findings: readonly SurveyedPlace[]): string[] {
  const proven = findings.filter(({ provenMap }) => provenMap !== null);
  const byTable = Map.groupBy(proven, ({ place }) => columnOf(place)[0]);
  return [...byTable].flatMap(([table, columns]) => {
    const maps = columns.map(({ place, provenMap }) => {
      const words = Object.entries(provenMap ?? {}).map(([to, from]) => `${key(to)}: ${key(from)}`);
      return `${key(columnOf(place)[1])}: { ${words.join(', ')} }`;
    });
    return [`${key(table)}:`, `  map: { ${maps.join(', ')} }`];
  });
}

function pathLines(findings: readonly SurveyedPlace[]): string[] {
  return findings.flatMap(({ proposal }) => proposal?.split('\n') ?? []);
}

function columnOf(place: string): readonly [table: string, column: string] {
  const cut = place.indexOf('.');
  return [place.slice(0, cut), place.slice(cut + 1)];
}

/** A word as YAML takes it for a text: quoted where it could be read as something else. */
function key(word: string): string {
  const isPlain =
    /^[A-Za-z_][\w/.-]*$/.test(word) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(word);
  return isPlain ? word : JSON.stringify(word);
}
