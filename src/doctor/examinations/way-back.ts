import { join } from 'node:path/posix';
import { randomHex } from '../../host/random.ts';
import { makeFolders, removeTree } from '../../host/whole-file.ts';
import { readBook, readPair, type Pair } from '../../switch/book.ts';
import { decisionsOf, reversalOf } from '../../switch/decided.ts';
import { stateAssets, type Ground } from '../../switch/ground.ts';
import { openState, type CapturedState } from '../../switch/stage/states.ts';
import { questionsOf, type Surveyed } from '../../switch/survey-upgrade.ts';
import type { DoctorFinding, Examination } from '../doctor.ts';

export const wayBack: readonly Examination[] = [
  { about: 'running release', look: ({ ground }) => runningRelease(ground) },
  { about: 'way back', look: ({ ground }) => pairOnRecord(ground) },
  { about: 'releases to go back to', look: ({ ground }) => wholeTargets(ground) },
  { about: 'stored states', look: ({ ground }) => soundSnapshots(ground) },
  { about: 'state to go back to', look: ({ ground }) => soundTargetState(ground) },
  { about: 'undecided places', look: ({ ground }) => undecided(ground) },
  { about: 'migration', look: ({ ground }) => migration(ground) },
];

function pairsOf({ host, folders }: Ground): Pair[] {
  return readBook(host, folders).lineage.map((id) => readPair(host, folders, id));
}

function runningRelease(ground: Ground): DoctorFinding[] {
  const about = 'running release';
  const current = ground.releases.current();
  if (current === null) {
    const remedy = 'add it: `backstep release add VERSION FOLDER`';
    return [{ severity: 'error', about, found: 'no known release is in its place', remedy }];
  }
  const { holds, release } = readBook(ground.host, ground.folders);
  const held = holds.find((hold) => hold.release === current);
  return [
    ...(release !== null && release !== current
      ? [
          {
            severity: 'error' as const,
            about,
            found: `${current} is in its place, and ${release} is on record: it was changed by hand`,
            remedy: `put ${release} back, or make the pair with \`backstep adopt\``,
          },
        ]
      : []),
    ...(held === undefined
      ? []
      : [
          {
            severity: 'warning' as const,
            about,
            found: `${current} runs and is on hold: ${held.reason}`,
            remedy: 'go back, or mark it good: `backstep release mark-good`',
          },
        ]),
  ];
}

/** With one release that was never upgraded there is nothing to go back to, and nothing amiss. */
function pairOnRecord(ground: Ground): DoctorFinding[] {
  const { lineage, departure } = readBook(ground.host, ground.folders);
  if (lineage.length > 0 || departure !== null || ground.releases.list().length < 2) return [];
  const found =
    'several releases are here, and no recorded upgrade leads back from the running one';
  const remedy =
    'upgrade with `backstep upgrade`, or make the pair from an old backup: `backstep adopt`';
  return [{ severity: 'error', about: 'way back', found, remedy }];
}

function wholeTargets(ground: Ground): DoctorFinding[] {
  const { departure } = readBook(ground.host, ground.folders);
  const targets = new Set(pairsOf(ground).map(({ from }) => from));
  if (departure !== null) targets.add(departure.from);
  const known = ground.releases.list();
  return [...targets].flatMap((version) => {
    const about = 'releases to go back to';
    const remedy = `add it again from a good copy: \`backstep release add ${version} FOLDER\``;
    if (!known.includes(version)) {
      return [{ severity: 'error', about, found: `${version} is not here`, remedy }];
    }
    const differences = ground.releases.differences(version);
    if (differences.length === 0) return [];
    const found = `${version} is not whole: ${differences.slice(0, 3).join('; ')}`;
    return [{ severity: 'error', about, found, remedy }];
  });
}

/** Reads and hashes all that a rollback or a return would restore. */
function soundSnapshots(ground: Ground): DoctorFinding[] {
  const { departure } = readBook(ground.host, ground.folders);
  const steps = departure?.steps ?? [];
  const ids = new Set([
    ...pairsOf(ground).flatMap(({ before, after }) => [before, after]),
    ...steps.flatMap(({ displaced, result }) => [displaced, result]),
  ]);
  return [...ids].flatMap((id) => {
    const { isSound, findings } = ground.store.check(id);
    if (isSound) return [];
    const [first] = findings;
    const found = `snapshot ${id}: ${findings.length} objects, the first is ${first?.kind ?? 'torn'}`;
    const remedy = 'see `backstep snapshot check`; bring the state folder back from its own backup';
    return [{ severity: 'error', about: 'stored states', found, remedy }];
  });
}

/** A rollback refuses a target that is damaged itself. */
async function soundTargetState(ground: Ground): Promise<DoctorFinding[]> {
  const newest = pairsOf(ground).at(-1);
  if (newest === undefined) return [];
  return withState(ground, newest, async ({ before }) => {
    const findings: DoctorFinding[] = [];
    for (const asset of stateAssets(ground)) {
      const bad = (await asset.check(before.side(asset.name))).filter(
        ({ status }) => status === 'error',
      );
      for (const { name, measured } of bad) {
        const remedy =
          'go back further (`--to`), or `backstep adopt` a sound backup of that release';
        const found = `${newest.from}: ${name}: ${measured}`;
        findings.push({ severity: 'error', about: 'state to go back to', found, remedy });
      }
    }
    return findings;
  });
}

/** Also finds a reversal file that no longer loads. */
async function undecided(ground: Ground): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const pair of pairsOf(ground)) {
    const reversal = reversalOf(ground, pair);
    const said = decisionsOf(ground, pair, { reversal, now: {} });
    const surveys = await withState(ground, pair, (states) => survey(ground, pair, states));
    const known = new Map(
      surveys.map(({ asset, survey: { findings: all } }) => [asset, all.map(({ place }) => place)]),
    );
    const meant = Object.fromEntries(
      Object.entries(said).map(([asset, decisions]) => [
        asset,
        decisions.filter(({ place }) => known.get(asset)?.includes(place) === true),
      ]),
    );
    const open = questionsOf(surveys, { said: meant, reversal }).map(({ place }) => place);
    if (open.length === 0) continue;
    const more = open.length > 5 ? ` and ${open.length - 5} more` : '';
    findings.push({
      severity: 'warning',
      about: 'undecided places',
      found: `${pair.to} rewrote what nothing says how to read back: ${open.slice(0, 5).join(', ')}${more}; what users changed there would be parked`,
      remedy: `write it into ${ground.manifest.reversals}/${pair.to}-to-${pair.from}.yaml, or decide with \`--decide PLACE=CHOICE\``,
    });
  }
  return findings;
}

interface PairStates {
  readonly before: CapturedState;
  readonly after: CapturedState;
  /** An empty folder for what is worked on. */
  readonly scratch: string;
}

async function survey(ground: Ground, pair: Pair, states: PairStates): Promise<Surveyed[]> {
  const surveys: Surveyed[] = [];
  const reversal = reversalOf(ground, pair);
  for (const asset of stateAssets(ground)) {
    const sides = { before: states.before.side(asset.name), after: states.after.side(asset.name) };
    const scratch = join(states.scratch, asset.name);
    ground.host.disk.makeFolder(scratch, 0o700);
    const found = await asset.survey({ ...sides, reversal, scratch });
    surveys.push({ asset: asset.name, survey: found });
  }
  return surveys;
}

async function withState<T>(
  ground: Ground,
  pair: Pair,
  work: (states: PairStates) => Promise<T>,
): Promise<T> {
  const { host, folders } = ground;
  const folder = join(folders.root, 'checking', randomHex(host.random, 8));
  const scratch = join(folder, 'scratch');
  makeFolders(host.disk, scratch, 0o700);
  try {
    const before = openState(ground, pair.before, join(folder, 'before'));
    const after = openState(ground, pair.after, join(folder, 'after'));
    return await work({ before, after, scratch });
  } finally {
    removeTree(host.disk, folder);
  }
}

function migration({ manifest }: Ground): DoctorFinding[] {
  if (manifest.migrate !== null) return [];
  const found = 'the manifest has no `migrate`: the next upgrade could not be tried on a copy';
  const remedy = 'name the command that brings a data folder to a release: `migrate: { run: … }`';
  return [{ severity: 'warning', about: 'migration', found, remedy }];
}
