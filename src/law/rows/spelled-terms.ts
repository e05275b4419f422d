import type { Spelling } from '../../sqlite/spelling.ts';
import type { Place } from '../place.ts';
import type { MergeTerms } from './terms.ts';
import type { Lenses, TableLens } from './view.ts';

type Names = Pick<MergeTerms, 'lenses' | 'bookkeeping' | 'rebuild'>;

/** The same terms with the names of tables and columns as the shapes spell them: people may write either release's. */
export function spelledTerms<T extends Omit<MergeTerms, 'direction' | 'enter'>>(
  terms: T,
  spelling: Spelling,
): T {
  const { decisions, findings, only } = terms;
  const at = <P extends { readonly place: Place }>(placed: P): P => {
    return { ...placed, place: spelledPlace(placed.place, spelling) };
  };
  const identity = Object.entries(terms.identity).map(([table, columns]) => [
    spelling.table(table),
    columns.map((column) => spelling.column(table, column)),
  ]);
  return {
    ...spelledNames(terms, spelling),
    decisions: decisions.map(at),
    identity: Object.fromEntries(identity),
    carryLimits: byTable(terms.carryLimits, spelling),
    ...(findings === undefined ? {} : { findings: findings.map(at) }),
    ...(only === undefined ? {} : { only: new Set([...only].map(spelling.table)) }),
  };
}

/** What of it a survey needs. */
export function spelledNames<T extends Names>(terms: T, spelling: Spelling): T {
  return {
    ...terms,
    lenses: spelledLenses(terms.lenses, spelling),
    bookkeeping: terms.bookkeeping.map(spelling.table),
    rebuild: byTable(terms.rebuild, spelling),
  };
}

export function spelledLenses(lenses: Lenses, spelling: Spelling): Lenses {
  const spelled: Record<string, TableLens> = {};
  for (const [name, lens] of Object.entries(lenses)) {
    const table = spelling.table(name);
    const column = (written: string): string => spelling.column(name, written);
    // What an upgrade took from the data and what the file says may be written differently.
    const known = spelled[table];
    spelled[table] = {
      ...known,
      ...lens,
      ...(lens.map === undefined ? {} : { map: { ...known?.map, ...byName(lens.map, column) } }),
      ...(lens.key === undefined ? {} : { key: lens.key.map(column) }),
      ...(lens.forth === undefined ? {} : { forth: byName(lens.forth, column) }),
    };
  }
  return spelled;
}

/** `table`, `table.column` or `table.column#path`; names may hold dots. */
function spelledPlace(place: Place, spelling: Spelling): Place {
  const table = spelling.place(place, null);
  if (table !== null) return table;
  for (let dot = place.indexOf('.'); dot >= 0; dot = place.indexOf('.', dot + 1)) {
    const [name, rest] = [place.slice(0, dot), place.slice(dot + 1)];
    const whole = spelling.place(name, rest);
    if (whole !== null) return whole;
    const hash = rest.indexOf('#');
    const cell = hash < 0 ? null : spelling.place(name, rest.slice(0, hash));
    if (cell !== null) return cell + rest.slice(hash);
  }
  return place;
}

function byTable<T>(named: Readonly<Record<string, T>>, spelling: Spelling): Record<string, T> {
  return byName(named, spelling.table);
}

function byName<T>(
  named: Readonly<Record<string, T>>,
  spelled: (name: string) => string,
): Record<string, T> {
  return Object.fromEntries(Object.entries(named).map(([name, each]) => [spelled(name), each]));
}
