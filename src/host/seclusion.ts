import { BackstepError } from '../fault/backstep-error.ts';
import type { Command, Processes } from './processes.ts';

/**
 * Namespaces of a program's own, as unshare(1) makes and nsenter(1) enters them: a network of which nothing but its loopback
 * is there, and mounts in which some paths are read-only. Linux alone. It holds off what goes astray, not an attacker: a
 * program that is root can mount again, and a socket in the file system is still reached.
 */
export interface Seclusion {
  /** Without root it takes a user namespace as well, in which the program sees itself as root. */
  readonly hasUserNamespace: boolean;
  /** Files and folders that are read-only within; absolute, each there. */
  readonly shields: readonly string[];
  /** Folders within these that are not. */
  readonly openings: readonly string[];
}

type Argv = Command['argv'];

/**
 * Secludes a program that does nothing, and tells how that went: kernels, containers and policies each forbid it in a way of
 * their own. Returns why it cannot be had, in one line, where it cannot.
 */
export async function trySeclusion(
  processes: Processes,
  wish: Omit<Seclusion, 'hasUserNamespace'>,
  env: Readonly<Record<string, string>>,
): Promise<Seclusion | { readonly why: string }> {
  const reasons = new Set<string>();
  for (const hasUserNamespace of [false, true]) {
    const seclusion = { ...wish, hasUserNamespace };
    const trouble = await troubleOf(processes, { argv: secluded(seclusion, hasEntrance), env });
    if (trouble === null) return seclusion;
    reasons.add(trouble);
  }
  return { why: [...reasons].join('; ') };
}

/** A command that becomes the program itself, in its namespaces: pid, signals and exit code are the program's. */
export function secluded({ hasUserNamespace, shields, openings }: Seclusion, argv: Argv): Argv {
  const user = hasUserNamespace ? ['--user', '--map-root-user'] : [];
  const outermostFirst = shields.toSorted((a, b) => a.length - b.length);
  const bound = [...outermostFirst, ...openings].flatMap((path) => ['bind', path]);
  const sealed = outermostFirst.flatMap((path) => ['seal', path]);
  const script = ['/bin/sh', '-c', entering, 'backstep', ...bound, ...sealed, 'run'];
  // What is unmounted outside goes within as well, where the system shares its mounts: nothing is held in use.
  return ['unshare', ...user, '--mount', '--propagation', 'slave', '--net', ...script, ...argv];
}

/** A process that was started secluded, and whose it is. */
export interface SecludedProcess extends Pick<Seclusion, 'hasUserNamespace'> {
  readonly pid: number;
}

/** The command in the namespaces of that process, in the folder `cwd`. */
export function beside(process: SecludedProcess, argv: Argv, cwd: string): Argv {
  const script = ['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'backstep', cwd];
  return [...entrance(process), '--mount', ...script, ...argv];
}

/** The command in the network of that process, and else where it is called. */
export function inNetworkOf(process: SecludedProcess, argv: Argv): Argv {
  return [...entrance(process), ...argv];
}

function entrance({ pid, hasUserNamespace }: SecludedProcess): Argv {
  const user = hasUserNamespace ? ['--user', '--preserve-credentials'] : [];
  return ['nsenter', '--target', String(pid), ...user, '--net'];
}

async function troubleOf(processes: Processes, command: Command): Promise<string | null> {
  try {
    const { ended, code, stderr } = await processes.run(command, { limitMs });
    if (ended === 'by-itself' && code === 0) return null;
    const said = stderr.trim().split('\n').at(-1) ?? '';
    return said === '' ? `unshare ended with exit code ${code}` : said;
  } catch (error) {
    if (!(error instanceof BackstepError) || !error.code.startsWith('process/')) throw error;
    return error.code === 'process/missing' ? 'unshare (util-linux) is not there' : error.message;
  }
}

const limitMs = 30_000;

/** What the trial runs: nothing but to see that there is a way in for the one who asks whether it is healthy. */
const hasEntrance: Argv = [
  '/bin/sh',
  '-c',
  'command -v nsenter >/dev/null || { echo "nsenter (util-linux) is not there" >&2; exit 1; }',
];

/**
 * Steps, then `run` and the program. A remount has to name the flags that the file system was mounted with, where a user
 * namespace locks them. The folder is entered anew, since the old one lies below what was bound over it.
 */
const entering = `
fail() { echo "backstep: $1" >&2; exit 71; }
(PATH=$PATH:/usr/sbin:/sbin
ip link set lo up || ifconfig lo up || busybox ip link set lo up) >/dev/null 2>&1 ||
  fail 'no ip, ifconfig or busybox brings up the loopback of a network of its own'
while [ "$1" != run ]; do
  case $1 in
    bind) mount --bind "$2" "$2" || fail "$2 cannot be bound" ;;
    seal)
      for flags in ro ro,nosuid,nodev ro,nosuid,nodev,noexec none; do
        mount -o "remount,bind,$flags" "$2" 2>/dev/null && break
      done
      [ "$flags" != none ] || fail "$2 cannot be made read-only" ;;
  esac
  shift 2
done
shift
cd "$(pwd -P)" || fail 'its folder cannot be entered'
exec "$@"
`;
