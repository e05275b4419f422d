import type { KitFacts, KitPart } from '../part.ts';
import { scriptName } from '../shell-text.ts';

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
    units: ordered.map(({ asset, live, root, source }) => ({
      asset,
      live,
      root,
      source: namedSource(asset, source),
    })),
    service: { manager, name, stopTimeoutMs },
  };
  const text = `${JSON.stringify(known, null, 2)}\n`;
  return [{ name: 'facts.json', mode: 0o600, bytes: Buffer.from(text) }];
}

/** The script by the name of its file, which the shell runs as well. */
function namedSource(asset: string, source: KitFacts['units'][number]['source']): object {
  if (source.kind !== 'database' || source.compiled === null) return source;
  const { asks } = source.compiled;
  return { ...source, compiled: { script: scriptName(asset), asks } };
}
