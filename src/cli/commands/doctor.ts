import { doctorLines, examine } from '../../doctor/doctor.ts';
import { openGround } from '../open.ts';
import type { CommandDefinition } from './definition.ts';

export const doctorCommand: CommandDefinition = {
  example: 'backstep doctor --json',
  run: async (call) => {
    const ground = openGround(call);
    const { app } = ground.manifest;
    const findings = await examine({ ground, signal: call.signal });
    const errorCount = findings.filter(({ severity }) => severity === 'error').length;
    const document = { app, errorCount, warningCount: findings.length - errorCount, findings };
    call.output.result(document, doctorLines(app, findings));
    return errorCount === 0 ? 0 : 7;
  },
};
