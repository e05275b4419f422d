import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Ground } from '../../switch/ground.ts';
import { bookNow, rollback, wayBack } from '../../switch/operations.ts';
import { causes, policyAfter } from '../../switch/policy.ts';
import { openGround } from '../open.ts';
import { parseAt, waitUntil } from '../at-time.ts';
import { confirmRollback } from '../confirming.ts';
import { decisionsFrom, requireFlag, runAndTell } from '../running.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  to: z.string().optional(),
  asOf: z.string().optional(),
  only: z.array(z.string()).default([]),
  at: z.string().optional(),
  reason: z.string().default('rollback'),
  decide: z.array(z.string()).default([]),
  yes: z.boolean().default(false),
  emergency: z.boolean().default(false),
  confirm: z.boolean().default(false),
  onFailure: z.enum(['undo', 'hold']).optional(),
  cause: z.enum(causes).optional(),
});

export const rollbackCommand: CommandDefinition = {
  example: 'backstep rollback --reason "downloads fail" --yes',
  takesLock: true,
  options: {
    '--to <version>': { text: 'the release to go back to (default: the one before)' },
    '--only <asset>': {
      text: 'roll back this alone (ASSET, ASSET:file, ASSET:file#path, ASSET:table), the release stays',
      isRepeated: true,
    },
    '--as-of <time>': {
      text: 'take the state captured by then (a time or a snapshot) for the state now',
    },
    '--at <time>': {
      text: 'begin then (2026-02-14T02:30:00Z, +30m): waits here, plans anew, Ctrl-C calls it off',
    },
    '--reason <text>': { text: 'why, for the record and the hold' },
    '--decide <place=choice>': { text: 'as-is, park or before, for one place', isRepeated: true },
    '--cause <cause>': {
      text: 'security, corruption, crashes, performance or features; after the first two: hold',
    },
    '--on-failure <policy>': { text: 'undo or hold, if the old release is not sound' },
    '--emergency': {
      text: 'no questions, and the stop comes at once; a failed check holds instead of going forward again',
    },
    '--confirm': { text: 'needed with --emergency' },
    '--yes': { text: 'ask nothing' },
  },
  run: async (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const isConfirmed = wishes.yes || (wishes.emergency && wishes.confirm);
    const flag = wishes.emergency ? '--confirm' : '--yes';
    requireFlag(call, isConfirmed, { flag, what: 'the rollback' });
    const policy = policyAfter(wishes.cause ?? null, {
      wished: wishes.onFailure ?? null,
      otherwise: wishes.emergency ? 'hold' : 'undo',
    });
    const atMs = wishes.at === undefined ? null : parseAt(wishes.at, call.host.clock.now());
    const ground = openGround(call);
    const { newest, oldest } = wayBack(ground, wishes.to ?? null);
    const said = decisionsFrom(call, wishes.decide);
    const asOf = wishes.asOf ?? null;
    const only = wishes.only.length === 0 ? null : wishes.only;
    const decisions = isConfirmed
      ? said
      : await confirmRollback(call, ground, { to: oldest.from, decisions: said, asOf, only });
    if (atMs !== null) await waitUntil(call, atMs, `the rollback to ${oldest.from}`);
    return runAndTell(call, ground, {
      purpose: `rollback to ${wishes.to ?? 'the release before'}`,
      run: (options) => {
        refuseMoved(ground, newest.to);
        return rollback(
          ground,
          {
            to: oldest.from,
            reason: wishes.reason,
            decisions,
            asOf,
            only,
            policy,
            isEmergency: wishes.emergency,
          },
          options,
        );
      },
    });
  },
};

/** Between the plan and the run nobody held the lock: what runs now may be another release. */
function refuseMoved(ground: Ground, planned: string): void {
  const { release } = bookNow(ground);
  if (release === planned) return;
  throw new BackstepError('switch/refused', {
    message: `release ${planned} was to be left, and ${release ?? 'none'} runs now`,
    hint: 'see `backstep history` for what happened meanwhile, and `backstep plan`',
  });
}
