import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { openApplication } from '../../src/cli/open.ts';
import { contentOf, parkedFiles } from '../../src/cli/parked-files.ts';
import { runNames } from '../../src/cli/past-runs.ts';
import { nodeHost } from '../../src/host/node.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { Database } from '../../src/sqlite/database.ts';
import { readBook, type Book } from '../../src/switch/book.ts';
import type { Ground } from '../../src/switch/ground.ts';
import type { Said } from '../crash/executable.ts';
import { inProcess } from '../crash/in-process.ts';
import { copyTree, removeTree } from '../crash/notes-application.ts';
import type { Fate } from '../crash/strike.ts';
import { filesBelow } from './migrate.ts';
import { firstTables, type Release } from './shape.ts';

const manifest = `app: story
state: state
paths: { data: data }
releases: { root: releases, layout: symlink }
service: { manager: none }
migrate: { run: '{node} {release}/migrate.ts {data} {release}/plan.json', timeout: 60s }
assets:
  settings: { kind: json, root: '{data}', files: [settings.json] }
  notes: { kind: sqlite, path: '{data}/story.db' }
  files: { kind: files, root: '{data}/files' }
reversals: reversals
`;

/** All that a user sees of the application: compared whole. */
export interface Shown {
  readonly release: string;
  readonly document: string;
  /** Path → content. */
  readonly files: Readonly<Record<string, string>>;
  /** Table → rows, each cell with its type. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

/** An application of a story, in a folder of its own, under a real manifest; the switch runs in this process. */
export class StoryApplication {
  readonly folder: string;
  readonly releases: readonly Release[];

  constructor(folder: string, releases: readonly Release[]) {
    this.folder = folder;
    this.releases = releases;
    this.write('backstep.yaml', manifest);
    this.write('data/settings.json', '{\n  "language": "en",\n  "b": {"a": 1.0}\n}\n');
    this.write('data/files/a', 'one\n');
    this.write('data/files/c/d.txt', 'two\n');
    this.write('reversals/readme', '');
    const db = this.open();
    db.exec(firstTables);
    db.close();
    for (const release of releases) {
      const { version, reversal, sql, acts } = release;
      this.write(`built/${version}/plan.json`, JSON.stringify({ sql, acts }));
      copyFileSync(
        join(import.meta.dirname, 'migrate.ts'),
        this.path(`built/${version}/migrate.ts`),
      );
      if (reversal === null) continue;
      const previous = releases[releases.indexOf(release) - 1]?.version;
      this.write(`reversals/${version}-to-${previous}.yaml`, JSON.stringify(reversal, null, 1));
    }
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  open(): Database {
    const db = Database.open(this.path('data/story.db'));
    db.exec('PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF');
    return db;
  }

  run(argv: readonly string[], fate: Fate = {}): Promise<Said> {
    return inProcess(this.folder, argv, fate);
  }

  /** Runs a command that must end well. */
  async must(...argv: readonly string[]): Promise<void> {
    const said = await this.run(argv);
    assert.equal(said.code, 0, `${argv.join(' ')}\n${said.stdout}\n${said.stderr}`);
  }

  release(): Release {
    const version = readlinkSync(this.path('releases/current'));
    const found = this.releases.find((each) => version.endsWith(each.version));
    assert.ok(found !== undefined, version);
    return found;
  }

  shown(): Shown {
    const root = this.path('data/files');
    return {
      release: this.release().version,
      document: readFileSync(this.path('data/settings.json'), 'utf8'),
      files: Object.fromEntries(
        filesBelow(root).map((name) => [name, readFileSync(join(root, name), 'utf8')]),
      ),
      rows: this.#rows(),
    };
  }

  #rows(): Record<string, readonly string[]> {
    using db = this.open();
    const tables = db.texts(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`);
    const schema = db.texts(
      `SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name`,
    );
    const rows = tables.map((table): [string, string[]] => {
      const columns = db.texts('SELECT name FROM pragma_table_xinfo(?)', table);
      const cells = columns.map(
        (name) => `typeof("${name}") || ' ' || coalesce(hex("${name}"), '')`,
      );
      return [
        table,
        db.texts(`SELECT ${cells.join(` || '|' || `)} AS row FROM "${table}" ORDER BY row`),
      ];
    });
    assert.deepEqual(db.texts('PRAGMA integrity_check'), ['ok']);
    assert.deepEqual(db.all('PRAGMA foreign_key_check'), []);
    return { schema, ...Object.fromEntries(rows) };
  }

  book(): Book {
    const ground = this.#ground();
    return readBook(ground.host, ground.folders);
  }

  /** What runs listed as parked, as one text. */
  parkedBy(runs: readonly string[]): string {
    const ground = this.#ground();
    return runs
      .flatMap((run) => parkedFiles(ground, run))
      .map((file) => {
        const content = contentOf(ground.host.disk, file);
        const isWhole =
          typeof content === 'object' &&
          content !== null &&
          'keptAt' in content &&
          existsSync(file.path);
        return isWhole && statSync(file.path).isFile()
          ? readFileSync(file.path, 'utf8')
          : JSON.stringify(content);
      })
      .join('\n');
  }

  runs(): readonly string[] {
    return runNames(this.#ground());
  }

  /** What `resume` should have cleared away. */
  isSound(): boolean {
    return this.#ground().store.check('all').isSound;
  }

  keep(template: string): void {
    copyTree(this.folder, template);
  }

  bringBack(template: string): void {
    removeTree(this.folder);
    copyTree(template, this.folder);
  }

  remove(): void {
    removeTree(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #ground(): Ground {
    const host = nodeHost();
    const system = { platform: 'linux' as const, home: '/', env: process.env };
    const loaded = loadManifest(host.disk, this.path('backstep.yaml'), system);
    const { signal } = new AbortController();
    const surroundings = {
      host,
      system,
      streams: process,
      cwd: this.folder,
      terminal: null,
      signal,
    };
    return openApplication({ ...surroundings, node: process.execPath }, loaded);
  }
}
