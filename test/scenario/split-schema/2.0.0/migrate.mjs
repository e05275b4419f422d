import { readFileSync } from 'node:fs';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';

const db = new DatabaseSync(process.argv[2], { enableForeignKeyConstraints: false });
db.exec(readFileSync(new URL('migrate.sql', import.meta.url), 'utf8'));
db.close();
