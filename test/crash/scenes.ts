import type { NotesApplication } from './notes-application.ts';

/** One command that is killed, and how the application comes to the moment before it. */
export interface Scene {
  readonly name: string;
  readonly command: readonly string[];
  /** True where the application has to run: whether it starts decides the end. */
  readonly isServed: boolean;
  /** How the command ends when nothing befalls it. */
  readonly exitCode: number;
  /** Brings an application with both releases added, the first in its place, to the moment before. */
  readonly prepare: (app: NotesApplication) => Promise<void>;
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

/** Every command that switches, and both ways in which one is taken back because the target is refused. */
export const scenes = [
  {
    name: 'upgrade',
    isServed: false,
    command: upgradeCommand,
    exitCode: 0,
    prepare: () => Promise.resolve(),
  },
  {
    name: 'rollback',
    isServed: false,
    command: rollbackCommand,
    exitCode: 0,
    prepare: prepareRollback,
  },
  {
    name: 'return',
    isServed: false,
    command: returnCommand,
    exitCode: 0,
    prepare: prepareReturn,
  },
  {
    name: 'upgrade that is undone',
    isServed: true,
    command: upgradeCommand,
    exitCode: 4,
    prepare: (app: NotesApplication) => {
      app.write('refuse-2.0.0', '');
      return Promise.resolve();
    },
  },
  {
    name: 'rollback that is undone',
    isServed: true,
    command: rollbackCommand,
    exitCode: 4,
    prepare: async (app: NotesApplication) => {
      await prepareRollback(app);
      app.write('refuse-1.0.0', '');
    },
  },
] as const satisfies readonly Scene[];

export function sceneNamed(name: (typeof scenes)[number]['name']): Scene {
  const found = scenes.find((scene) => scene.name === name);
  if (found === undefined) throw new Error(`there is no scene ${name}`);
  return found;
}
