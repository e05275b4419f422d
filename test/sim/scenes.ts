import { SimulatedApplication } from './application.ts';
import type { DiskTraits } from '../../sim/disk-state.ts';

/** One command under which the power fails, and the moment before it. */
export interface Scene {
  readonly name: string;
  readonly command: readonly string[];
  readonly prepare: (traits: Partial<DiskTraits>) => Promise<SimulatedApplication>;
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

async function rolledBack(traits: Partial<DiskTraits>): Promise<SimulatedApplication> {
  const app = await upgraded(traits);
  await app.must(0, ...rollbackCommand);
  app.write('data/attachments/four.txt', 'four\n');
  app.write('data/settings.json', '{\n  "language": "fr",\n  "theme": "dark"\n}\n');
  app.settle();
  return app;
}

export const scenes: readonly Scene[] = [
  {
    name: 'upgrade',
    command: upgradeCommand,
    prepare: (traits) => SimulatedApplication.begin(traits),
  },
  { name: 'rollback', command: rollbackCommand, prepare: upgraded },
  { name: 'return', command: returnCommand, prepare: rolledBack },
];
