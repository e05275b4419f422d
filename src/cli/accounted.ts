import { BackstepError } from '../fault/backstep-error.ts';
import type { Ground } from '../switch/ground.ts';

/** Does something that changes state, and puts into the audit log that it was done, refused, or failed. */
export async function accountedFor<T>(
  ground: Ground,
  purpose: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work();
    await record(ground, 'command.done', { purpose });
    return result;
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
    const { code, exitCode } = error;
    const isRefusal = exitCode === 2 || exitCode === 3 || exitCode === 6;
    await record(ground, isRefusal ? 'command.refused' : 'command.failed', { purpose, code });
    throw error;
  }
}

/** What was done stays done, and what failed is what is told, also where the log cannot be written. */
async function record(
  { audit }: Ground,
  act: string,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await audit.record([{ act, run: null, data }], { closes: true });
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
  }
}
