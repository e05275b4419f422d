import { quoteName } from '../../sqlite/names.ts';
import type { Path } from '../../form/problem.ts';
import type { ReversalFinding } from './finding.ts';
import { refusal, type Entry, type Judging } from './judging.ts';
import { passagesOfTable, type Passage } from './lint.ts';

/** Bodies of INSTEAD OF triggers: made on a view as the select makes it, and each event prepared. */
export function judgeTriggers(
  judging: Judging,
  path: Path,
  { name, table }: Entry,
): ReversalFinding[] {
  const { after } = judging;
  const { select } = table;
  if (table.triggers === undefined || select === undefined || !after.compiles(select)) return [];
  const view = quoteName(`seen:${name}`);
  after.exec(`DROP VIEW IF EXISTS temp.${view}`);
  after.exec(`CREATE TEMP VIEW ${view} AS ${select.trim().replace(/;$/, '')}`);
  const columns = after.columnsOf(select).map(quoteName);
  const events: Readonly<Record<string, string>> = {
    insert: `INSERT INTO ${view} (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM ${view}`,
    update: `UPDATE ${view} SET ${columns[0] ?? ''} = NULL`,
    delete: `DELETE FROM ${view}`,
  };
  return passagesOfTable(path, table)
    .filter(({ habitat }) => habitat === 'trigger')
    .flatMap((passage) => {
      const event = String(passage.path.at(-1));
      const found = judgeTrigger(judging, { passage, view, event, probe: events[event] ?? '' });
      return found === null ? [] : [found];
    });
}

interface Trigger {
  readonly passage: Passage;
  readonly view: string;
  readonly event: string;
  /** A statement that fires it. */
  readonly probe: string;
}

function judgeTrigger(
  judging: Judging,
  { passage, view, event, probe }: Trigger,
): ReversalFinding | null {
  const body = passage.sql.trim().replace(/;$/, '');
  const name = quoteName(`${event} of it`);
  const { after } = judging;
  after.exec(`DROP TRIGGER IF EXISTS temp.${name}`);
  const head = `CREATE TEMP TRIGGER ${name} INSTEAD OF ${event} ON ${view}`;
  const refused = refusal(judging, after, { passage, sql: `${head} BEGIN ${body}\n; END` });
  if (refused !== null) return refused;
  after.exec(`${head} BEGIN ${body}\n; END`);
  const unusable = refusal(judging, after, { passage, sql: probe });
  after.exec(`DROP TRIGGER temp.${name}`);
  return unusable;
}
