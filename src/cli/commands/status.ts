import { z } from 'zod';
import { bookNow } from '../../switch/operations.ts';
import { pendingEmergencies } from '../../switch/emergency/emergency.ts';
import { uncarried } from '../../switch/emergency/uncarried.ts';
import { interruptedRuns } from '../../switch/recover/open-runs.ts';
import { waitingRuns } from '../../switch/waiting.ts';
import type { Ground } from '../../switch/ground.ts';
import type { Call } from '../context.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({ watch: z.boolean().default(false) });

export const statusCommand: CommandDefinition = {
  example: 'backstep status --watch',
  options: {
    '--watch': { text: 'go on, and tell whenever something changes, until Ctrl-C' },
  },
  run: async (call, given) => {
    const { watch } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    if (watch) return watchStatus(call, ground);
    const status = await statusOf(ground);
    call.output.result(status.document, status.lines);
    return status.exitCode;
  },
};

const lookEveryMs = 1000;

/** Under `--json` one document after another. Ctrl-C is its usual end: 0, or 7 where a person is needed. */
async function watchStatus(call: Call, ground: Ground): Promise<number> {
  const { clock } = call.host;
  const over = aborted(call.signal);
  let told = '';
  for (;;) {
    const { document, lines, exitCode } = await statusOf(ground);
    const state = JSON.stringify(document);
    if (state !== told) {
      const at = new Date(clock.now()).toISOString();
      call.output.result({ at, ...document }, [at, ...lines.map((line) => `  ${line}`)]);
    }
    told = state;
    if (call.signal.aborted) return exitCode;
    await Promise.race([clock.sleep(lookEveryMs), over]);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}

interface Status {
  readonly document: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  readonly exitCode: number;
}

async function statusOf(ground: Ground): Promise<Status> {
  const book = bookNow(ground);
  const service = await ground.service.status();
  const interrupted = interruptedRuns(ground);
  const waiting = waitingRuns(ground);
  const emergencies = pendingEmergencies(ground).map(({ pair }) => pair);
  const leftOut = uncarried(ground)?.assets ?? [];
  const { app } = ground.manifest;
  const canReturnTo = book.departure?.from ?? null;
  const { release, lastGood, holds } = book;
  const detail = service.detail === '' ? '' : ` (${service.detail})`;
  return {
    document: {
      app,
      release,
      lastGood,
      canReturnTo,
      holds,
      service,
      interrupted,
      waiting,
      emergencies,
      uncarried: leftOut,
    },
    lines: [
      `${app}: ${release ?? 'no release'} · ${service.state}${detail}`,
      `last good: ${lastGood ?? '–'}`,
      ...(canReturnTo === null ? [] : [`can return to: ${canReturnTo}`]),
      ...holds.map((hold) => `on hold: ${hold.release} since ${hold.at}: ${hold.reason}`),
      ...emergencies.map(
        (pair) =>
          `BY HAND: a script of the emergency kit went back over ${pair} without Backstep: run \`backstep resume\``,
      ),
      ...(leftOut.length === 0
        ? []
        : [
            `NOT CARRIED by the emergency rollback: what was changed in ${leftOut.join(', ')} after the upgrade: run \`backstep resume --yes\``,
          ]),
      ...interrupted.map(
        (run) => `INTERRUPTED: ${run}: run \`backstep resume\` or \`backstep abort\``,
      ),
      ...waiting.map(
        ({ run, why, commands }) =>
          `${why.toUpperCase()}: ${run}: a person decides: ${commands.map((each) => `\`${each}\``).join(' or ')}`,
      ),
    ],
    exitCode: interrupted.length + waiting.length + emergencies.length === 0 ? 0 : 7,
  };
}
