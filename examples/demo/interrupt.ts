import { once } from 'node:events';
import type { Installation } from './installation.ts';

/**
 * Rolls back, and kills the run (SIGKILL) as soon as it tells that its commit record is written. Returns the
 * signal that ended it; null where it came to its own end before.
 */
export async function killAfterCommit(installation: Installation): Promise<NodeJS.Signals | null> {
  const child = installation.begin('rollback', '--yes', '--reason', 'downloads fail', '--json');
  let events = '';
  child.stdout?.resume();
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    events += chunk;
    if (events.split('\n').some(isCommitDone)) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return child.signalCode;
}

/** One event a line; the last line may not be whole yet. */
function isCommitDone(line: string): boolean {
  return line.endsWith('}') && /"phase":"commit","state":"done"/.test(line);
}
