import { dirname } from 'node:path';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Disk } from '../../host/disk.ts';
import { createWhole, makeFolders } from '../../host/whole-file.ts';
import { removeIfThere } from '../private-file.ts';
import { dropInPath, maskWay, type RuntimeFolder } from './mask.ts';
import { act, requireUnit, type UnitScope } from './unit.ts';

/** Keeps systemd from starting the unit until `unmaskUnit`, or a reboot. Twice is as good as once. */
export async function maskUnit(scope: UnitScope): Promise<void> {
  const { definition, surroundings } = scope;
  const facts = await requireUnit(scope);
  if (facts.loadState === 'masked') return;
  const way = maskWay(definition, facts.unitFile, runtimeFolder(scope));
  if (way.way === 'mask') {
    await act(scope, 'mask');
    return;
  }
  writeDropIn(surroundings.host.disk, way.path, way.text);
  await act(scope, 'reload');
}

export function hasDropIn(scope: UnitScope): boolean {
  return (
    scope.surroundings.host.disk.lstat(dropInPath(scope.definition, runtimeFolder(scope))) !== null
  );
}

/** Takes back whichever of the two ways there is; an operator's own mask in /etc stays. */
export async function unmaskUnit(scope: UnitScope): Promise<void> {
  const path = dropInPath(scope.definition, runtimeFolder(scope));
  const { disk } = scope.surroundings.host;
  if (disk.lstat(path) !== null) {
    removeIfThere(disk, path);
    await act(scope, 'reload');
  }
  const facts = await requireUnit(scope);
  if (facts.unitFileState === 'masked-runtime') await act(scope, 'unmask');
}

function runtimeFolder({ definition, surroundings }: UnitScope): RuntimeFolder {
  if (definition.scope === 'system') return '/run/systemd/system';
  const folder = surroundings.environment['XDG_RUNTIME_DIR'];
  if (folder !== undefined && folder !== '') return `${folder}/systemd/user`;
  throw new BackstepError('service/unreachable', {
    message: `${definition.unit} is a user's unit, and XDG_RUNTIME_DIR, which leads to that user's systemd, is not set`,
    hint: 'run the command as that user, logged in (`loginctl enable-linger` keeps their systemd running)',
  });
}

// Read by systemd, which may be another user's: 0644 in 0755, as every unit file. It holds no secret.
function writeDropIn(disk: Disk, path: string, text: string): void {
  makeFolders(disk, dirname(path), 0o755);
  removeIfThere(disk, path);
  createWhole(disk, path, { bytes: Buffer.from(text), mode: 0o644 });
}
