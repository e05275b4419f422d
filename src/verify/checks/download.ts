import type { Check } from '../../asset/asset.ts';
import type { Command } from '../../form/command.ts';
import { placeholderCommand } from '../../switch/ready.ts';
import { addressOf } from '../address.ts';
import { notMeasured, verdict, type Verification } from '../verification.ts';

const row = 'M5.2';
const name = 'download: first byte';
const bodyBytes = 4 << 20;
const limitMs = 10_000;

/** How long a download takes to begin: asked at an address, or told by a command of the manifest. */
export async function download(verification: Verification): Promise<Check[]> {
  const { download: asked } = verification.ground.manifest.health.checks;
  if (asked === undefined) {
    return [notMeasured(row, name, 'the manifest has no `health.checks.download`')];
  }
  return typeof asked === 'string' ? fetched(verification, asked) : told(verification, asked);
}

async function fetched({ ground, signal }: Verification, path: string): Promise<Check[]> {
  const url = addressOf(ground, path);
  if (url === null) return [notMeasured(row, name, 'the manifest does not say at which port')];
  const answer = await ground.host.network.get(url, { limitMs, bodyBytes, signal });
  if (answer.kind !== 'answered') return [failed(`${url.pathname}: ${answer.why}`)];
  if (answer.status >= 400 || answer.firstByteMs === undefined) {
    return [failed(`${url.pathname}: ${answer.status}`)];
  }
  return [judged(limitOf(ground), answer.firstByteMs)];
}

/** A download behind a login, or one that the application makes itself: only its own command can begin it. */
async function told(
  { ground, signal }: Verification,
  { run, timeout }: { readonly run: Command; readonly timeout: number },
): Promise<Check[]> {
  const command = placeholderCommand(ground, run);
  const finished = await ground.host.processes.run(command, { limitMs: timeout, abort: signal });
  if (finished.ended === 'limit') return [failed(`no end within ${timeout} ms, so it was killed`)];
  const said = lastLine(finished.stdout);
  if (finished.code !== 0) {
    const why = lastLine(finished.stderr) || said;
    return [
      failed(`${command.argv[0]}: exit code ${finished.code}${why === '' ? '' : `: ${why}`}`),
    ];
  }
  const [, ms] = /^(\d+(?:\.\d+)?)(?: ms)?$/.exec(said) ?? [];
  if (ms === undefined) {
    return [failed(`${command.argv[0]}: its last line is no number of milliseconds: ${said}`)];
  }
  return [judged(limitOf(ground), Number(ms))];
}

function limitOf({ manifest }: Verification['ground']): number {
  return manifest.health.checks.downloadWithin;
}

function judged(within: number, ms: number): Check {
  const measured = `after ${Math.round(ms)} ms (limit ${within} ms)`;
  return { row, name, status: verdict(ms < within), measured };
}

function failed(measured: string): Check {
  return { row, name, status: 'error', measured };
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}
