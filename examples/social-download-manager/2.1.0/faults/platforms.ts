import type { Platform, PlatformCheck } from '../platforms/platform.ts';
import { PlatformError } from '../platforms/platform.ts';
import { registryOf, type PlatformRegistry } from '../platforms/registry.ts';
import type { Faults } from './faults.ts';

const unavailable: PlatformCheck = { status: 'unavailable', detail: 'does not answer' };

/** The same platforms; the one that the fault `platform-failing` names fails. */
export function failingRegistry(registry: PlatformRegistry, faults: Faults): PlatformRegistry {
  return registryOf(registry.all.map((platform) => failing(platform, faults)));
}

function failing(platform: Platform, faults: Faults): Platform {
  const fail = (): void => {
    if (!faults.isOn('platform-failing', platform.name)) return;
    throw new PlatformError('platform/failed', `${platform.name} does not answer.`);
  };
  return {
    ...platform,
    async describe(request) {
      fail();
      return platform.describe(request);
    },
    async fetch(request, target) {
      fail();
      return platform.fetch(request, target);
    },
  };
}

interface Checks {
  check(platform: Platform): Promise<PlatformCheck>;
}

/** The same checks, in front of what they remember. */
export function failingChecks(checks: Checks, faults: Faults): Checks {
  return {
    check: async (platform) =>
      faults.isOn('platform-failing', platform.name) ? unavailable : checks.check(platform),
  };
}
