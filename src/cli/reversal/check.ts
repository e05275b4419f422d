import { resolve } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Problem } from '../../form/problem.ts';
import { readTextFile } from '../../form/read-text.ts';
import { finding, inOrder, type ReversalFinding } from '../../law/reversal/finding.ts';
import { judgeReversal } from '../../law/reversal/judge.ts';
import { parseReversal } from '../../law/reversal/parse.ts';
import type { Reversal } from '../../law/reversal/reversal.ts';
import { judgeScript } from '../../law/reversal/script.ts';
import { withTaken } from '../../switch/decided.ts';
import type { Ground } from '../../switch/ground.ts';
import { checkDocuments } from '../../switch/stage/check-documents.ts';
import type { Call } from '../context.ts';
import { openGround } from '../open.ts';
import { judgedBy, openNamed, openRecorded, type PairStates } from './pair-states.ts';

export interface CheckWishes {
  readonly file: string;
  /** A recorded pair. */
  readonly pair: string | undefined;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly now: string | undefined;
  readonly asset: string | undefined;
}

/** What a reversal file was judged by, and what was found. */
export interface Checked {
  /** Absolute. */
  readonly file: string;
  /** `file`: no state was at hand, so that neither SQLite nor the data could judge. */
  readonly judgedBy: 'file' | 'pair';
  readonly findings: readonly ReversalFinding[];
}

/** Judges a reversal file, or a script given in its place; reads only. Throws `usage`, `merge/input`, `disk/…`. */
export async function checkReversal(call: Call, wishes: CheckWishes): Promise<Checked> {
  const file = resolve(call.cwd, wishes.file);
  if (call.host.disk.lstat(file)?.kind !== 'file') {
    throw usage(`${JSON.stringify(wishes.file)} is no file that is there`, 'name a reversal file');
  }
  const read = readTextFile(call.host.disk, file);
  if (!read.ok) return { file, judgedBy: 'file', findings: read.problems.map(malformed) };
  const ground = wishes.pair === undefined ? null : openGround(call);
  if (/\.sql$/i.test(file)) return checkScript(call, { wishes, ground, file, text: read.text });
  const reading = parseReversal({ ...read, file, assets: kindsOf(ground) });
  if (!reading.ok) return { file, judgedBy: 'file', findings: reading.problems.map(malformed) };
  const reversal = reading.value;
  const states = await openStatesOf(call, {
    wishes,
    ground,
    assets: Object.keys(reversal.databases),
  });
  if (states === null) {
    return { file, judgedBy: 'file', findings: await judgeReversal(reversal, read.text, []) };
  }
  try {
    const findings = await judgeWith(call, { reversal, text: read.text, states });
    return { file, judgedBy: 'pair', findings };
  } finally {
    states.close();
  }
}

async function judgeWith(
  call: Call,
  given: { readonly reversal: Reversal; readonly text: string; readonly states: PairStates },
): Promise<ReversalFinding[]> {
  const { text, states } = given;
  requireReleases(given.reversal, states);
  const { pair } = states;
  const reversal = pair === null ? given.reversal : withTaken(given.reversal, pair);
  const databases = states.databases.map((database) => judgedBy(reversal, database));
  const found = await judgeReversal(reversal, text, databases);
  return inOrder([...found, ...(await checkDocuments(call.host.disk, reversal, states))]);
}

function requireReleases({ from, to }: Reversal, { pair }: PairStates): void {
  if (pair === null || (pair.to === from && pair.from === to)) return;
  throw new BackstepError('usage', {
    message: `the reversal leads from ${from} to ${to}, and ${pair.id} is of an upgrade from ${pair.from} to ${pair.to}`,
    hint: 'name the pair of that upgrade',
  });
}

interface Script {
  readonly wishes: CheckWishes;
  readonly ground: Ground | null;
  readonly file: string;
  readonly text: string;
}

async function checkScript(call: Call, { wishes, ground, file, text }: Script): Promise<Checked> {
  const states = await openStatesOf(call, { wishes, ground, assets: [] });
  try {
    const [database] = states?.databases ?? [];
    const findings = judgeScript(text, database?.after ?? null);
    return { file, judgedBy: database === undefined ? 'file' : 'pair', findings };
  } finally {
    states?.close();
  }
}

interface Asked {
  readonly wishes: CheckWishes;
  readonly ground: Ground | null;
  /** Databases of the reversal. */
  readonly assets: readonly string[];
}

/** Null where no state is named. */
async function openStatesOf(
  call: Call,
  { wishes, ground, assets }: Asked,
): Promise<PairStates | null> {
  const { pair, before, after, now, file } = wishes;
  if (ground !== null && pair !== undefined) {
    if (before === undefined && after === undefined) return openRecorded(call, ground, pair);
    throw usage('--pair names both states', 'leave out --before and --after');
  }
  if (before === undefined && after === undefined) return null;
  if (before === undefined || after === undefined) {
    throw usage('--before and --after go together', 'name both databases');
  }
  const asset = wishes.asset ?? assets[0] ?? 'database';
  if (wishes.asset === undefined && assets.length > 1) {
    throw usage(
      `the reversal speaks of ${assets.length} databases`,
      `add --asset with one of: ${assets.join(', ')}`,
    );
  }
  return openNamed(call, { before, after, now: now ?? null, asset, beside: file });
}

function kindsOf(ground: Ground | null): Record<string, string> | null {
  if (ground === null) return null;
  const assets = Object.values(ground.manifest.assets);
  return Object.fromEntries(assets.map(({ name, kind }) => [name, kind]));
}

function malformed(problem: Problem): ReversalFinding {
  return finding('form', problem);
}

function usage(message: string, hint: string): BackstepError {
  return new BackstepError('usage', { message, hint });
}
