import { readPseudoFile } from '../../service/pseudo-file.ts';
import type { Ground } from '../../switch/ground.ts';
import type { DoctorFinding, Examination } from '../doctor.ts';

export const machine: readonly Examination[] = [
  { about: 'service', look: ({ ground }) => service(ground) },
  { about: 'readiness', look: ({ ground }) => readiness(ground) },
  { about: 'operating system', look: ({ ground }) => operatingSystem(ground) },
];

/** Throws `service/…` where its manager cannot be asked. */
async function service(ground: Ground): Promise<DoctorFinding[]> {
  const { state, detail, isMasked } = await ground.service.status();
  const about = 'service';
  if (isMasked && state !== 'running') {
    const remedy = 'let the run that masked it come to its end: `backstep resume`';
    return [{ severity: 'error', about, found: 'nothing may start it', remedy }];
  }
  if (state !== 'down') return [];
  const remedy = 'its log says why: it would not run after a rollback that fails either';
  return [{ severity: 'warning', about, found: `it is down: ${detail}`, remedy }];
}

function readiness({ manifest }: Ground): DoctorFinding[] {
  const { ready } = manifest.health;
  if (manifest.service.manager === 'none' || ready?.http !== undefined) return [];
  const found =
    'nothing asks the application whether it is ready: a rollback would only see that it runs';
  const remedy =
    'name an address that answers 200 once it is: `health: { ready: { http: /healthz } }`';
  return [{ severity: 'warning', about: 'readiness', found, remedy }];
}

/** The manual's own floor; Node itself asks for more. */
const oldestUbuntu = 18.04;

function operatingSystem({ host, manifest }: Ground): DoctorFinding[] {
  const path = '/etc/os-release';
  if (manifest.platform !== 'linux' || host.disk.lstat(path) === null) return [];
  // It is a link in most distributions.
  return systemFindings(readPseudoFile(host, host.disk.realPath(path)) ?? '');
}

/** By the text of os-release(5). */
export function systemFindings(text: string): DoctorFinding[] {
  const valueOf = (key: string): string =>
    new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  const version = Number(valueOf('VERSION_ID'));
  if (valueOf('ID') !== 'ubuntu' || version >= oldestUbuntu) return [];
  const found = `Ubuntu ${valueOf('VERSION_ID')}, at least ${oldestUbuntu.toFixed(2)} is supported`;
  const remedy =
    'upgrade the system; meanwhile a snapshot restores with a shell (docs/formats/store.md)';
  return [{ severity: 'error', about: 'operating system', found, remedy }];
}
