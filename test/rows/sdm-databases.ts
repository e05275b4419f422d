/** The database of Social Download Manager as its own migrations make it, for tests. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseReversal } from '../../src/law/reversal/parse.ts';
import { bookkeepingTables } from '../../src/law/rows/bookkeeping.ts';
import type { MergeTerms } from '../../src/law/rows/terms.ts';

const root = fileURLToPath(new URL('../../examples/social-download-manager/', import.meta.url));

/** The statements of a release's migrations, all or only its own. */
export function migrationsOf(release: string, which: 'all' | 'own'): string {
  const folder = `${root}${release}/database/migrations`;
  const files = readdirSync(folder).filter(
    (name) => name.endsWith('.sql') && (which === 'all' || name.startsWith(`${release}-`)),
  );
  const statements = files.sort().map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
  return ['PRAGMA foreign_keys = OFF;', ...statements].join('\n');
}

/** How a release's database is read by the one before it. */
export function sdmTermsOf(from: string, to: string): Pick<MergeTerms, 'lenses' | 'bookkeeping'> {
  const file = `${root}reversals/${from}-to-${to}.yaml`;
  const read = parseReversal({
    text: readFileSync(file, 'utf8'),
    file,
    sha256: '0'.repeat(64),
    assets: null,
  });
  if (!read.ok) throw new TypeError(`${file} is no sound reversal`);
  return { lenses: read.value.databases['history']?.tables ?? {}, bookkeeping: bookkeepingTables };
}
