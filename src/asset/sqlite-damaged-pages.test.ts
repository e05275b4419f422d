/** Whatever pages of a database are lost: no row that was captured is, and what stands elsewhere wins over it. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fc } from '../../test/chance.ts';
import { nodeDisk } from '../host/node-disk.ts';
import { Database } from '../sqlite/database.ts';
import { readTablePage } from '../sqlite/pages/table-page.ts';
import { damageOf } from './sqlite-file.ts';
import { salvage } from './sqlite-salvage.ts';

const pageBytes = 512;
const root = 2;
const keys = { whole: 'INTEGER PRIMARY KEY', text: 'TEXT PRIMARY KEY' } as const;

/** Bytes of a page that are overwritten: all of it, a part, or its header alone. */
const damage = fc.record({
  page: fc.nat(),
  from: fc.constantFrom(0, 0, 0, 64, 256),
  length: fc.constantFrom(8, 64, pageBytes, pageBytes),
  by: fc.constantFrom('zeros', 'noise', 'another page', 'no cells'),
  seed: fc.nat(),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

const change = fc.record({
  what: fc.constantFrom('delete', 'retitle', 'insert'),
  id: fc.integer({ min: 1, max: 220 }),
  length: fc.constantFrom(3, 40, 900),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

class States {
  readonly #folder: string;
  constructor(t: TestContext) {
    this.#folder = mkdtempSync(join(tmpdir(), 'backstep-pages-'));
    t.after(() => rmSync(this.#folder, { recursive: true }));
  }
  file(name: string): string {
    return join(this.#folder, name);
  }
  change(name: string, sql: string): void {
    using db = Database.open(this.file(name));
    db.exec(`PRAGMA page_size = ${pageBytes}; BEGIN; ${sql}; COMMIT`);
  }
  rows(name: string): Map<number, string> {
    using db = Database.open(this.file(name));
    const rows = db.all('SELECT CAST(id AS INTEGER) AS id, title FROM item');
    return new Map(rows.map(({ id, title }) => [Number(id), String(title)]));
  }
  clear(): void {
    for (const name of ['captured', 'latest', 'saved']) rmSync(this.file(name), { force: true });
  }
}

function sqlOf({ what, id, length }: Change, at: number): string {
  const title = `'${what} ${at} ${'y'.repeat(length)}'`;
  if (what === 'delete') return `DELETE FROM item WHERE id = ${id}`;
  if (what === 'retitle') return `UPDATE item SET title = ${title} WHERE id = ${id}`;
  return `INSERT INTO item VALUES (${1000 + at}, ${title})`;
}

/** Page numbers from 2 on: the list of tables is told of in another test. */
function spoil(bytes: Buffer, { page, from, length, by, seed }: Damage): number {
  const count = bytes.length / pageBytes;
  const number = 2 + (page % (count - 1));
  const start = (number - 1) * pageBytes;
  const part = bytes.subarray(start + from, Math.min(start + from + length, start + pageBytes));
  if (by === 'zeros') part.fill(0);
  if (by === 'noise') for (const at of part.keys()) part[at] = (seed + at * 167 + at * at) & 0xff;
  // A leaf in the place of the root is a whole table of fewer rows, by all that its pages tell.
  if (by === 'another page' && number > root) {
    const other = 1 + (seed % (count - 1));
    bytes.copy(bytes, start, other * pageBytes, (other + 1) * pageBytes);
  }
  if (by === 'no cells') bytes.writeUInt16BE(seed % 3, start + 3);
  return number;
}

interface Leaf {
  readonly number: number;
  readonly rowids: readonly number[];
}

interface Layout {
  readonly leaves: readonly Leaf[];
  /** Pages that lead to them, and those on which rows go on. */
  readonly others: ReadonlySet<number>;
}

/** How the table's pages lay before the damage. */
function layoutOf(path: string): Layout {
  using db = Database.open(path);
  const bytes = readFileSync(path);
  const leaves: Leaf[] = [];
  const others = new Set<number>();
  const walk = (number: number): void => {
    const page = bytes.subarray((number - 1) * pageBytes, number * pageBytes);
    const read = readTablePage(page, pageBytes);
    assert.ok(read !== null, `page ${number} is sound`);
    if (read.children === null) {
      leaves.push({ number, rowids: read.rows.map(({ rowid }) => Number(rowid)) });
      for (const { overflow } of read.rows) {
        for (let next = overflow?.first ?? 0; next !== 0;) {
          others.add(next);
          next = bytes.readUInt32BE((next - 1) * pageBytes);
        }
      }
      return;
    }
    others.add(number);
    for (const child of read.children) walk(child);
  };
  walk(db.count(`SELECT rootpage FROM sqlite_schema WHERE name = 'item'`));
  return { leaves, others };
}

async function salvaged(states: States): Promise<void> {
  const floor = { path: states.file('captured'), as: 'as captured' };
  const files = { floor, latest: states.file('latest'), path: states.file('saved') };
  await salvage(nodeDisk, files);
}

for (const [name, key] of Object.entries(keys)) {
  test(`${key}: random damage to random pages loses no row that was captured`, async (t) => {
    const states = new States(t);
    const rows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
      INSERT INTO item SELECT i, 'captured ' || i || substr(hex(zeroblob(500)), 1, i % 7 * 30 * (i % 11)) FROM n`;
    const property = fc.asyncProperty(
      fc.array(change, { maxLength: 40 }),
      fc.array(damage, { minLength: 1, maxLength: 6 }),
      async (changes, damages) => {
        states.clear();
        states.change('captured', `CREATE TABLE item(id ${key}, title TEXT); ${rows}`);
        copyFileSync(states.file('captured'), states.file('latest'));
        states.change('latest', changes.map(sqlOf).join('; '));
        const [captured, latest] = [states.rows('captured'), states.rows('latest')];
        const layout = layoutOf(states.file('latest'));
        const bytes = readFileSync(states.file('latest'));
        const spoilt = new Set(damages.map((each) => spoil(bytes, each)));
        writeFileSync(states.file('latest'), bytes);

        await salvaged(states);
        assert.equal(damageOf(states.file('saved'), { withIndexes: true }), null);
        const saved = states.rows('saved');
        for (const id of captured.keys()) if (latest.has(id)) assert.ok(saved.has(id), `row ${id}`);
        if (name === 'text' || [...spoilt].some((page) => layout.others.has(page))) return;
        for (const { number, rowids } of layout.leaves) {
          if (spoilt.has(number)) continue;
          for (const id of rowids) assert.equal(saved.get(id), latest.get(id), `row ${id}`);
          for (let id = rowids[0] ?? 0; id < (rowids.at(-1) ?? 0); id += 1) {
            if (!latest.has(id)) assert.ok(!saved.has(id), `row ${id} was deleted`);
          }
        }
      },
    );
    await fc.assert(property, { numRuns: 80 });
  });
}
