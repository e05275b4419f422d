import type { Ground } from '../../switch/ground.ts';
import { systemShortfall } from '../../switch/preflight/system-floor.ts';
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

async function operatingSystem(ground: Ground): Promise<DoctorFinding[]> {
  const short = await systemShortfall(ground);
  return short === null ? [] : [{ severity: 'error', ...short }];
}
