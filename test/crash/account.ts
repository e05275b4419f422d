import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { openApplication } from '../../src/cli/open.ts';
import { contentOf, parkedFiles } from '../../src/cli/parked-files.ts';
import { runNames } from '../../src/cli/past-runs.ts';
import { nodeHost } from '../../src/host/node.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import type { System } from '../../src/manifest/system.ts';
import { readBook } from '../../src/switch/book.ts';
import type { Ground } from '../../src/switch/ground.ts';
import type { NotesApplication } from './notes-application.ts';

/**
 * All that a user or an operator has at one moment: every row, file and setting, what is parked, where the
 * application stands, and what a run left lying about. Two of them are compared whole.
 */
export interface Account {
  readonly release: string;
  readonly rows: readonly string[];
  readonly settings: unknown;
  readonly attachments: Readonly<Record<string, string>>;
  readonly parked: readonly string[];
  readonly book: unknown;
  readonly service: {
    readonly isMasked: boolean;
    readonly isRunning: boolean;
    /** As the application itself answers; null where it does not run. */
    readonly shownRows: readonly string[] | null;
  };
  /** Empty when nothing is left to be done, or to be cleared away. */
  readonly leftovers: readonly string[];
}

/** Reads all of it, while no run is under way. Acknowledged notes stand apart: see `missingNotes`. */
export async function accountOf(app: NotesApplication): Promise<Account> {
  const ground = groundOf(app);
  const { isRunning, isMasked } = await standingOf(app, ground);
  return {
    release: readlinkSync(app.path('releases/current')),
    rows: rowsOf(app).filter(isNotAcknowledged),
    settings: JSON.parse(readFileSync(app.path('data/settings.json'), 'utf8')),
    attachments: filesIn(app.path('data/attachments')),
    parked: parkedOf(ground)
      .map((line) => line.replaceAll(acknowledgedRow, ''))
      .filter((line) => !/: \{("[^"]+":\[\],?)*\}$/.test(line)),
    book: standing(ground),
    service: { isMasked, isRunning, shownRows: isRunning ? await shownRows(app) : null },
    leftovers: leftoversOf(app, ground),
  };
}

/** Nobody runs an application without a port: what is seen of it are children of what was killed, which end soon. */
async function standingOf(
  app: NotesApplication,
  ground: Ground,
): Promise<{ readonly isRunning: boolean; readonly isMasked: boolean }> {
  const deadline = Date.now() + endsWithinMs;
  for (;;) {
    const { state, isMasked } = await ground.service.status();
    const isRunning = state === 'running';
    if (!isRunning || app.port !== null || Date.now() > deadline) return { isRunning, isMasked };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const endsWithinMs = 120_000;

async function shownRows(app: NotesApplication): Promise<readonly string[] | null> {
  return (await app.shown())?.filter(isNotAcknowledged) ?? null;
}

/** Notes that come in at moments that no trial shares are accounted for one by one. */
function isNotAcknowledged(row: string): boolean {
  return !row.includes('acknowledged ');
}

/** Notes whose writer was told that they are kept, and that are in no row and not parked. */
export function missingNotes(app: NotesApplication): readonly string[] {
  const rows = rowsOf(app).join('\n');
  const parked = parkedOf(groundOf(app)).join('\n');
  return app.acknowledged().filter((body) => !rows.includes(body) && !parked.includes(body));
}

function groundOf(app: NotesApplication): Ground {
  const host = nodeHost();
  const system: System = { platform: 'linux', home: '/', env: process.env };
  const manifest = loadManifest(host.disk, app.path('backstep.yaml'), system);
  const { signal } = new AbortController();
  const surroundings = { host, system, streams: process, cwd: app.folder, terminal: null, signal };
  return openApplication({ ...surroundings, node: process.execPath }, manifest);
}

function rowsOf(app: NotesApplication): string[] {
  const db = new DatabaseSync(app.path('data/notes.db'));
  try {
    const sound = db.prepare('PRAGMA integrity_check').get();
    const rows = db.prepare('SELECT * FROM notes ORDER BY id').all();
    return [JSON.stringify(sound), ...rows.map((row) => JSON.stringify(row))];
  } finally {
    db.close();
  }
}

function filesIn(folder: string): Record<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

const acknowledgedRow = /\{[^{}]*acknowledged [^{}]*\},?/g;

/** Without the names of runs, which differ from trial to trial. */
function parkedOf(ground: Ground): string[] {
  const files = runNames(ground).flatMap((run) => parkedFiles(ground, run));
  return files.map((file) => `${file.asset}: ${JSON.stringify(contentOf(ground.host.disk, file))}`);
}

function standing(ground: Ground): unknown {
  const { release, lastGood, lineage, departure, holds } = readBook(ground.host, ground.folders);
  return {
    release,
    lastGood,
    pairs: lineage.length,
    departure: departure === null ? null : `${departure.from} → ${departure.to}`,
    holds: holds.map((hold) => hold.release),
  };
}

function leftoversOf(app: NotesApplication, ground: Ground): string[] {
  const report = ground.store.check('all');
  const beside = [app.folder, app.path('data'), app.path('releases')].flatMap((folder) =>
    readdirSync(folder).filter((name) => name.startsWith('.')),
  );
  return [
    ...beside.map((name) => `left beside the live state: ${name}`),
    ...unendedJournals(ground.folders.journal).map((name) => `interrupted: ${name}`),
    ...(report.isSound ? [] : [`store: ${JSON.stringify(report.findings.slice(0, 3))}`]),
  ];
}

/** Journals whose last line is no end. */
export function unendedJournals(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter(
    (name) => !/"event":"ended"[^\n]*\n$/.test(readFileSync(join(folder, name), 'utf8')),
  );
}

/** What differs between two accounts, a line each; rows that both have are left out. Empty where they are equal. */
export function differences(found: Account, wanted: Account): string[] {
  const [have, want] = [linesOf(found), linesOf(wanted)];
  return [
    ...have.filter((line) => !want.includes(line)).map((line) => shown(`found: ${line}`)),
    ...want.filter((line) => !have.includes(line)).map((line) => shown(`not found: ${line}`)),
  ];
}

function shown(line: string): string {
  return line.length <= shownCharacters ? line : `${line.slice(0, shownCharacters)}…`;
}

const shownCharacters = 200;

function linesOf(account: Account): string[] {
  return Object.entries(account).flatMap(([part, value]) => {
    const lines: readonly unknown[] = Array.isArray(value) ? value : [value];
    return lines.map((line) => `${part}: ${JSON.stringify(line)}`);
  });
}
