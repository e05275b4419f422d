import type { Command, Processes } from '../host/processes.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Measurement, Probe } from './outcome.ts';

/** Asks a command whether the application is ready: exit code 0 is good, any other one is bad. */
export function commandProbe(processes: Processes, command: Command): Probe {
  const name = command.argv.join(' ');
  return async ({ limitMs, signal }) => {
    const limits = { limitMs, graceMs, outputBytes: shownBytes };
    const abort = signal === undefined ? {} : { abort: signal };
    const finished = await processes.run(command, { ...limits, ...abort });
    if (finished.ended === 'aborted') throw interrupted(name);
    const said = lastLine(`${finished.stdout}\n${finished.stderr}`);
    if (finished.ended === 'limit') {
      return { outcome: 'Error', detail: `${name}: no end within ${limitMs} ms, so it was killed` };
    }
    return measuredExit(name, { code: finished.code, said });
  };
}

/** A command that a signal ended, and not we, measured nothing. */
function measuredExit(
  name: string,
  { code, said }: { readonly code: number | null; readonly said: string },
): Measurement {
  const words = said === '' ? '' : `: ${said}`;
  if (code === null) return { outcome: 'Error', detail: `${name}: ended by a signal${words}` };
  const detail = `${name}: exit code ${code}${words}`;
  return { outcome: code === 0 ? 'Successful' : 'Failed', detail };
}

/** One after the other, within one limit; the first that is not good is what they come to. */
export function allOf(probes: readonly [Probe, ...Probe[]], nowMs: () => number): Probe {
  return async ({ limitMs, signal }) => {
    const deadlineMs = nowMs() + limitMs;
    const [first, ...others] = probes;
    let found = await first({ limitMs, signal });
    for (const probe of others) {
      if (found.outcome !== 'Successful') return found;
      found = await probe({ limitMs: Math.max(1, deadlineMs - nowMs()), signal });
    }
    return found;
  };
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}

function interrupted(name: string): BackstepError {
  return new BackstepError('interrupted', {
    message: `${name} was broken off`,
    hint: 'run the command again',
  });
}

const shownBytes = 300;
/** Between SIGTERM and SIGKILL: it only asks, so nothing of it needs an orderly end. */
const graceMs = 100;
