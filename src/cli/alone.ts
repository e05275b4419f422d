import { lockHolder, type LockRequest } from '../store/lock.ts';
import type { Ground } from '../switch/ground.ts';
import { exclusively } from '../switch/operations.ts';
import { accountedFor } from './accounted.ts';
import { requireClosedToOthers } from './closed-to-others.ts';
import type { Call } from './context.ts';
import { keptKit } from './kept-kit.ts';
import { duration } from './output.ts';

/**
 * Does one thing that changes state, alone: waits for whoever holds the lock as long as `--lock-wait` says, and says
 * who that is. The emergency kit is brought up to date at its end. Throws `store/locked`, and `interrupted` where the wait was broken off.
 */
export async function alone<T>(
  call: Call,
  ground: Ground,
  { purpose, work }: { readonly purpose: string; readonly work: () => Promise<T> },
): Promise<T> {
  const waitMs = call.flags.lockWaitMs ?? 0;
  if (waitMs > 0) tellHolder(call, ground, waitMs);
  const wishes: LockRequest = { purpose, waitMs, abort: call.signal };
  requireClosedToOthers(ground);
  return accountedFor(ground, purpose, () =>
    exclusively(ground, wishes, async () => {
      const done = await work();
      keptKit(call, ground);
      return done;
    }),
  );
}

function tellHolder(call: Call, { host, folders }: Ground, waitMs: number): void {
  if (host.disk.lstat(folders.lock) === null) return;
  const holder = lockHolder(host, folders.lock);
  if (holder === null) return;
  const who = `process ${holder.identity.pid} (${holder.purpose}, since ${holder.since})`;
  const message = `waiting up to ${duration(waitMs)} for ${who}`;
  call.output.event({ type: 'warning', run: null, message }, message);
}
