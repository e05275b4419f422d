import { join, resolve } from 'node:path/posix';
import type { MergeResult } from '../../asset/asset.ts';
import { attributesAt } from '../../asset/attributes.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { makeFolders, removeTree } from '../../host/whole-file.ts';
import type { Decision } from '../../law/place.ts';
import { loadReversalFile } from '../../law/reversal/load.ts';
import type { Reversal } from '../../law/reversal/reversal.ts';
import type { Call } from '../context.ts';
import { decide } from './decide.ts';
import { openInputs, roles, stampOf, type Inputs, type Role } from './inputs.ts';
import { nameSubject, type Named } from './named.ts';
import { choosePlaces, install, ownCopy, type Places } from './places.ts';
import { withProven } from './proposals.ts';
import { openSubject, type MergeSurvey, type Subject } from './subject.ts';

export interface MergeWishes {
  readonly files: Readonly<Record<Role, string>>;
  readonly out: string;
  readonly parked: string | undefined;
  readonly force: boolean;
  readonly reversal: string | undefined;
  readonly asset: string | undefined;
  readonly decide: readonly string[];
  readonly direction: 'back' | 'forth';
  readonly takesProvenMaps: boolean;
  readonly salvages: boolean;
  readonly carriesAll: boolean;
}

/** What one merge found and did. */
export interface Merged {
  readonly inputs: Inputs;
  readonly named: Named;
  readonly places: Places;
  /** What the upgrade did; without findings on the way forward, which has no pair. */
  readonly survey: MergeSurvey;
  /** True where the maps that the data proves were used. */
  readonly hasTakenMaps: boolean;
  readonly decisions: readonly Decision[];
  readonly result: MergeResult;
  /** Null where nothing was parked. */
  readonly parkedFile: string | null;
}

/**
 * Merges three files into a fourth: the law alone, without a manifest. The inputs are only read, and what is written
 * gets its name last: whatever fails, or a kill, leaves no result. Throws `merge/…`, `law/…`, `document/…`,
 * `reversal/…`, `asset/unreconciled`.
 */
export async function mergeFiles(call: Call, wishes: MergeWishes): Promise<Merged> {
  const { disk } = call.host;
  const inputs = openInputs(disk, call.cwd, wishes.files);
  const stamps = stampsOf(call, inputs);
  const reversal =
    wishes.reversal === undefined
      ? null
      : loadReversalFile(disk, resolve(call.cwd, wishes.reversal), null);
  const named = nameSubject(inputs, reversal, wishes.asset);
  const places = choosePlaces(call, inputs, wishes);
  disk.makeFolder(places.work, 0o700);
  try {
    const subject = openSubject(call.host, inputs, {
      ...named,
      scratch: join(places.work, 'scratch'),
      salvages: wishes.salvages,
      carriesAll: wishes.carriesAll,
    });
    const merged = await mergeSubject(call, subject, { wishes, inputs, named, places, reversal });
    refuseChanged(inputs, stamps, stampsOf(call, inputs));
    return { ...merged, parkedFile: installAll(call, merged) };
  } finally {
    removeTree(disk, places.work);
  }
}

interface Prepared {
  readonly wishes: MergeWishes;
  readonly inputs: Inputs;
  readonly named: Named;
  readonly places: Places;
  readonly reversal: Reversal | null;
}

async function mergeSubject(
  call: Call,
  subject: Subject,
  { wishes, inputs, named, places, reversal }: Prepared,
): Promise<Omit<Merged, 'parkedFile'>> {
  const { direction } = wishes;
  const at = new Date(call.host.clock.now()).toISOString();
  const found = direction === 'back' ? await subject.survey(reversal) : noSurvey;
  const deciding = { kind: inputs.kind, named, findings: found.findings, at };
  const decisions = decide(wishes.decide, deciding);
  const { kind } = inputs;
  const used = wishes.takesProvenMaps ? withProven(reversal, { kind, named }, found) : reversal;
  const hasTakenMaps = used !== reversal;
  // Documents are shown as they are seen with what was taken; a database is not compared twice for that.
  const isSeenAnew = hasTakenMaps && kind === 'json';
  const survey = isSeenAnew
    ? { ...(await subject.survey(used)), proposals: found.proposals }
    : found;
  const [into, scratch] = [join(places.work, 'result'), join(places.work, 'scratch/merge')];
  for (const folder of [into, scratch]) makeFolders(call.host.disk, folder, 0o700);
  refuseInterrupted(call);
  const request = { direction, reversal: used, decisions, into, scratch, at };
  const result = await subject.merge(request);
  refuseInterrupted(call);
  requireReconciled(result);
  return { inputs, named, places, survey, decisions, result, hasTakenMaps };
}

const noSurvey: MergeSurvey = { findings: [], proposals: [], oneWay: [], notes: [] };

/** The parked values first, so that no result stands without them. */
function installAll(call: Call, merged: Omit<Merged, 'parkedFile'>): string | null {
  const { disk } = call.host;
  const { result, places, inputs, named } = merged;
  const made = result.units.get(named.unit);
  if (made === undefined) {
    throw new BackstepError('merge/input', {
      message: 'the merge leaves nothing: the old shape has no such file',
      hint: 'check the order of the three files: BEFORE AFTER NOW; nothing was written',
    });
  }
  const attributes = attributesAt(disk, inputs.files.now.path);
  const own = ownCopy(disk, made, { path: join(places.work, 'out'), attributes });
  const { replaces } = places;
  const [parked] = [...result.parkedUnits].filter(([unit]) => !unit.endsWith('.damaged'));
  if (parked !== undefined) install(disk, parked[1], { path: places.parked, replaces });
  try {
    install(disk, own, { path: places.out, replaces });
  } catch (error) {
    if (parked !== undefined && !replaces) disk.removeFile(places.parked);
    throw error;
  }
  return parked === undefined ? null : places.parked;
}

function requireReconciled({ outcome }: MergeResult): void {
  if (outcome.reconciled) return;
  throw new BackstepError('asset/unreconciled', {
    message: 'the result does not account for every change between after and now',
    hint: 'this is a defect of Backstep, please report it; nothing was written',
  });
}

function stampsOf(call: Call, inputs: Inputs): Record<Role, string> {
  const stamp = (role: Role): string => stampOf(call.host.disk, inputs.files[role]);
  return { before: stamp('before'), after: stamp('after'), now: stamp('now') };
}

function refuseChanged(
  inputs: Inputs,
  then: Readonly<Record<Role, string>>,
  since: Readonly<Record<Role, string>>,
): void {
  const changed = roles.find((role) => then[role] !== since[role]);
  if (changed === undefined) return;
  throw new BackstepError('merge/changed', {
    message: `${changed}: ${JSON.stringify(inputs.files[changed].written)} was written to meanwhile`,
    hint: 'stop what writes it, or merge a copy of it (sqlite3 FILE ".backup COPY"); nothing was written',
  });
}

function refuseInterrupted({ signal }: Call): void {
  if (!signal.aborted) return;
  throw new BackstepError('interrupted', {
    message: 'the merge was interrupted',
    hint: 'run it again; nothing was written',
  });
}
