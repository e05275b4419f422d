import { join } from 'node:path/posix';
import type { AssetHandler } from '../../asset/asset.ts';
import { readWhole } from '../../host/whole-file.ts';
import { unescapeField } from '../../store/escape.ts';
import type { Ground } from '../ground.ts';

/** One line of the kit's `units.tsv`, as far as it says where things lie. */
export interface Unit {
  /** Of the program files, whose bytes lie frozen among the releases. */
  readonly isRelease: boolean;
  readonly kind: string;
  readonly asset: string;
  readonly root: string;
  readonly displaced: string;
  readonly live: string;
}

/** The file by which a script says that it carried what was written into a database. */
export function carriedMark(asset: string): string {
  return `${asset}.carried`;
}

/** What the kit of an emergency rollback had to put in its place. */
export function unitsOf({ host }: Ground, folder: string): readonly Unit[] {
  const text = readWhole(host.disk, join(folder, 'units.tsv')).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [number = '', phase = '', kind = '', ...rest] = line.split('\t').map(unescapeField);
      const [asset = '', root = '', live = ''] = rest.slice(-3);
      const isRelease = phase === 'release';
      return { isRelease, kind, asset, root, live, displaced: join(root, 'displaced', number) };
    });
}

/** Those of one asset, by their names in it. */
export function unitNames(asset: AssetHandler, units: readonly Unit[]): ReadonlyMap<string, Unit> {
  const rootLength = asset.placeOf('x').length - 1;
  const own = units.filter((unit) => unit.asset === asset.name);
  return new Map(own.map((unit) => [unit.live.slice(rootLength), unit]));
}
