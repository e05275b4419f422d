import { appendFileSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { z } from 'zod';
import type { Act, Observer } from '../../sim/observed-host.ts';
import { BackstepError } from '../../src/fault/backstep-error.ts';
import { DiskError } from '../../src/host/disk-error.ts';

/** Where the executable under test reads what is to befall it, and where it writes what it did. */
export const strikeVariable = 'BACKSTEP_STRIKE';
export const traceVariable = 'BACKSTEP_STRIKE_TRACE';

const refused = ['EIO', 'ENOSPC', 'EACCES', 'EMFILE', 'EROFS', 'EXDEV'] as const;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * What befalls the executable: `kill` ends it by SIGKILL right before an act, `tear` in the middle of it; an errno
 * makes the act fail; another signal reaches it, and the act is done. The act is told by its number, from 1: of the whole run, or of one phase.
 */
const strike = z.object({
  how: z.enum(['kill', 'tear', ...refused, ...signals]),
  at: z.int().positive(),
  /** `place`, or `2.place` for the run that was begun within the first one. Without it the whole run. */
  phase: z.string().optional(),
  /** An error or signal comes again with every act of the same phase from then on; else it is one act's, once. */
  lasts: z.boolean().optional(),
  /** Acts on paths that end so are struck, no others; all are counted. */
  on: z.string().optional(),
});
export type Strike = z.output<typeof strike>;

/** One act that a run did: its number in the run and in its phase. */
const traced = z.object({
  at: z.int(),
  phase: z.string(),
  inPhase: z.int(),
  name: z.string(),
  path: z.string(),
});
export type TracedAct = z.output<typeof traced>;

/** The acts of a run that went to its end, in their order. */
export function readTrace(file: string): readonly TracedAct[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => traced.parse(JSON.parse(line)));
}

/** What is to befall one run, and where it writes what it does. */
export interface Fate {
  readonly strike?: Strike;
  /** A file that gets a line for each act. */
  readonly trace?: string;
}

/** What the environment says of it. */
export function fateFrom(env: NodeJS.ProcessEnv): Fate {
  const [written, trace] = [env[strikeVariable], env[traceVariable]];
  return {
    ...(written === undefined ? {} : { strike: strike.parse(JSON.parse(written)) }),
    ...(trace === undefined ? {} : { trace }),
  };
}

/** Strikes and traces; `die` ends whoever acts. */
export function observerOf({ strike: planned, trace }: Fate, die: () => never): Observer {
  const number = actNumbers();
  let wasDealt = false;
  return (act) => {
    const where = number(act);
    if (trace !== undefined) {
      const line = { ...where, name: act.name, path: act.path };
      appendFileSync(trace, `${JSON.stringify(line)}\n`);
    }
    if (planned === undefined || !isStruck(planned, { ...where, path: act.path })) return;
    if (wasDealt && planned.lasts !== true) return;
    wasDealt = true;
    befall(planned.how, act, die);
  };
}

type ActNumber = Pick<TracedAct, 'at' | 'phase' | 'inPhase'>;

/** Counts acts, and reads from the journal's own lines which phase of which run they belong to. */
export function actNumbers(): (act: Act) => ActNumber {
  const journals: string[] = [];
  let [phase, at, inPhase] = ['before', 0, 0];
  return (act) => {
    const begun = begunPhase(act);
    if (begun !== null) {
      if (!journals.includes(begun.journal)) journals.push(begun.journal);
      const run = journals.indexOf(begun.journal) + 1;
      phase = run === 1 ? begun.phase : `${run}.${begun.phase}`;
      inPhase = 0;
    }
    at += 1;
    inPhase += 1;
    return { at, phase, inPhase };
  };
}

const journalLine = z.object({ event: z.literal('begun'), phase: z.string() });

function begunPhase({ name, path, bytes }: Act): { journal: string; phase: string } | null {
  if (name !== 'write' || bytes === undefined || !/\/journal\/[^/]+\.jsonl$/.test(path))
    return null;
  const read = journalLine.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return read.success ? { journal: path, phase: read.data.phase } : null;
}

function isStruck(
  { at, phase, lasts, on }: Strike,
  where: ActNumber & Pick<TracedAct, 'path'>,
): boolean {
  if (on !== undefined && !where.path.endsWith(on)) return false;
  if (phase !== undefined && where.phase !== phase) return false;
  const number = phase === undefined ? where.at : where.inPhase;
  return lasts === true ? number >= at : number === at;
}

function befall(how: Strike['how'], act: Act, die: () => never): void {
  if (how === 'tear') act.tear?.();
  if (how === 'kill' || how === 'tear') die();
  if (how === 'SIGINT' || how === 'SIGTERM' || how === 'SIGHUP') {
    process.kill(process.pid, how);
    return;
  }
  if (!isOfProcesses(act)) throw new DiskError(how, { act: act.name, path: act.path });
  throw new BackstepError('process/failed', {
    message: `${act.name} ${act.path}: ${how}`,
    hint: 'the machine refused it in a test',
  });
}

function isOfProcesses({ name }: Act): boolean {
  return ['spawn', 'spawned', 'run', 'running', 'signal', 'signalGroup'].includes(name);
}
