import { composeCommand } from '../service/compose/commands.ts';
import { launchdCommand, plistOf } from '../service/launchd/commands.ts';
import { holdingBack, openrcCommand } from '../service/openrc/commands.ts';
import { childEnvironment } from '../service/process/environment.ts';
import { systemdCommand } from '../service/systemd/commands.ts';
import type { OpenrcDefinition } from '../service/openrc/definition.ts';
import type { Ground } from '../switch/ground.ts';
import type { KitFacts } from './part.ts';

/** How the service is stopped and held back, and how it runs again: command lines, or what the supervisor would run. */
export function serviceFacts(ground: Ground): KitFacts['service'] {
  const service = ground.serviceDefinition;
  const common = {
    manager: service.manager,
    name: service.manager === 'windows' ? service.name : null,
    canStart: ground.service.canStart,
    stop: [],
    start: [],
    status: null,
    stopTimeoutMs: 'stopTimeoutMs' in service ? service.stopTimeoutMs : 0,
    process: null,
  };
  switch (service.manager) {
    case 'process':
      return {
        ...common,
        process: {
          folder: ground.folders.service,
          argv: service.run,
          cwd: service.cwd,
          env: childEnvironment({}, null, service.env),
          user: service.user ?? null,
        },
      };
    case 'systemd':
      return {
        ...common,
        stop: (['mask', 'stop'] as const).map((act) => systemdCommand(service, act)),
        start: (['unmask', 'start'] as const).map((act) => systemdCommand(service, act)),
        status: systemdCommand(service, 'is-active'),
      };
    case 'openrc':
      return { ...common, ...openrcFacts(service) };
    case 'launchd': {
      const home = ground.environment['HOME'] ?? '';
      const domain =
        service.domain === 'system'
          ? 'system'
          : `gui/${ground.host.disk.lstat(ground.folders.root)?.uid ?? 0}`;
      const place = { plist: plistOf(service, home), domain };
      return {
        ...common,
        stop: (['mask', 'stop'] as const).map((act) => launchdCommand(service, place, act)),
        start: (['unmask', 'load', 'start'] as const).map((act) =>
          launchdCommand(service, place, act),
        ),
        status: launchdCommand(service, place, 'show'),
      };
    }
    case 'compose':
      return {
        ...common,
        stop: [composeCommand(service, 'stop')],
        start: [composeCommand(service, 'start')],
      };
    case 'windows':
    case 'none':
      return common;
  }
}

function openrcFacts(
  service: OpenrcDefinition,
): Pick<KitFacts['service'], 'stop' | 'start' | 'status'> {
  const { path, text } = holdingBack(service);
  const refresh = openrcCommand(service, 'refresh');
  const hold = ['sh', '-c', 'mkdir -p -- "${2%/*}" && printf %s "$1" >"$2"', 'sh', text, path];
  return {
    stop: [hold, refresh, openrcCommand(service, 'stop')],
    start: [['rm', '-f', '--', path], refresh, openrcCommand(service, 'start')],
    status: openrcCommand(service, 'show'),
  };
}
