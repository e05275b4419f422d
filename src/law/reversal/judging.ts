import { renderPath, type Path } from '../../form/problem.ts';
import { isSqliteError, type Database } from '../../sqlite/database.ts';
import { finding, type ReversalFinding, type RuleCode } from './finding.ts';
import { findingAt, type Passage } from './lint.ts';
import { positionOf, type Reversal, type TableReversal } from './reversal.ts';
import { suspectIn } from './sql/suspect.ts';

/** Both shapes of one database, without rows, and what a reversal says of it. */
export interface Judging {
  readonly reversal: Reversal;
  /** The reversal file as it was read, for positions. */
  readonly text: string;
  readonly asset: string;
  readonly before: Database;
  readonly after: Database;
}

/** One table of a reversal file. */
export interface Entry {
  readonly name: string;
  readonly table: TableReversal;
}

/** What SQLite says against a statement, at the name in the passage that it most likely means; null where it takes it. */
export function refusal(
  judging: Judging,
  db: Database,
  { passage, sql }: { readonly passage: Passage; readonly sql: string },
): ReversalFinding | null {
  try {
    db.columnsReadBy(sql);
    return null;
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    const offset = suspectIn(db, passage.sql);
    const message = `SQLite says: ${error.message}`;
    const hint = 'the names are those of the release on which it runs';
    return findingAt(judging.reversal, judging.text, {
      passage,
      rule: 'sqlite',
      message,
      hint,
      offset,
    });
  }
}

/** A finding at a key of the file. */
export function say(
  { reversal }: Pick<Judging, 'reversal'>,
  path: Path,
  said: { readonly rule: RuleCode; readonly message: string; readonly hint: string },
): ReversalFinding {
  const { rule, message, hint } = said;
  return finding(rule, { ...positionOf(reversal, path), path: renderPath(path), message, hint });
}
