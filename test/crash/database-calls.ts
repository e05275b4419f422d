import assert from 'node:assert/strict';
import { recorded, type SystemCall } from './system-calls.ts';
import { tryOnce, type Stage } from './trial.ts';

/** What the command of a stage does to its databases, when nothing befalls it: at least `least` system calls. */
export async function databaseCalls(stage: Stage, least: number): Promise<readonly SystemCall[]> {
  const calls: SystemCall[] = [];
  const whole = await tryOnce(stage, { strikes: [], executable: recorded(calls) });
  assert.deepEqual([whole.losses, whole.end], [[], 'after']);
  const found = calls.filter(({ path }) => /\.db(-journal|-wal)?$/.test(path));
  assert.ok(found.length >= least, `${found.length} system calls on databases`);
  return found;
}
