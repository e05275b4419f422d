import type { Ground } from '../../switch/ground.ts';
import type { DoctorFinding, Examination } from '../doctor.ts';

export const people: readonly Examination[] = [
  { about: 'contacts', look: ({ ground }) => contacts(ground) },
];

/** RFC 2606 and RFC 6761: names that belong to nobody. */
const nobodysDomain = /@(?:[^@]*\.)?(?:example(?:\.(?:com|org|net))?|invalid|test|localhost)$/i;
/** Numbers of films, and what stands for a digit that somebody is to fill in. */
const nobodysNumber = /555[ ().-]*01\d\d|x{2,}|0{7,}|1234567/i;

export function isPlaceholder({
  email,
  phone,
}: {
  email?: string | undefined;
  phone?: string | undefined;
}): boolean {
  return (
    (email !== undefined && nobodysDomain.test(email)) ||
    (phone !== undefined && nobodysNumber.test(phone))
  );
}

function contacts({ manifest }: Ground): DoctorFinding[] {
  const about = 'contacts';
  const known = Object.entries(manifest.contacts);
  if (known.length === 0) {
    const found = 'the manifest names nobody who is to be told';
    return [{ severity: 'warning', about, found, remedy: 'name them under `contacts:`' }];
  }
  const placeholders = known
    .filter(([, contact]) => isPlaceholder(contact) || isPlaceholder(contact.backup ?? {}))
    .map(([role]) => role);
  const unreachable = known
    .filter(([, { email, phone }]) => email === undefined && phone === undefined)
    .map(([role]) => role);
  const remedy = 'write real addresses and numbers under `contacts:` in the manifest';
  return [
    ...(placeholders.length === 0
      ? []
      : [
          {
            severity: 'error' as const,
            about,
            found: `placeholders: ${placeholders.join(', ')}`,
            remedy,
          },
        ]),
    ...(unreachable.length === 0
      ? []
      : [
          {
            severity: 'error' as const,
            about,
            found: `no address: ${unreachable.join(', ')}`,
            remedy,
          },
        ]),
  ];
}
