import { createHash } from 'node:crypto';
import { join } from 'node:path/posix';
import { packageVersion } from '../host/node-package.ts';
import { makeFolders, readWhole, replaceWhole } from '../host/whole-file.ts';
import type { Finding } from '../law/place.ts';
import { formatFindings, parseFindings, type SurveyedAsset } from '../law/reversal/findings.ts';
import type { Reversal } from '../law/reversal/reversal.ts';
import type { Pair } from './book.ts';
import type { Ground } from './ground.ts';
import type { CapturedState } from './stage/states.ts';
import type { Surveyed } from './survey-upgrade.ts';

/** The two states of a pair, and the reversal file between their releases. */
export interface SurveyedPair {
  readonly before: CapturedState;
  readonly after: CapturedState;
  readonly reversal: Reversal | null;
}

/**
 * Keeps with a pair what its survey found in its databases, so that a rollback need not compare every row again. Left out
 * is what a map that was taken afterwards makes another thing of. Losing the file costs time alone.
 */
export function recordFindings(
  ground: Ground,
  pair: Pick<Pair, 'id' | 'maps'>,
  { surveys, ...states }: SurveyedPair & { readonly surveys: readonly Surveyed[] },
): void {
  const assets: Record<string, SurveyedAsset> = {};
  for (const { asset, survey } of surveys) {
    if (!isRecorded(ground, pair, asset)) continue;
    assets[asset] = { ...hashesOf(states, asset), findings: survey.findings };
  }
  const { disk } = ground.host;
  makeFolders(disk, join(ground.folders.pairs, pair.id), 0o700);
  const bytes = Buffer.from(
    formatFindings({ version: packageVersion(), reversalSha256: hashOf(states), assets }),
  );
  replaceWhole(ground.host, findingsFile(ground, pair), { bytes, mode: 0o600 });
}

/**
 * What the survey of a pair found in an asset, where it is known: recorded by this Backstep, of these very states and with
 * this reversal file. Null for anything else: it is surveyed anew then.
 */
export function recordedFindings(
  ground: Ground,
  pair: Pick<Pair, 'id' | 'maps'>,
  states: SurveyedPair,
): (asset: string) => readonly Finding[] | null {
  const { disk } = ground.host;
  const file = findingsFile(ground, pair);
  if (disk.lstat(file) === null) return () => null;
  const read = parseFindings(readWhole(disk, file).toString('utf8'));
  const isOfThis = read?.version === packageVersion() && read.reversalSha256 === hashOf(states);
  if (!isOfThis) return () => null;
  return (asset) => {
    const found = read.assets[asset];
    if (found === undefined || !isRecorded(ground, pair, asset)) return null;
    const { before, after } = hashesOf(states, asset);
    return found.before === before && found.after === after ? found.findings : null;
  };
}

/** Databases alone: other kinds are compared in no time, or differently. */
function isRecorded(ground: Ground, { maps }: Pick<Pair, 'maps'>, asset: string): boolean {
  return ground.manifest.assets[asset]?.kind === 'sqlite' && maps[asset] === undefined;
}

function hashesOf(
  { before, after }: SurveyedPair,
  asset: string,
): Pick<SurveyedAsset, 'before' | 'after'> {
  return { before: contentOf(before, asset), after: contentOf(after, asset) };
}

/** SHA-256 over the names and contents of an asset's units; when they were written does not count. */
function contentOf(state: CapturedState, asset: string): string {
  const hash = createHash('sha256');
  for (const unit of [...state.units(asset).keys()].toSorted()) {
    const entry = state.entryOf(asset, unit);
    const content = entry?.kind === 'file' ? entry.hashes : [entry];
    hash.update(`${JSON.stringify([unit, ...content])}\n`);
  }
  return hash.digest('hex');
}

function hashOf({ reversal }: Pick<SurveyedPair, 'reversal'>): string | null {
  return reversal === null || reversal.sha256 === '' ? null : reversal.sha256;
}

function findingsFile(ground: Ground, { id }: Pick<Pair, 'id'>): string {
  return join(ground.folders.pairs, id, 'findings.json');
}
