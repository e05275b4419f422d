import { BackstepError } from '../../fault/backstep-error.ts';
import type { Platform } from '../../manifest/system.ts';
import { readPseudoFile } from '../../service/pseudo-file.ts';
import type { Ground } from '../ground.ts';

/** What the machine lacks, and what to do about it; a line each. */
export interface Shortfall {
  readonly about: 'operating system' | 'SQLite of the application';
  readonly found: string;
  readonly remedy: string;
}

const askMs = 10_000;

/** Null where the operating system is one that is supported, or does not tell what it is. */
export async function systemShortfall(ground: Ground): Promise<Shortfall | null> {
  const { platform } = ground.manifest;
  const text = platform === 'linux' ? releaseFile(ground) : await toldVersion(ground, platform);
  return text === null ? null : shortfallIn(platform, text);
}

function releaseFile({ host }: Ground): string | null {
  const path = '/etc/os-release';
  // It is a link in most distributions.
  return host.disk.lstat(path) === null ? null : readPseudoFile(host, host.disk.realPath(path));
}

/** The commands by which the other systems tell their version. */
export const versionCommands = {
  darwin: ['/usr/bin/sw_vers', '-productVersion'],
  win32: ['cmd.exe', '/d', '/c', 'ver'],
} as const;

async function toldVersion(
  { host }: Ground,
  platform: keyof typeof versionCommands,
): Promise<string | null> {
  try {
    const argv = versionCommands[platform];
    const { code, stdout } = await host.processes.run({ argv }, { limitMs: askMs });
    return code === 0 ? stdout : null;
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
    return null;
  }
}

/** The manual's own floors: what they are called, and the lowest version. Node itself may ask for more. */
const floors = {
  linux: { name: 'Ubuntu', least: [18, 4], written: '18.04' },
  darwin: { name: 'macOS', least: [10, 15], written: '10.15' },
  win32: { name: 'Windows', least: [10, 0], written: '10' },
} as const satisfies Readonly<Record<Platform, object>>;

/** By the text of os-release(5), of `sw_vers -productVersion`, of `ver`. Null for other distributions and texts. */
export function shortfallIn(platform: Platform, text: string): Shortfall | null {
  const version = versionIn(platform, text);
  const { name, least, written } = floors[platform];
  const [, major, minor] = /^(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  if (major === undefined) return null;
  const isEnough =
    Number(major) > least[0] || (Number(major) === least[0] && Number(minor ?? 0) >= least[1]);
  if (isEnough) return null;
  return {
    about: 'operating system',
    found: `${name} ${version}, at least ${written} is supported`,
    remedy:
      'upgrade the system; meanwhile a snapshot restores with a shell (docs/formats/store.md)',
  };
}

function versionIn(platform: Platform, text: string): string | null {
  switch (platform) {
    case 'linux': {
      const valueOf = (key: string): string =>
        new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
      return valueOf('ID') === 'ubuntu' ? valueOf('VERSION_ID') : null;
    }
    case 'darwin':
      return text.trim();
    case 'win32':
      return /\[\S+ ([\d.]+)\]/.exec(text)?.[1] ?? null;
  }
}
