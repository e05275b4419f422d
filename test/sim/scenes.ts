import assert from 'node:assert/strict';
import { SimulatedApplication } from './application.ts';
import type { DiskTraits } from '../../sim/disk-state.ts';

/** One command under which the power fails, and the moment before it. */
export interface Scene {
  readonly name: string;
  readonly command: readonly string[];
  readonly prepare: (traits: Partial<DiskTraits>) => Promise<SimulatedApplication>;
  /** True where a run was killed right before: without the command `resume` finishes it. */
  readonly isInterrupted?: boolean;
  /** What of its end may stay where the command comes to nothing, by lines of the account; absent: nothing. */
  readonly mayStay?: (line: string) => boolean;
}

const upgradeCommand = ['upgrade', '--to', '2.0.0', '--yes'] as const;
const rollbackCommand = ['rollback', '--yes', '--reason', 'it went bad'] as const;
const returnCommand = ['return', '--release-hold', '--yes'] as const;

/** Edits and new files in what the upgrade left alone, in what it rewrote, and in what it added. */
async function upgraded(traits: Partial<DiskTraits>): Promise<SimulatedApplication> {
  const app = await SimulatedApplication.begin(traits);
  await app.must(0, ...upgradeCommand);
  app.write('data/settings.json', '{\n  "format": 2,\n  "language": "vi",\n  "theme": "dark"\n}\n');
  app.write('data/attachments/one.txt', 'one, edited under 2.0.0\n');
  app.write('data/attachments/index/all.txt', 'edited\n');
  app.write('data/attachments/fresh/three.txt', 'three\n');
  app.settle();
  return app;
}

export async function rolledBack(traits: Partial<DiskTraits>): Promise<SimulatedApplication> {
  const app = await upgraded(traits);
  await app.must(0, ...rollbackCommand);
  app.write('data/attachments/four.txt', 'four\n');
  app.write('data/settings.json', '{\n  "language": "fr",\n  "theme": "dark"\n}\n');
  app.settle();
  return app;
}

/** A state that was captured, and edits since. */
async function captured(traits: Partial<DiskTraits>): Promise<SimulatedApplication> {
  const app = await SimulatedApplication.begin(traits);
  await app.must(0, 'snapshot');
  app.write('data/settings.json', '{\n  "language": "vi",\n  "theme": "dark"\n}\n');
  app.write('data/attachments/one.txt', 'one, edited\n');
  app.write('data/attachments/three.txt', 'three\n');
  app.settle();
  return app;
}

/** Upgraded by the release's own program; a copy of the data was made before, and users went on. */
async function upgradedByHand(traits: Partial<DiskTraits>): Promise<SimulatedApplication> {
  const app = await SimulatedApplication.begin(traits, ['2.0.0']);
  app.copy('data', 'old');
  app.migrate();
  app.write('data/attachments/three.txt', 'three\n');
  app.settle();
  return app;
}

/** A rollback that was killed once its target was in its place. */
async function killedInVerify(traits: Partial<DiskTraits>): Promise<SimulatedApplication> {
  const app = await upgraded(traits);
  const said = await app.backstep(rollbackCommand, (die) => ({ name, path, bytes }) => {
    const isLine = name === 'write' && bytes !== undefined && path.endsWith('.jsonl');
    if (isLine && /"begun".*"verify"/.test(Buffer.from(bytes).toString())) die();
  });
  assert.equal(said.code, null, said.text);
  app.settle();
  return app;
}

/** The commands that change releases. */
export const switches: readonly Scene[] = [
  {
    name: 'upgrade',
    command: upgradeCommand,
    prepare: (traits) => SimulatedApplication.begin(traits),
  },
  { name: 'rollback', command: rollbackCommand, prepare: upgraded },
  { name: 'return', command: returnCommand, prepare: rolledBack },
];

const adoptCommand = ['adopt', '--release', '1.0.0', '--files', 'built/1.0.0', '--state', 'old'];
const always = '2040-01-01T00:00:00Z';

/** What else changes the application, or the way back from it. */
export const furtherScenes: readonly Scene[] = [
  { name: 'restore', command: ['restore', '--at', always, '--live', '--yes'], prepare: captured },
  {
    name: 'adopt',
    command: adoptCommand,
    prepare: upgradedByHand,
    // The old release, added whole.
    mayStay: (line) => line.includes('/releases/1.0.0/'),
  },
  { name: 'undo', command: ['abort'], prepare: killedInVerify, isInterrupted: true },
];

export const scenes: readonly Scene[] = [...switches, ...furtherScenes];
