import type { Check } from '../../asset/asset.ts';
import type { Host } from '../../host/host.ts';
import { isDiskError } from '../../host/disk-error.ts';
import { readPseudoFile, readPseudoLink } from '../../service/pseudo-file.ts';
import type { Ground } from '../../switch/ground.ts';
import {
  listed,
  notMeasured,
  verdict,
  type CheckGroup,
  type Verification,
} from '../verification.ts';

const row = 'M5.2';

export const processes: readonly CheckGroup[] = [
  { row, name: 'memory and processor', run: usage },
  { row, name: 'security: listening addresses', run: listening },
];

export interface Usage {
  readonly memoryBytes: number;
  /** Of one processor, over a second. */
  readonly cpuShare: number;
}

/** USER_HZ, which proc_pid_stat(5) counts in: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
const sampleMs = 1_000;
/** So much more than the baseline is worth a word; small figures swing. */
const muchMore = 1.5;
const smallBytes = 50e6;
const smallShare = 0.25;

/** What the processes of the service take; null where none runs, or the platform does not tell. */
export async function usageOf(
  { host, service }: Ground,
  signal: AbortSignal,
): Promise<Usage | null> {
  const pids = (await service.processes()).map(({ pid }) => pid);
  const before = ticksOf(host, pids);
  if (before === null) return null;
  const startedMs = host.clock.monotonicMs();
  await host.clock.sleep(sampleMs, signal);
  const after = ticksOf(host, pids);
  const seconds = (host.clock.monotonicMs() - startedMs) / 1_000;
  if (after === null) return null;
  const cpuShare = (after - before) / ticksPerSecond / seconds;
  return { memoryBytes: pids.reduce((sum, pid) => sum + residentBytes(host, pid), 0), cpuShare };
}

/** utime and stime, the 14th and 15th field of proc_pid_stat(5); null where no process can be read. */
function ticksOf(host: Host, pids: readonly number[]): number | null {
  const ticks = pids.flatMap((pid) => {
    const stat = readPseudoFile(host, `/proc/${pid}/stat`);
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields === undefined ? [] : [Number(fields[11]) + Number(fields[12])];
  });
  return ticks.length === 0 ? null : ticks.reduce((sum, each) => sum + each, 0);
}

function residentBytes(host: Host, pid: number): number {
  const status = readPseudoFile(host, `/proc/${pid}/status`) ?? '';
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function usage({ ground, expected, signal }: Verification): Promise<Check[]> {
  const found = await usageOf(ground, signal);
  if (found === null) {
    return [
      notMeasured(row, 'memory', 'no process of the service can be seen'),
      notMeasured(row, 'processor', 'no process of the service can be seen'),
    ];
  }
  const { memoryBytes = null, cpuShare = null } = expected?.measures ?? {};
  const told = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  return [
    against('memory', {
      found: found.memoryBytes,
      baseline: memoryBytes,
      most: Math.max((memoryBytes ?? 0) * muchMore, (memoryBytes ?? 0) + smallBytes),
      told,
    }),
    against('processor', {
      found: found.cpuShare,
      baseline: cpuShare,
      most: Math.max((cpuShare ?? 0) * muchMore, (cpuShare ?? 0) + smallShare),
      told: percent,
    }),
  ];
}

interface Comparison {
  readonly found: number;
  readonly baseline: number | null;
  readonly most: number;
  readonly told: (figure: number) => string;
}

function against(name: string, { found, baseline, most, told }: Comparison): Check {
  if (baseline === null) {
    const measured = `${told(found)}; no baseline of this release (\`backstep verify --record\`)`;
    return { row, name, status: 'warning', measured };
  }
  const measured = `${told(found)}, baseline ${told(baseline)}, at most ${told(most)}`;
  return { row, name, status: found <= most ? 'success' : 'warning', measured };
}

async function listening({ ground }: Verification): Promise<Check[]> {
  const name = 'security: listening addresses';
  const { listen } = ground.manifest.health.checks;
  const pids = (await ground.service.processes()).map(({ pid }) => pid);
  const sockets = new Set(pids.flatMap((pid) => socketsOf(ground.host, pid)));
  if (sockets.size === 0) return [notMeasured(row, name, 'no socket of the service can be seen')];
  const [first = 0] = pids;
  const found = ['tcp', 'tcp6'].flatMap((table) =>
    listenersIn(readPseudoFile(ground.host, `/proc/${first}/net/${table}`) ?? '', sockets),
  );
  const wrong = found.filter(({ address }) => !listen.includes(address));
  const told = (all: typeof found): string =>
    listed(all.map(({ address, port }) => `${address}:${port}`));
  const measured =
    wrong.length === 0
      ? told(found) || 'none'
      : `${told(wrong)}; declared are ${listen.join(', ')}`;
  return [{ row, name, status: verdict(wrong.length === 0), measured }];
}

function socketsOf(host: Host, pid: number): string[] {
  try {
    return host.disk.list(`/proc/${pid}/fd`).flatMap((descriptor) => {
      const link = readPseudoLink(host, `/proc/${pid}/fd/${descriptor}`) ?? '';
      return /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [];
    });
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return [];
    throw error;
  }
}

/** Source: proc_pid_net(5): state 0A listens, the tenth field is the socket's inode. */
function listenersIn(
  table: string,
  sockets: ReadonlySet<string>,
): { readonly address: string; readonly port: number }[] {
  const lines = table.split('\n').slice(1);
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [local = '', state, inode = ''] = [fields[1], fields[3], fields[9]];
    if (state !== '0A' || !sockets.has(inode)) return [];
    const [hex = '', port = ''] = local.split(':');
    return [{ address: addressIn(hex), port: Number.parseInt(port, 16) }];
  });
}

/** Words of four bytes, each written as the machine stores it: little-endian. */
export function addressIn(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed(),
  );
  const numbers = bytes.map((each) => Number.parseInt(each, 16));
  if (numbers.length === 4) return numbers.join('.');
  const last = numbers.at(-1) ?? 0;
  const zeros = numbers.slice(0, -1).every((each) => each === 0);
  if (zeros) return last === 0 ? '::' : last === 1 ? '::1' : `::${last}`;
  const isMapped = numbers.slice(0, 10).every((each) => each === 0) && numbers[10] === 255;
  if (isMapped) return numbers.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, n) =>
    (((numbers[n * 2] ?? 0) << 8) | (numbers[n * 2 + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}
