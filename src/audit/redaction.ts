/**
 * What may not stand in the audit log: it is kept for a year and goes to auditors, and nothing is taken out of a
 * hash chain afterwards. Only texts that people write freely need it; codes and identifiers pass unchanged.
 */

/** At most so much of one text; the whole of it stands in the run's own records. */
const longestText = 300;
const deepest = 6;

const rules: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, '(secret)'],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1(secret)@'],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 (secret)'],
  [
    /\b([\w-]*(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|cookie|authorization)[\w-]*)["']?\s*[:=]\s*("[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    '$1=(secret)',
  ],
  // Keys of well-known services, and JSON web tokens.
  [
    /\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abprs]|AKIA|AIza)[-_A-Za-z0-9]{12,}/g,
    '(secret)',
  ],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?/g, '(secret)'],
  [/[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+\.[^\s@<>"'(),;:]+/g, '(address)'],
  [/(?<![\w.-])\+\d[\d ()/.-]{6,}\d/g, '(telephone)'],
  [/(\/(?:home|Users)\/)[^/\s]+/g, '$1(person)'],
  [/([A-Z]:\\Users\\)[^\\\s]+/gi, '$1(person)'],
];

/** Text without what looks like a secret, an address, a telephone number or the name of a home folder. */
export function redacted(text: string): string {
  const clean = rules.reduce((all, [pattern, instead]) => all.replaceAll(pattern, instead), text);
  return clean.length > longestText ? `${clean.slice(0, longestText)}…` : clean;
}

/** A document in which every text was redacted, whatever key it stands under. */
export function redactedData(
  data: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return redactedRecord(data, 0);
}

function redactedRecord(data: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [redacted(key), redactedValue(value, depth + 1)]),
  );
}

function redactedValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redacted(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (depth > deepest) return '(too deep)';
  if (Array.isArray(value)) return value.map((each) => redactedValue(each, depth + 1));
  return typeof value === 'object' ? redactedRecord(value, depth) : null;
}
