import { z } from 'zod';
import { captureState } from '../../switch/stage/states.ts';
import { alone } from '../alone.ts';
import { refuseInterrupted } from '../interrupted.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({ label: z.string().default('by hand') });

export const snapshotCommand: CommandDefinition = {
  example: 'backstep snapshot --label "before the import"',
  takesLock: true,
  options: { '--label <text>': { text: 'why it is taken, in a word or two' } },
  run: async (call, given) => {
    const { label } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const id = await alone(call, ground, {
      purpose: 'snapshot',
      work: async () => {
        refuseInterrupted(ground);
        const { state } = await ground.service.status();
        return captureState(ground, ground.assets, { label, isQuiet: state === 'stopped' });
      },
    });
    const entries = ground.store.read(id).listing.entries();
    const fileCount = entries.filter(({ kind }) => kind === 'file').length;
    call.output.result({ id, label, fileCount }, [
      `snapshot ${id}: ${fileCount} files of ${ground.assets.length} assets`,
    ]);
    return 0;
  },
};
