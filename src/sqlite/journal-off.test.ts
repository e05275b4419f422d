import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Database } from './database.ts';

test('a schema whose journal is turned off is written without one', (t) => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'backstep-journal-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const journalsWhileWriting = (name: string, isOff: boolean): readonly string[] => {
    using db = Database.open(join(folder, 'main.db'));
    db.attach('beside', join(folder, name), { readOnly: false });
    db.exec('CREATE TABLE beside.t (x)');
    if (isOff) db.turnJournalOff('beside');
    return db.transaction(() => {
      db.exec('INSERT INTO beside.t VALUES (1)');
      return fs.readdirSync(folder).filter((file) => file === `${name}-journal`);
    });
  };
  assert.deepEqual(journalsWhileWriting('with.db', false), ['with.db-journal']);
  assert.deepEqual(journalsWhileWriting('without.db', true), []);
});
