import { basename } from 'node:path/posix';
import type { DamageCount } from '../../asset/asset.ts';
import type { Finding, Place } from '../../law/place.ts';
import { table } from '../output.ts';
import { roles } from './inputs.ts';
import type { Merged } from './merge.ts';
import { proposalLines } from './proposals.ts';

/** The document of `merge --json`. */
export function mergeDocument(merged: Merged): unknown {
  const { inputs, named, places, survey, result, decisions, hasTakenMaps } = merged;
  return {
    result: 'merged',
    kind: inputs.kind,
    inputs: Object.fromEntries(roles.map((role) => [role, inputs.files[role].path])),
    out: places.out,
    parkedFile: merged.parkedFile,
    asset: named.asset,
    findings: survey.findings.filter(({ faith }) => faith !== 'faithful'),
    proposals: proposalLines(inputs.kind, named, survey),
    takenMaps: hasTakenMaps,
    ...result.outcome,
    decisions: result.outcome.decisions.length === 0 ? decisions : result.outcome.decisions,
    damage: result.damage,
    oneWay: result.oneWay,
    notes: [...survey.notes, ...result.notes],
  };
}

/** The same for a terminal. */
export function mergeLines(merged: Merged): string[] {
  const { places, result } = merged;
  const { inserted, updated, deleted } = result.outcome.carried;
  return [
    ...findingLines(merged),
    ...damageLines(merged),
    `carried: ${inserted} inserted, ${updated} updated, ${deleted} deleted`,
    ...parkedLines(merged),
    ...oneWayLines(merged),
    ...[...merged.survey.notes, ...result.notes].map((note) => `note: ${note}`),
    `written: ${places.out}`,
  ];
}

/** Places where the upgrade itself changed something, and what becomes of users' changes there. */
function findingLines(merged: Merged): string[] {
  const { survey, inputs, named, hasTakenMaps } = merged;
  const open = survey.findings.filter(({ faith }) => faith !== 'faithful');
  if (open.length === 0) return [];
  const rows = open.map((finding) => [
    `  ${shortPlace(merged, finding.place)}`,
    finding.faith,
    finding.faith === 'rewritten'
      ? `${finding.differentCount} of ${finding.differentCount + finding.sameCount} differ`
      : '',
    fateOf(merged, finding),
  ]);
  const proposals = proposalLines(inputs.kind, named, survey);
  const head = hasTakenMaps
    ? 'what the data proves was used; in a reversal file they read:'
    : 'for a reversal file (--reversal FROM-to-TO.yaml), as the data suggests:';
  return [
    'what the upgrade did, and what becomes of changes there:',
    ...table(rows),
    ...(proposals.length === 0 ? [] : ['', head, ...proposals.map((line) => `  ${line}`)]),
    '',
  ];
}

function fateOf(merged: Merged, { place, faith, provenMap }: Finding): string {
  const decided = [...merged.decisions, ...merged.result.outcome.decisions].find(
    (each) => each.place === place && each.by !== 'default',
  );
  if (decided !== undefined) return `${decided.choice} (${decided.by})`;
  if (merged.hasTakenMaps && provenMap !== null) return 'carried by the map below';
  switch (faith) {
    case 'blind':
      return 'parked: only one of the two shapes has it';
    case 'unproven':
      return 'carried where both shapes declare it alike';
    case 'rewritten':
      return isKeySet(merged, place)
        ? 'the upgrade made or removed rows'
        : `parked unless decided: --decide ${shortPlace(merged, place)}=as-is|park|before`;
    case 'faithful':
      return 'carried';
  }
}

function isKeySet({ inputs }: Merged, place: Place): boolean {
  return inputs.kind === 'sqlite' && !place.includes('.');
}

function damageLines(merged: Merged): string[] {
  const rows = Object.entries(merged.result.damage).map(([place, damage]) => [
    `  ${shortPlace(merged, place)}`,
    `${damage.deleted} deleted`,
    `${damage.emptied} emptied`,
    `${damage.overwritten} overwritten`,
    `of ${damage.total}`,
    damageFate(damage),
  ]);
  return rows.length === 0
    ? []
    : ['deleted, emptied or overwritten since the upgrade:', ...table(rows), ''];
}

function damageFate({ parked }: DamageCount): string {
  return parked.length === 0 ? 'carried' : `parked: ${parked.join(', ')} (--carry-all carries it)`;
}

function parkedLines(merged: Merged): string[] {
  const { parked } = merged.result.outcome;
  if (parked.length === 0) return ['parked: nothing'];
  const rows = parked.map(({ what, count, why }) => [
    `  ${shortPlace(merged, what)}`,
    String(count),
    why,
  ]);
  return [`parked in ${merged.parkedFile ?? 'no file'}:`, ...table(rows)];
}

function oneWayLines({ result }: Merged): string[] {
  return result.oneWay.map(
    (place) => `one-way: ${place}: what is changed there afterwards does not go forward again`,
  );
}

/** Without the name of the asset, which is the only one here. */
function shortPlace({ named }: Merged, place: Place): string {
  return place.startsWith(`${named.asset}/${named.unit}`)
    ? `${basename(named.unit)}${place.slice(named.asset.length + 1 + named.unit.length)}`
    : place;
}
