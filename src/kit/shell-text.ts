import type { KitFacts, KitPart, KitUnit } from './part.ts';
import { serviceText } from './shell-service.ts';
import { quoted } from './shell-word.ts';

/** What the scripts know of the application: assignments that they source, and tables with TAB between fields. */
export function factParts(facts: KitFacts): readonly KitPart[] {
  return [
    textPart('facts.sh', assignments(facts)),
    textPart('service.sh', serviceText(facts)),
    textPart('units.tsv', unitLines(facts.units)),
    textPart('notes.txt', facts.notes.map((note) => `${note.replaceAll(/\s+/g, ' ')}\n`).join('')),
    ...facts.units.flatMap(({ asset, source }) =>
      source.kind === 'database' && source.compiled !== null
        ? [textPart(scriptName(asset), source.compiled.script)]
        : [],
    ),
  ];
}

function textPart(name: string, text: string): KitPart {
  return { name, mode: 0o600, bytes: Buffer.from(text) };
}

function assignments(facts: KitFacts): string {
  const values = {
    app: facts.app,
    manifest: facts.manifestFile,
    state: facts.state,
    store: facts.store,
    pair: facts.pair.id,
    from: facts.pair.to,
    to: facts.pair.from,
    at: facts.pair.at,
    ready_url: facts.health?.url ?? '',
    ready_seconds: String(Math.ceil((facts.health?.withinMs ?? 0) / 1000)),
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}\n`);
  return `# shellcheck shell=sh disable=SC2034\n${lines.join('')}`;
}

/**
 * A line a unit, the release's first: number, `release` or `state`, kind, octal mode, uid, gid, source, further source,
 * script, oldest sqlite3, asset, root, live path. `-` where there is nothing; escapes as `printf %b` reads them.
 */
function unitLines(units: readonly KitUnit[]): string {
  const ordered = [...units].toSorted((a, b) => Number(b.isRelease) - Number(a.isRelease));
  return ordered
    .map(
      (unit, at) =>
        `${fieldsOf(unit, at + 1)
          .map(escaped)
          .join('\t')}\n`,
    )
    .join('');
}

function fieldsOf(unit: KitUnit, number: number): readonly string[] {
  const { source, attributes } = unit;
  return [
    String(number),
    unit.isRelease ? 'release' : 'state',
    source.kind,
    attributes === null ? '' : attributes.mode.toString(8).padStart(4, '0'),
    attributes === null ? '' : String(attributes.uid),
    attributes === null ? '' : String(attributes.gid),
    ...sourceFields(unit),
    unit.asset,
    unit.root,
    unit.live,
  ];
}

/** The file of the kit that holds the compiled script of a database. */
export const scriptName = (asset: string): string => `${asset}.sql`;

function sourceFields({ asset, source }: KitUnit): readonly [string, string, string, string] {
  switch (source.kind) {
    case 'file':
      return [source.hashes.join(), '', '', ''];
    case 'copy':
      return [source.from, '', '', ''];
    case 'link':
      return [source.target, '', '', ''];
    case 'gone':
      return ['', '', '', ''];
    case 'database':
      return [
        source.before.join(),
        source.after.join(),
        source.compiled === null ? '' : scriptName(asset),
        source.compiled?.asks ?? '',
      ];
  }
}

/** One field of a table: no TAB, no newline, never empty. */
function escaped(text: string): string {
  if (text === '') return '-';
  if (text === '-') return '\\0055';
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(/\p{Cc}/gu, (sign) => `\\0${sign.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
