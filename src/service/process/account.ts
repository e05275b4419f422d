import { BackstepError } from '../../fault/backstep-error.ts';
import type { Host } from '../../host/host.ts';

/** One line of passwd(5). */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** Throws `service/account` where there is no such account. Asks the system, so that directory services count. */
export async function accountOf(host: Host, name: string): Promise<Account> {
  const asked = await host.processes.run({ argv: ['getent', 'passwd', '--', name] }, { limitMs });
  const account = asked.code === 0 ? parsePasswdLine(asked.stdout) : null;
  if (account?.name === name) return account;
  throw new BackstepError('service/account', {
    message: `service.user: there is no account ${JSON.stringify(name)} on this machine`,
    hint: 'create the account, or correct `service.user` in the manifest',
  });
}

/** name:password:uid:gid:comment:home:shell */
export function parsePasswdLine(text: string): Account | null {
  const [name, , uid, gid, , home, shell] = text.split('\n')[0]?.split(':') ?? [];
  if (name === undefined || home === undefined || shell === undefined) return null;
  if (!/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return null;
  return { name, uid: Number(uid), gid: Number(gid), home, shell };
}

const limitMs = 10_000;
