import { startAndWait } from '../../switch/ready.ts';
import { alone } from '../alone.ts';
import { openGround } from '../open.ts';
import type { CommandDefinition } from './definition.ts';

export const serviceStartCommand: CommandDefinition = {
  example: 'backstep service start',
  takesLock: true,
  run: async (call) => {
    const ground = openGround(call);
    await alone(call, ground, {
      purpose: 'service start',
      work: () => startAndWait(ground, call.signal),
    });
    const status = await ground.service.status();
    call.output.result(status, [`${ground.manifest.app}: ${status.state}`]);
    return 0;
  },
};

export const serviceStopCommand: CommandDefinition = {
  example: 'backstep service stop',
  takesLock: true,
  run: async (call) => {
    const ground = openGround(call);
    await alone(call, ground, {
      purpose: 'service stop',
      work: () => ground.service.stop(call.signal),
    });
    const status = await ground.service.status();
    call.output.result(status, [`${ground.manifest.app}: ${status.state}`]);
    return 0;
  },
};
