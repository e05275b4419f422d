import { PlatformError } from './platform.ts';
import type { PlatformCheck, PlatformSettings } from './platform.ts';
import { runProgram } from './program.ts';

export function programOf(settings: PlatformSettings): string {
  return settings.program ?? 'yt-dlp';
}

const checkKeptMs = 60_000;
const checks = new Map<string, { readonly at: number; readonly check: PlatformCheck }>();

/** Starting Python for every health check would cost more than it tells: an answer holds for a minute. */
export async function checkYtdlp(settings: PlatformSettings): Promise<PlatformCheck> {
  const program = programOf(settings);
  const known = checks.get(program);
  if (known !== undefined && Date.now() - known.at < checkKeptMs) return known.check;
  const check = await versionOf(program, settings.timeoutSeconds);
  checks.set(program, { at: Date.now(), check });
  return check;
}

async function versionOf(program: string, timeoutSeconds: number): Promise<PlatformCheck> {
  const lines: string[] = [];
  try {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const { exitCode } = await runProgram({
      program,
      arguments: ['--version'],
      signal,
      onLine: (line) => lines.push(line),
    });
    if (exitCode === 0) return { status: 'ok', detail: `${program} ${lines[0] ?? ''}`.trimEnd() };
    return { status: 'unavailable', detail: `${program} --version ended with ${exitCode}` };
  } catch (error) {
    if (error instanceof PlatformError) return { status: 'unavailable', detail: error.message };
    if (error instanceof DOMException) {
      return { status: 'unavailable', detail: `${program} did not answer in ${timeoutSeconds} s` };
    }
    throw error;
  }
}
