import assert from 'node:assert/strict';
import type { StoryApplication } from './application.ts';
import { tokensIn, type Ledger } from './ledger.ts';

/**
 * No row is there twice, none that was deleted is back, each value lies in the row that it was written into, and an id
 * that a row once had is no other row's.
 */
export function checkRows(app: StoryApplication, ledger: Ledger): void {
  using db = app.open();
  for (const [table, columns] of app.release().shape) {
    const hasId = db.texts('SELECT name FROM pragma_table_xinfo(?)', table).includes('id');
    const names = ['mark', ...columns.map(({ name }) => name), ...(hasId ? ['id'] : [])];
    const rows = db.all(`SELECT ${names.join(', ')} FROM ${table}`);
    const seen = new Set<string>();
    for (const row of rows) {
      const mark = String(row['mark']);
      if (tokensIn(mark).size === 0) continue;
      assert.ok(!seen.has(mark), `${table}: the row ${mark} is there twice`);
      seen.add(mark);
      assert.ok(!ledger.deletedRows().has(mark), `${table}: the deleted row ${mark} is back`);
      for (const { name } of columns)
        for (const token of tokensIn(String(row[name])))
          assert.equal(
            ledger.owned().get(token) ?? mark,
            mark,
            `${table}.${name}: ${token} of another row`,
          );
      if (hasId) ledger.identify(`${table} ${String(row['id'])}`, mark);
    }
  }
}
