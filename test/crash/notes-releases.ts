/** The sources of a small application, release by release: a server, a migration, and a check that can refuse. */

/**
 * Notes over HTTP. A note is acknowledged once SQLite has made it durable; SIGTERM leaves the WAL behind.
 * Files in the folder of the manifest make it misbehave: `refuse-<version>` lets it take one note, as from a user who
 * came while it was judged, and die; `deaf-<version>` lets it answer nobody; `stubborn` lets it ignore SIGTERM.
 */
const server = (version: string, word: string): string => `import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
const [data, port] = process.argv.slice(2);
if (!existsSync('stubborn')) process.on('SIGTERM', () => process.exit(0));
else process.on('SIGTERM', () => undefined);
const db = new DatabaseSync(data + '/notes.db');
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
JSON.parse(readFileSync(data + '/settings.json', 'utf8'));
const add = (body) => db.prepare('INSERT INTO notes (body, state) VALUES (?, ?)').run(body, '${word}');
if (existsSync('refuse-${version}')) {
  const body = 'acknowledged ' + randomUUID();
  add(body);
  appendFileSync('acknowledged', body + '\\n');
  console.error('${version} cannot go on');
  process.exit(1);
}
const isDeaf = existsSync('deaf-${version}');
createServer(async (request, response) => {
  if (isDeaf) return;
  const answer = (status, body) => {
    response.writeHead(status, { connection: 'close' });
    response.end(JSON.stringify(body));
  };
  if (request.method === 'GET') {
    answer(200, db.prepare('SELECT * FROM notes ORDER BY id').all());
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  add(body);
  answer(201, {});
}).listen(Number(port), '127.0.0.1');
`;

const migration = `import { DatabaseSync } from 'node:sqlite';
import { readFileSync, writeFileSync } from 'node:fs';
const data = process.argv[2];
const db = new DatabaseSync(data + '/notes.db');
db.exec("BEGIN; ALTER TABLE notes ADD COLUMN color TEXT; UPDATE notes SET state = 'completed' WHERE state = 'done'; COMMIT");
db.close();
const settings = JSON.parse(readFileSync(data + '/settings.json', 'utf8'));
writeFileSync(data + '/settings.json', JSON.stringify({ ...settings, format: 2 }, null, 2) + '\\n');
`;

/** Version → file → text. */
export const releases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '1.0.0': {
    'server.mjs': server('1.0.0', 'done'),
    'migrate.mjs': '',
  },
  '2.0.0': {
    'server.mjs': server('2.0.0', 'completed'),
    'migrate.mjs': migration,
  },
};

/** The first state, as the old release has it. */
export const seed = `PRAGMA journal_mode = WAL;
CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, state TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
INSERT INTO notes SELECT i, 'note ' || i, 'done' FROM n;`;

export interface ManifestWishes {
  /** Null: nobody starts it but a person. */
  readonly port: number | null;
  /** How long the application may take to become ready. */
  readonly within?: string;
  /** Further lines: hooks for instance. */
  readonly more?: string;
}

/** The manifest of the application. */
export function manifestText({ port, within, more }: ManifestWishes): string {
  const service =
    port === null
      ? 'service: { manager: none }'
      : `service:
  manager: process
  run: '{node} {release}/server.mjs {data} {port}'
  port: ${port}
  stopTimeout: 2s
health: { ready: { http: /, within: ${within ?? '60s'} } }`;
  return `app: notes
state: state
paths: { data: data }
releases: { root: releases, layout: symlink }
${service}
migrate: { run: '{node} {release}/migrate.mjs {data}', timeout: 60s }
assets:
  settings: { kind: json, root: '{data}', files: [settings.json] }
  notes: { kind: sqlite, path: '{data}/notes.db' }
  attachments: { kind: files, root: '{data}/attachments' }
reversals: reversals
${more ?? ''}
`;
}
