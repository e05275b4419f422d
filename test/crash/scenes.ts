import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import process from 'node:process';
import { linkTools } from '../scenario/kit-tools.ts';
import type { NotesApplication } from './notes-application.ts';
import type { Strike } from './strike.ts';

/** One command that is killed, and how the application comes to the moment before it. */
export interface Scene {
  readonly name: string;
  readonly command: (app: NotesApplication) => readonly string[];
  /** True where the application has to run: whether it starts decides the end. */
  readonly isServed: boolean;
  /** How the command ends when nothing befalls it. */
  readonly exitCode: number;
  /** Releases that are added before; the first is in its place. */
  readonly added: readonly string[];
  /** Brings an application to the moment before. */
  readonly prepare: (app: NotesApplication) => Promise<void>;
  /** A command that was struck right before, while the application ran; absent where nothing was interrupted. */
  readonly opening?: { readonly command: readonly string[]; readonly strike: Strike };
  /** How else than with 0 or 4 a `resume` may end: where a person is left to decide. */
  readonly waits?: number;
}

const upgradeCommand = ['upgrade', '--to', '2.0.0', '--yes'] as const;
const rollbackCommand = ['rollback', '--yes', '--reason', 'it went bad'] as const;
const returnCommand = ['return', '--release-hold', '--yes'] as const;

/** Edits, inserts and deletes in what the upgrade left alone, in what it rewrote, and in what it added. */
function useNewRelease(app: NotesApplication): void {
  app.sql(`UPDATE notes SET body = 'edited under 2.0.0' WHERE id = 1;
UPDATE notes SET color = 'blue' WHERE id = 2;
DELETE FROM notes WHERE id = 3;
INSERT INTO notes VALUES (41, 'written under 2.0.0', 'completed', 'red')`);
  app.write('data/settings.json', '{\n  "language": "vi",\n  "format": 2\n}\n');
  app.write('data/attachments/two.txt', 'two, edited under 2.0.0\n');
  app.write('data/attachments/three.txt', 'three\n');
}

function useOldRelease(app: NotesApplication): void {
  app.sql(`UPDATE notes SET body = 'edited under 1.0.0' WHERE id = 5;
INSERT INTO notes VALUES (42, 'written under 1.0.0', 'done')`);
  app.write('data/attachments/four.txt', 'four\n');
}

async function prepareRollback(app: NotesApplication): Promise<void> {
  await app.must(0, ...upgradeCommand);
  useNewRelease(app);
}

async function prepareReturn(app: NotesApplication): Promise<void> {
  await prepareRollback(app);
  await app.must(0, ...rollbackCommand);
  useOldRelease(app);
}

/** Brought back by a shell without sqlite3, and used again. */
export async function goBackByScript(app: NotesApplication): Promise<void> {
  await prepareRollback(app);
  const tools = app.path('tools');
  linkTools(tools, ['sqlite3']);
  const script = app.path('state/kit/emergency_rollback.sh');
  const said = spawnSync(`${tools}/sh`, [script, '--confirm'], {
    encoding: 'utf8',
    env: { PATH: tools },
  });
  assert.equal(said.status, 0, said.stdout + said.stderr);
  app.sql(`INSERT INTO notes (body, state) VALUES ('under one', 'done')`);
  app.write('data/settings.json', '{\n  "language": "en",\n  "size": 2\n}\n');
}

/** The first that was taken. */
function firstSnapshot(app: NotesApplication): string {
  const [first] = readdirSync(app.path('state/store/snapshots')).toSorted();
  assert.ok(first !== undefined);
  return first.replace(/\.txt$/, '');
}

/** The data, migrated by the new release's own program; a copy of it was made before, and users went on. */
function upgradeByHand(app: NotesApplication): Promise<void> {
  cpSync(app.path('data'), app.path('old'), { recursive: true });
  app.sql(`INSERT INTO notes VALUES (41, 'since the backup', 'done')`);
  const migrate = [app.path('built/2.0.0/migrate.mjs'), app.path('data')];
  const { status, stderr } = spawnSync(process.execPath, migrate, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  app.sql(`UPDATE notes SET color = 'blue' WHERE id = 2; DELETE FROM notes WHERE id = 3`);
  return Promise.resolve();
}

const both = ['1.0.0', '2.0.0'] as const;
const quiet = { isServed: false, exitCode: 0, added: both } as const;

/** Every command that switches, and `adopt`, which makes the pair that a switch goes back by. */
const commands = [
  {
    ...quiet,
    name: 'upgrade',
    command: () => upgradeCommand,
    prepare: () => Promise.resolve(),
  },
  { ...quiet, name: 'rollback', command: () => rollbackCommand, prepare: prepareRollback },
  { ...quiet, name: 'return', command: () => returnCommand, prepare: prepareReturn },
  {
    ...quiet,
    name: 'restore',
    command: (app: NotesApplication) => ['restore', '--at', firstSnapshot(app), '--live', '--yes'],
    prepare: async (app: NotesApplication) => {
      await app.must(0, 'snapshot');
      useOldRelease(app);
      app.write('data/settings.json', '{\n  "language": "vi"\n}\n');
    },
  },
  {
    ...quiet,
    name: 'carry',
    command: () => ['resume', '--yes'],
    prepare: async (app: NotesApplication) => {
      await goBackByScript(app);
      await app.must(0, 'resume');
    },
  },
  {
    ...quiet,
    name: 'adopt',
    added: ['2.0.0'],
    command: () => ['adopt', '--release', '1.0.0', '--files', 'built/1.0.0', '--state', 'old'],
    prepare: upgradeByHand,
  },
] as const satisfies readonly Scene[];

const refused = { isServed: true, exitCode: 4, added: both } as const;

async function prepareRefusedRollback(app: NotesApplication): Promise<void> {
  await prepareRollback(app);
  app.write('refuse-1.0.0', '');
}

/** Both ways in which a switch is taken back because its target is refused. */
const undone = [
  {
    ...refused,
    name: 'upgrade that is undone',
    command: () => upgradeCommand,
    prepare: (app: NotesApplication) => {
      app.write('refuse-2.0.0', '');
      return Promise.resolve();
    },
  },
  {
    ...refused,
    name: 'rollback that is undone',
    command: () => rollbackCommand,
    prepare: prepareRefusedRollback,
  },
] as const satisfies readonly Scene[];

const killedIn = (phase: string): NonNullable<Scene['opening']> => ({
  command: rollbackCommand,
  strike: { how: 'kill', phase, at: 1 },
});

/** What a person does about a run that was killed: while it was undone, or after its target was started. */
const persons = [
  {
    ...refused,
    name: 'abort of a started rollback',
    exitCode: 0,
    opening: killedIn('verify'),
    command: () => ['abort'],
    prepare: prepareRollback,
  },
  {
    ...refused,
    name: 'abort of an undo',
    exitCode: 0,
    opening: killedIn('2.stage'),
    command: () => ['abort'],
    prepare: prepareRefusedRollback,
    waits: 7,
  },
  {
    ...refused,
    name: 'resume of an inconsistent run',
    // The database can neither be placed nor be renamed back.
    opening: {
      command: rollbackCommand,
      strike: { how: 'EIO', phase: 'place', at: 1, on: '/data/notes.db', lasts: true },
    },
    command: () => ['resume'],
    prepare: prepareRollback,
  },
  {
    ...refused,
    name: 'resume of an undo',
    opening: killedIn('2.place'),
    command: () => ['resume'],
    prepare: prepareRefusedRollback,
  },
] as const satisfies readonly Scene[];

export const scenes = [...commands, ...undone, ...persons];
export type SceneName = (typeof scenes)[number]['name'];

export function sceneNamed(name: SceneName): Scene {
  const found = scenes.find((scene) => scene.name === name);
  if (found === undefined) throw new Error(`there is no scene ${name}`);
  return found;
}
