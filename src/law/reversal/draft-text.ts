import { yamlWord } from '../../form/yaml-word.ts';
import { needsSelect, selectLines, triggersOf } from './draft-lens.ts';
import type { DocumentDraft } from './draft-documents.ts';
import type { DerivedDraft } from './draft-derived.ts';
import type { TableDraft } from './draft.ts';

/** What is told of one database. */
export interface DatabaseDraft extends DerivedDraft {
  readonly tables: readonly TableDraft[];
}

/** What a first reversal file is made of. */
export interface ReversalDraft {
  readonly from: string;
  readonly to: string;
  readonly databases: Readonly<Record<string, DatabaseDraft>>;
  readonly documents: readonly DocumentDraft[];
}

/** How a hole is marked in the text. */
export const holeMark = '# HOLE:';

/** The text of a first reversal file: what the data tells, why, and the holes that a person has to fill. */
export function draftText(draft: ReversalDraft): string {
  const { from, to, databases, documents } = draft;
  const tables = Object.entries(databases).flatMap(([asset, database]) => {
    const lines = databaseLines(database);
    return lines.length === 0
      ? []
      : [`  ${yamlWord(asset)}:${hasValue(lines) ? '' : ' {}'}`, ...lines];
  });
  const entries = documents.flatMap(({ name, lines, holes }) => [
    ...holes.map((hole) => `  ${holeMark} ${hole}`),
    ...(lines.length === 0 ? [] : [`  ${yamlWord(name)}:`, ...lines.map((line) => `    ${line}`)]),
  ]);
  return [
    `# A first draft of how ${to} reads what was written under ${from}, from the data of one upgrade. It is not finished`,
    `# until every line with ${holeMark.slice(2)} is gone; \`backstep reversal check\` judges it.`,
    `from: ${version(from)}`,
    `to: ${version(to)}`,
    ...section('sqlite', tables),
    ...section('json', entries),
    '',
  ].join('\n');
}

/** How many holes a person has to fill. */
export function holesIn({ databases, documents }: ReversalDraft): number {
  const all = Object.values(databases).flatMap(({ tables, holes }) => [
    ...holes,
    ...tables.flatMap((table) => table.holes),
  ]);
  return all.length + documents.flatMap(({ holes }) => holes).length;
}

/** True where nothing has to be said. */
export function isNothing(draft: ReversalDraft): boolean {
  const databases = Object.values(draft.databases);
  const told = databases.flatMap(({ tables, rebuild }) => [...tables, ...Object.keys(rebuild)]);
  const lines = draft.documents.flatMap((document) => document.lines);
  return told.length + lines.length + holesIn(draft) === 0;
}

function hasValue(lines: readonly string[]): boolean {
  return lines.some((line) => !line.trim().startsWith('#'));
}

/** A section of which only comments are left has no value, and YAML would call it null. */
function section(name: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ['', hasValue(lines) ? `${name}:` : `${name}: {}`, ...lines];
}

function databaseLines({ tables, rebuild, holes }: DatabaseDraft): string[] {
  const anew = Object.entries(rebuild).map(
    ([name, sql]) => `  ${yamlWord(name)}: ${JSON.stringify(sql)}`,
  );
  const lines = [
    ...holes.map((hole) => `${holeMark} ${hole}`),
    ...(anew.length === 0 ? [] : ['rebuild:', ...anew]),
  ];
  return [...tables.flatMap(tableLines), ...lines.map((line) => `    ${line}`)];
}

function tableLines(draft: TableDraft): string[] {
  const { table, columns, key: keyColumns, map, holes, evidence, home } = draft;
  const comments = [
    ...evidence.map((line) => `# ${line}`),
    ...holes.map((line) => `${holeMark} ${table}: ${line}`),
  ];
  const entry = [
    ...mapLines(map),
    ...(home !== null && needsSelect({ table, home, columns })
      ? [
          `key: [${keyColumns.map(yamlWord).join(', ')}]`,
          'select: |',
          ...selectLines(draft).map((line) => `  ${line}`),
          ...forthLines(draft),
        ]
      : []),
  ];
  const head = entry.length === 0 ? [] : [`${yamlWord(table)}:`];
  return [...comments, ...head, ...entry.map((line) => `  ${line}`)].map((line) => `    ${line}`);
}

function mapLines(map: TableDraft['map']): string[] {
  const columns = Object.entries(map);
  if (columns.length === 0) return [];
  return [
    'map:',
    ...columns.map(([column, words]) => {
      const pairs = Object.entries(words).map(
        ([latest, old]) => `${yamlWord(latest)}: ${yamlWord(old)}`,
      );
      return `  ${yamlWord(column)}: { ${pairs.join(', ')} }`;
    }),
  ];
}

function forthLines(draft: TableDraft): string[] {
  const triggers = triggersOf(draft);
  if (triggers !== null) {
    const bodies = Object.entries(triggers).map(
      ([event, sql]) => `    ${event}: ${JSON.stringify(sql)}`,
    );
    return ['forth:', '  triggers:', ...bodies];
  }
  const columns = Object.entries(draft.forth);
  if (columns.length === 0) return ['forth: {}'];
  return ['forth:', ...columns.map(([latest, sql]) => `  ${yamlWord(latest)}: ${yamlWord(sql)}`)];
}

/** A version with one dot would be read as a number. */
function version(text: string): string {
  return /^\d+(\.\d+)?$/.test(text) ? JSON.stringify(text) : text;
}
