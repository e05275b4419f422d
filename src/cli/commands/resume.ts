import { z } from 'zod';
import { alone } from '../alone.ts';
import { openGround } from '../open.ts';
import { exitCodeOf, runOptions } from '../running.ts';
import { runLines } from '../run-lines.ts';
import { pendingEmergencies } from '../../switch/emergency/emergency.ts';
import { resumeAll } from '../../switch/operations.ts';
import { carryLeftOut } from '../carrying.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({ yes: z.boolean().default(false) });

export const resumeCommand: CommandDefinition = {
  example: 'backstep resume --lock-wait 30s',
  takesLock: true,
  options: {
    '--yes': { text: 'carry what scripts of the emergency kit left out, and ask nothing' },
  },
  run: async (call, given) => {
    const { yes } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const byScripts = pendingEmergencies(ground).length;
    const reports = await alone(call, ground, {
      purpose: 'resume',
      work: () => resumeAll(ground, runOptions(call), { retries: true }),
    });
    const carried = await carryLeftOut(call, ground, { yes });
    const all = carried === null ? reports : [...reports, carried];
    const lines = all.flatMap((report) => runLines(ground, report));
    const none = byScripts > 0 ? 'no run was interrupted besides' : 'nothing was interrupted';
    call.output.result(all, all.length === 0 ? [none] : lines);
    return Math.max(0, ...all.map(exitCodeOf));
  },
};
