import type { KitFacts, KitPart } from '../part.ts';

/** What the PowerShell scripts know of the application, which read JSON by themselves: `facts.json`. */
export function powershellParts(facts: KitFacts): readonly KitPart[] {
  const { manifestFile, state, store, backstep, pair, units, notes, health } = facts;
  const { manager, name, stopTimeoutMs } = facts.service;
  // Program files are moved aside first.
  const ordered = units.toSorted((a, b) => Number(b.isRelease) - Number(a.isRelease));
  const known = {
    manifestFile,
    state,
    store,
    backstep,
    pair,
    notes,
    health,
    units: ordered.map(({ live, root, source }) => ({ live, root, source: plainSource(source) })),
    service: { manager, name, stopTimeoutMs },
  };
  const text = `${JSON.stringify(known, null, 2)}\n`;
  return [{ name: 'facts.json', mode: 0o600, bytes: Buffer.from(text) }];
}

/** Without the SQL: no `sqlite3` is looked for on Windows. */
function plainSource(source: KitFacts['units'][number]['source']): object {
  return source.kind === 'database' ? { kind: source.kind, before: source.before } : source;
}
