import type { Check } from '../../asset/asset.ts';
import type { Asset } from '../../manifest/manifest.ts';
import { stateAssets } from '../../switch/ground.ts';
import { compareDatabases } from './database.ts';
import type { AssetShape } from '../expected.ts';
import { describeAsset } from '../describe.ts';
import { listed, notMeasured, type CheckGroup, type Verification } from '../verification.ts';

const row = 'M7.1';

/** Does every document parse, is every database sound: what each kind of asset says of itself. */
export function soundness(names: readonly string[]): CheckGroup[] {
  return names.map((name) => ({
    row,
    name: `${name}: sound`,
    run: async ({ ground }) => {
      const asset = ground.assets.find((each) => each.name === name);
      return asset === undefined ? [] : asset.check(asset.live());
    },
  }));
}

/** Files, keys, tables and counts against what the release had when all was well. */
export function agreement(names: readonly string[]): CheckGroup[] {
  return names.map((name) => ({
    row,
    name: `${name}: as expected`,
    run: (verification) => compareAsset(verification, name),
  }));
}

function compareAsset({ ground, expected, release }: Verification, name: string): Check[] {
  const wanted = expected?.assets[name];
  if (wanted === undefined) {
    const why = `nothing is recorded of ${release ?? 'an unknown release'}: \`backstep verify --record\``;
    return [notMeasured(row, `${name}: as expected`, why)];
  }
  const asset = ground.manifest.assets[name];
  const handler = stateAssets(ground).find((each) => each.name === name);
  if (asset === undefined || handler === undefined) return [];
  const found = describeAsset(ground.host, asset, handler.live());
  return [
    files(name, wanted, found),
    ...keys(name, wanted, found),
    ...tables(asset, wanted, found),
  ];
}

/** A file that users made may be gone because they deleted it; documents that the release needs may not. */
function files(name: string, wanted: AssetShape, found: AssetShape): Check {
  const missing = Object.keys(wanted.units).filter(
    (unit) => found.units[unit] === undefined && !/-(wal|shm|journal)$/.test(unit),
  );
  const count = `${Object.keys(found.units).length} there, ${Object.keys(wanted.units).length} expected`;
  const isNeeded = Object.keys(wanted.keys).length > 0 || wanted.database !== null;
  return {
    row,
    name: `${name}: files`,
    status: missing.length === 0 ? 'success' : isNeeded ? 'error' : 'warning',
    measured: missing.length === 0 ? count : `missing: ${listed(missing)}`,
  };
}

/** A key at the top of a document is the application's; one further down may be what a user chose. */
function keys(name: string, wanted: AssetShape, found: AssetShape): Check[] {
  if (Object.keys(wanted.keys).length === 0) return [];
  const missing = Object.entries(wanted.keys).flatMap(([unit, paths]) => {
    const there = new Set(found.keys[unit]);
    const isThere = found.units[unit] !== undefined;
    return isThere
      ? paths.filter((path) => !there.has(path)).map((path) => [unit, path] as const)
      : [];
  });
  const isTop = missing.some(([, path]) => !path.includes('.'));
  const count = Object.values(wanted.keys).reduce((sum, paths) => sum + paths.length, 0);
  return [
    {
      row,
      name: `${name}: required keys`,
      status: missing.length === 0 ? 'success' : isTop ? 'error' : 'warning',
      measured:
        missing.length === 0
          ? `${count} keys present`
          : `missing: ${listed(missing.map(([unit, path]) => `${unit}: ${path}`))}`,
    },
  ];
}

function tables(asset: Asset, wanted: AssetShape, found: AssetShape): Check[] {
  if (asset.kind !== 'sqlite' || wanted.database === null) return [];
  const { name, carryLimit } = asset;
  if (found.database === null) {
    return [{ row, name: `${name}: tables`, status: 'error', measured: 'no database' }];
  }
  const { share } = carryLimit;
  return compareDatabases({ name, wanted: wanted.database, found: found.database, share });
}
