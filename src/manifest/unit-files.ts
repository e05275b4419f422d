import type { Service } from './manifest.ts';
import { pathsOf, type System } from './system.ts';

/** Where each service manager keeps the files of a service. Sources: systemd.unit(5), launchd.plist(5). */
export function unitFilesOf(service: Service, system: System): readonly string[] {
  const rules = pathsOf(system.platform);
  const join = (...parts: string[]): string => rules.join(...parts);
  switch (service.manager) {
    case 'systemd': {
      const unit = service.unit.includes('.') ? service.unit : `${service.unit}.service`;
      const configHome = system.env['XDG_CONFIG_HOME'] ?? join(system.home, '.config');
      return service.scope === 'system'
        ? [join('/etc/systemd/system', unit)]
        : [join(configHome, 'systemd', 'user', unit)];
    }
    case 'launchd': {
      const file = `${service.label}.plist`;
      if (service.plist !== undefined) return [service.plist];
      return service.domain === 'system'
        ? [join('/Library/LaunchDaemons', file)]
        : [join(system.home, 'Library/LaunchAgents', file)];
    }
    case 'compose':
      return [service.file];
    case 'windows':
    case 'process':
    case 'none':
      break;
  }
  return [];
}
