import { quoteName } from '../../sqlite/names.ts';
import { deltaOf, resultOf, type Bench } from './bench.ts';
import { nameList } from './compare.ts';
import type { View } from './view.ts';

/**
 * Two rows under one id when going forward: one that was parked and one made since. The parked one gets
 * a new id, and what references it follows; the other keeps its own. Rows whose key is no integer make
 * way instead. Afterwards no key of the delta is a clash.
 */
export function renumberParked(bench: Bench, view: View): void {
  const { db } = bench;
  const clashes = db.all(`SELECT ${nameList(view.key)} FROM ${deltaOf(view)} WHERE act = 'clash'`);
  if (clashes.length === 0) return;
  const key = view.key[0] ?? '';
  if (view.table.hasIntegerKey) for (const row of clashes) moveRow(bench, view, Number(row[key]));
  db.exec(
    `UPDATE ${deltaOf(view)} SET act = '${view.table.hasIntegerKey ? 'insert' : 'replace'}' WHERE act = 'clash'`,
  );
}

function moveRow(bench: Bench, view: View, id: number): void {
  const { db } = bench;
  const key = quoteName(view.key[0] ?? '');
  const free = `(SELECT max(n) + 1 FROM (SELECT max(${key}) AS n FROM ${resultOf(view)}
    UNION ALL SELECT max(${key}) FROM ${deltaOf(view)}))`;
  const newId = db.count(`SELECT ${free}`);
  db.change(`UPDATE ${resultOf(view)} SET ${key} = ? WHERE ${key} = ?`, newId, id);
  for (const child of bench.base.values()) {
    for (const reference of child.foreignKeys) {
      if (reference.parent !== view.table.name || reference.columns.length !== 1) continue;
      const column = quoteName(reference.columns[0] ?? '');
      db.change(
        `UPDATE main.${quoteName(child.name)} SET ${column} = ? WHERE ${column} = ?`,
        newId,
        id,
      );
    }
  }
}
