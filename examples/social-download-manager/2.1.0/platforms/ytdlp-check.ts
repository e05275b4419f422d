import { PlatformError } from './platform.ts';
import type { PlatformCheck, PlatformSettings } from './platform.ts';
import { runProgram } from './program.ts';

/** Whether yt-dlp starts, and which version it is. Starts Python: callers keep the answer for a while. */
export async function checkYtdlp(settings: PlatformSettings): Promise<PlatformCheck> {
  const program = programOf(settings);
  const lines: string[] = [];
  try {
    const { exitCode } = await runProgram({
      program,
      arguments: ['--version'],
      signal: AbortSignal.timeout(settings.timeoutSeconds * 1000),
      onLine: (line) => lines.push(line),
    });
    if (exitCode === 0) return { status: 'ok', detail: `${program} ${lines[0] ?? ''}`.trimEnd() };
    return { status: 'unavailable', detail: `${program} --version ended with ${exitCode}` };
  } catch (error) {
    if (error instanceof PlatformError) return { status: 'unavailable', detail: error.message };
    if (!(error instanceof DOMException)) throw error;
    const detail = `${program} did not answer in ${settings.timeoutSeconds} s`;
    return { status: 'unavailable', detail };
  }
}

export function programOf(settings: PlatformSettings): string {
  return settings.program ?? 'yt-dlp';
}
