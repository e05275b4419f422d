import { join } from 'node:path/posix';
import { besideWritten } from '../law/json/propose/proposal.ts';
import type { Decision } from '../law/place.ts';
import {
  formatDecisions,
  isChosen,
  parseDecisions,
  type RecordedDecision,
} from '../law/reversal/decisions.ts';
import { loadReversal } from '../law/reversal/load.ts';
import { parsePlace } from '../law/reversal/place-name.ts';
import type { Reversal, TableReversal } from '../law/reversal/reversal.ts';
import { makeDurableFolders, readWhole, replaceWhole } from '../host/whole-file.ts';
import type { Pair } from './book.ts';
import type { Ground } from './ground.ts';

/** Asset → decisions about places within it. */
export type DecisionsByAsset = Readonly<Record<string, readonly Decision[]>>;

/** The reversal of one pair with the maps that its upgrade took; null where neither says anything. */
export function reversalOf(
  ground: Ground,
  pair: Pick<Pair, 'from' | 'to' | 'maps' | 'documents'>,
): Reversal | null {
  const { manifest, host } = ground;
  const written = loadReversal(host.disk, {
    folder: manifest.reversals,
    from: pair.to,
    to: pair.from,
    assets: Object.fromEntries(
      Object.values(manifest.assets).map(({ name, kind }) => [name, kind]),
    ),
  });
  const taken = { ...pair.maps, ...pair.documents };
  return Object.keys(taken).length === 0 ? written : withTaken(written, pair);
}

/** What a reversal file says, and what the upgrade of the pair took from the data; the file has the last word. */
export function withTaken(
  written: Reversal | null,
  pair: Pick<Pair, 'from' | 'to' | 'maps' | 'documents'>,
): Reversal {
  const base: Reversal = written ?? {
    file: '',
    sha256: '',
    from: pair.to,
    to: pair.from,
    databases: {},
    documents: {},
    decide: {},
    positions: {},
  };
  const databases = { ...base.databases };
  for (const [asset, tables] of Object.entries(pair.maps)) {
    const known = databases[asset] ?? { tables: {}, rebuild: {} };
    const merged: Record<string, TableReversal> = { ...known.tables };
    for (const [table, map] of Object.entries(tables)) {
      merged[table] = { ...merged[table], map: { ...map, ...merged[table]?.map } };
    }
    databases[asset] = { ...known, tables: merged };
  }
  const documents = { ...base.documents };
  for (const [document, entries] of Object.entries(pair.documents ?? {})) {
    const known = documents[document] ?? {};
    documents[document] = { ...known, ...besideWritten(known, entries) };
  }
  return { ...base, databases, documents };
}

/** What was decided at upgrade time, in the reversal file, and now; the last word wins. */
export function decisionsOf(
  ground: Ground,
  pair: Pair,
  said: { readonly reversal: Reversal | null; readonly now: DecisionsByAsset },
): DecisionsByAsset {
  const stored = readDecisions(ground, pair, said.reversal);
  const written = writtenDecisions(said.reversal, pair.at);
  const assets = new Set([stored, written, said.now].flatMap((each) => Object.keys(each)));
  return Object.fromEntries(
    [...assets].map((asset) => {
      const byPlace = new Map<string, Decision>();
      for (const source of [stored, written, said.now]) {
        for (const decision of source[asset] ?? []) byPlace.set(decision.place, decision);
      }
      return [asset, [...byPlace.values()]];
    }),
  );
}

function writtenDecisions(reversal: Reversal | null, at: string): DecisionsByAsset {
  const decisions: Record<string, Decision[]> = {};
  for (const [full, choice] of Object.entries(reversal?.decide ?? {})) {
    const place = parsePlace(full);
    if (place === null) continue;
    const list = (decisions[place.asset] ??= []);
    list.push({ place: place.place, choice, by: 'reversal', at, evidence: reversal?.file ?? '' });
  }
  return decisions;
}

/** Decisions that were taken with another reversal file no longer count. */
function readDecisions(ground: Ground, pair: Pair, reversal: Reversal | null): DecisionsByAsset {
  const file = decisionsFile(ground, pair.decided);
  if (ground.host.disk.lstat(file) === null) return {};
  const read = parseDecisions(readWhole(ground.host.disk, file).toString('utf8'), file);
  const sha256 = reversal === null || reversal.sha256 === '' ? null : reversal.sha256;
  if (read.reversalSha256 !== sha256) return {};
  // What was taken from the data stands in the pair itself.
  return Object.fromEntries(
    Object.entries(read.assets).map(([asset, decisions]) => [asset, decisions.filter(isChosen)]),
  );
}

export function writeDecisions(
  ground: Ground,
  pairId: string,
  content: {
    readonly reversalSha256: string | null;
    readonly assets: Readonly<Record<string, readonly RecordedDecision[]>>;
  },
): void {
  const file = decisionsFile(ground, pairId);
  makeDurableFolders(ground.host.disk, join(ground.folders.pairs, pairId), 0o700);
  const bytes = Buffer.from(formatDecisions(content));
  replaceWhole(ground.host, file, { bytes, mode: 0o600 });
}

function decisionsFile(ground: Ground, pairId: string): string {
  return join(ground.folders.pairs, pairId, 'decisions.json');
}
