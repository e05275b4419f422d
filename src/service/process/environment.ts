import type { Account } from './account.ts';

/**
 * The environment of a supervised application: small and the same whoever starts it, so that it does not
 * run differently after a rollback by cron or sudo than after one from somebody's terminal.
 */
export function childEnvironment(
  caller: Readonly<Record<string, string | undefined>>,
  account: Account | null,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const names = account === null ? [...machineNames, ...personNames] : machineNames;
  const passed = names.flatMap((name) => {
    const value = caller[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const path = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
  const person =
    account === null
      ? {}
      : { HOME: account.home, USER: account.name, LOGNAME: account.name, SHELL: account.shell };
  return { ...path, ...Object.fromEntries(passed), ...person, ...own };
}

const machineNames = ['PATH', 'LANG', 'LC_ALL', 'TZ'] as const;
const personNames = ['HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'XDG_RUNTIME_DIR'] as const;
