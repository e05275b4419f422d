import { BackstepError } from '../fault/backstep-error.ts';
import type { Ground } from './ground.ts';

/** Assets declared `together` are rolled back together or not at all. */
export function refuseSplit(ground: Ground, only: readonly string[] | null): void {
  if (only === null) return;
  const { assets } = ground.manifest;
  for (const name of only) {
    const asset = assets[name];
    if (asset === undefined) {
      throw new BackstepError('switch/refused', {
        message: `--only ${name}: the manifest has no asset of this name`,
        hint: `it has: ${Object.keys(assets).join(', ')}`,
      });
    }
    const partners = Object.values(assets)
      .filter((other) => other.together.includes(name) || asset.together.includes(other.name))
      .map((other) => other.name);
    const missing = partners.find((partner) => !only.includes(partner));
    if (missing === undefined) continue;
    throw new BackstepError('switch/refused', {
      message: `--only ${name} would split it from ${missing}, and the manifest declares them together`,
      hint: `name both: --only ${name} --only ${missing}`,
    });
  }
}
