import { startAndWait } from '../../switch/ready.ts';
import { exclusively } from '../../switch/operations.ts';
import { openGround } from '../open.ts';
import type { CommandDefinition } from './definition.ts';

export const serviceStartCommand: CommandDefinition = {
  example: 'backstep service start',
  run: async (call) => {
    const ground = openGround(call);
    await exclusively(ground, { purpose: 'service start', waitMs: 0 }, () =>
      startAndWait(ground, call.signal),
    );
    const status = await ground.service.status();
    call.output.result(status, [`${ground.manifest.app}: ${status.state}`]);
    return 0;
  },
};

export const serviceStopCommand: CommandDefinition = {
  example: 'backstep service stop',
  run: async (call) => {
    const ground = openGround(call);
    await exclusively(ground, { purpose: 'service stop', waitMs: 0 }, () =>
      ground.service.stop(call.signal),
    );
    const status = await ground.service.status();
    call.output.result(status, [`${ground.manifest.app}: ${status.state}`]);
    return 0;
  },
};
