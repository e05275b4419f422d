import type { Bench } from './bench.ts';
import { quoteName } from '../../sqlite/names.ts';
import { rowidNameOf } from './stored.ts';

/** Told how many rows of how many were compared; what is done to those that changed takes little beside it. */
export type OnRows = (done: number, total: number) => void;

/** How often the rows of a table are walked through: to find what changed, and to prove the result. */
const walks = 2;

/**
 * Begins to tell how far a merge is, by the pages that are compared: twice each table that both states have. `into` is the
 * bench's own teller.
 */
export function tellRows({ db, latest, views, rows: into }: Bench, tell: OnRows | undefined): void {
  if (tell === undefined) return;
  const names = new Set(views.flatMap(({ raw }) => (raw === null ? [] : [raw.table.name])));
  let total = 0;
  for (const name of names) {
    const table = latest.get(name);
    if (table === undefined || rowidNameOf(table) === null) continue;
    total += walks * db.count(`SELECT count(*) FROM latest.${quoteName(name)}`);
  }
  let done = 0;
  into.told = (more) => {
    done = Math.min(total, done + more);
    tell(done, total);
  };
}

/** Whom the walks of a bench tell how many rows they have passed. */
export interface RowTeller {
  told: (more: number) => void;
}
