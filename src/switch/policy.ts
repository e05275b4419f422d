import { BackstepError } from '../fault/backstep-error.ts';

/** Why a release is left: the triggers of the manifest. */
export const causes = ['security', 'corruption', 'crashes', 'performance', 'features'] as const;
export type Cause = (typeof causes)[number];
export type Policy = 'undo' | 'hold';

/**
 * What happens where the target of a rollback is not sound. After a security or corruption cause it is always
 * `hold`, since undoing the rollback would bring the danger back. Throws `usage` where `undo` is wanted then.
 */
export function policyAfter(
  cause: Cause | null,
  { wished, otherwise }: { readonly wished: Policy | null; readonly otherwise: Policy },
): Policy {
  if (cause !== 'security' && cause !== 'corruption') return wished ?? otherwise;
  if (wished !== 'undo') return 'hold';
  throw new BackstepError('usage', {
    message: `--on-failure undo: after a ${cause} cause it would bring the danger back`,
    hint: 'leave it out: such a rollback is held where its target is not sound',
  });
}
