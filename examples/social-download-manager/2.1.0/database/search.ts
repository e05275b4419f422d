import type { Status } from '../downloads/download.ts';
import type { sorts } from '../settings/schema.ts';
import { downloads } from './downloads.ts';
import { folded } from './folded.ts';
import type { Database, Values } from './open.ts';
import { numberOf, type Row } from './row.ts';

export interface HistoryQuery {
  readonly userId: number;
  /** Part of a title, an uploader or a link; '' for all. */
  readonly search: string;
  readonly status: Status | null;
  readonly sort: (typeof sorts)[number];
  readonly limit: number;
  readonly offset: number;
}

const orders = {
  newest: 'added_at DESC, id DESC',
  oldest: 'added_at, id',
  title: 'title COLLATE NOCASE, id',
  size: 'size_bytes DESC NULLS LAST, id DESC',
} satisfies Record<HistoryQuery['sort'], string>;

/** One page of a user's history, and how many downloads there are on all pages. */
export function searchHistory(
  database: Database,
  query: HistoryQuery,
): { readonly total: number; readonly rows: readonly Row[] } {
  const { condition, values } = conditionOf(query);
  const { limit, offset } = query;
  const rows = database.all(
    `SELECT * FROM ${downloads} WHERE ${condition}
     ORDER BY ${orders[query.sort]} LIMIT :limit OFFSET :offset`,
    { ...values, limit, offset },
  );
  // A first page that is not full is all there is; counting would read the whole history again.
  if (offset === 0 && rows.length < limit) return { total: rows.length, rows };
  const counted = database.get(
    `SELECT count(*) AS total FROM download_history WHERE ${condition}`,
    values,
  );
  return { total: numberOf(counted ?? {}, 'total'), rows };
}

function conditionOf({ userId, search, status }: HistoryQuery): {
  readonly condition: string;
  readonly values: Values;
} {
  const like = (column: string): string => `${column} LIKE :search ESCAPE '\\'`;
  // SQLite's LIKE folds ASCII only; the slower function is for the rest: Việt, Ü.
  const title = isAscii(search) ? ['title', 'uploader'] : ['folded(title)', 'folded(uploader)'];
  return {
    condition: [
      'user_id = :userId',
      ...(search === '' ? [] : [`(${[...title, 'url'].map(like).join(' OR ')})`]),
      ...(status === null ? [] : ['status = :status']),
    ].join(' AND '),
    values: {
      userId,
      ...(search === '' ? {} : { search: `%${escapeLike(folded(search))}%` }),
      ...(status === null ? {} : { status }),
    },
  };
}

function isAscii(value: string): boolean {
  return /^\p{ASCII}*$/u.test(value);
}

function escapeLike(value: string): string {
  return value.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
