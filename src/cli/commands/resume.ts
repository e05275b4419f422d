import { alone } from '../alone.ts';
import { openGround } from '../open.ts';
import { exitCodeOf, runOptions } from '../running.ts';
import { runLines } from '../run-lines.ts';
import { pendingEmergencies } from '../../switch/emergency.ts';
import { resumeAll } from '../../switch/operations.ts';
import type { CommandDefinition } from './definition.ts';

export const resumeCommand: CommandDefinition = {
  example: 'backstep resume --lock-wait 30s',
  takesLock: true,
  run: async (call) => {
    const ground = openGround(call);
    const byScripts = pendingEmergencies(ground).length;
    const reports = await alone(call, ground, {
      purpose: 'resume',
      work: () => resumeAll(ground, runOptions(call), { retries: true }),
    });
    const lines = reports.flatMap((report) => runLines(ground, report));
    const none = byScripts > 0 ? 'no run was interrupted besides' : 'nothing was interrupted';
    call.output.result(reports, reports.length === 0 ? [none] : lines);
    return Math.max(0, ...reports.map(exitCodeOf));
  },
};
