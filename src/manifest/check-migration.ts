import type { Judging } from './judging.ts';
import { placeholdersOf } from './placeholder.ts';
import type { PartialSections } from './read-sections.ts';

/**
 * Refuses a migration by starting the release where nobody could tell that it is healthy, or where it would listen, or
 * be asked, at the address of the running application.
 */
export function checkMigration(
  { migrate, health, service }: PartialSections,
  { complain }: Judging,
): void {
  if (migrate === undefined || !('start' in migrate) || health === undefined) return;
  const { ready } = health;
  if (ready?.http === undefined && ready?.command === undefined) {
    complain(
      ['migrate', 'until'],
      'nothing says when the started release is healthy',
      'write `health: { ready: { http: /PATH } }`, or a command that exits 0 once it is',
    );
    return;
  }
  if (ready.http === undefined) return;
  if (!ready.http.startsWith('/')) {
    complain(
      ['health', 'ready', 'http'],
      'an address is that of the running application, also while a release is started on a copy',
      'write the path alone (`/healthz`): it is asked at the free port that the release is started at',
    );
    return;
  }
  const env = service?.manager === 'process' ? Object.values(service.env) : [];
  const isTold = [...migrate.start.argv, ...env].some((text) =>
    placeholdersOf(text).includes('port'),
  );
  if (isTold) return;
  complain(
    ['migrate', 'start'],
    'the release is not told the free port that it is to listen at while it migrates a copy',
    'hand it `{port}`',
  );
}
