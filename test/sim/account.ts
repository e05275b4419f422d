import { join } from 'node:path/posix';
import { z } from 'zod';
import { verifyAudit } from '../../src/audit/verify.ts';
import { openApplication } from '../../src/cli/open.ts';
import { contentOf, parkedFiles } from '../../src/cli/parked-files.ts';
import { runNames } from '../../src/cli/past-runs.ts';
import type { Disk } from '../../src/host/disk.ts';
import { readWhole } from '../../src/host/whole-file.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { readBook } from '../../src/switch/book.ts';
import type { Ground } from '../../src/switch/ground.ts';
import { endOf, readJournal } from '../../src/switch/journal.ts';
import type { SimulatedApplication } from './application.ts';

/**
 * All that a user or an operator has, a line each: live files, which release is in its place, what is parked, the
 * book, and whatever is not as it should be once no run is under way.
 */
export function accountOf(app: SimulatedApplication): readonly string[] {
  const ground = groundOf(app);
  return [
    ...filesBelow(app.disk, app.path('data')),
    `release ${app.disk.lstat(app.path('releases/current')) === null ? 'none' : app.disk.readLink(app.path('releases/current'))}`,
    ...filesBelow(app.disk, app.path('releases')).filter((line) => !line.includes('/current ')),
    ...parkedOf(ground),
    ...standing(ground),
    ...troubles(app, ground),
  ];
}

function groundOf(app: SimulatedApplication): Ground {
  const streams = { stdout: { write: () => undefined }, stderr: { write: () => undefined } };
  const surroundings = app.surroundings(streams);
  const { host, system } = surroundings;
  return openApplication(surroundings, loadManifest(host.disk, app.path('backstep.yaml'), system));
}

function filesBelow(disk: Disk, folder: string): string[] {
  if (disk.lstat(folder) === null) return [`${folder} is gone`];
  return disk.listKinds(folder).flatMap(({ name, kind }) => {
    const path = join(folder, name);
    if (kind === 'folder') return filesBelow(disk, path);
    if (kind === 'link') return [`${path} → ${disk.readLink(path)}`];
    const mode = disk.lstat(path)?.mode.toString(8) ?? '';
    return [`${path} ${mode} ${JSON.stringify(readWhole(disk, path).toString())}`];
  });
}

/** Without the names of runs, which differ from trial to trial. */
function parkedOf(ground: Ground): string[] {
  const files = runNames(ground).flatMap((run) => parkedFiles(ground, run));
  const { disk } = ground.host;
  return files.map((file) => {
    const kept = keptWhole.safeParse(contentOf(disk, file));
    const shown = kept.success
      ? readWhole(disk, kept.data.keptAt).toString()
      : contentOf(disk, file);
    return `parked ${file.asset} ${JSON.stringify(shown)}`;
  });
}

const keptWhole = z.object({ keptAt: z.string() });

function standing({ host, folders }: Ground): string[] {
  const { release, lastGood, lineage, departure, holds } = readBook(host, folders);
  return [
    `book: ${release} last good ${lastGood} pairs ${lineage.length}`,
    `departure: ${departure === null ? 'none' : `${departure.from} to ${departure.to}`}`,
    `holds: ${holds.map((hold) => hold.release).join()}`,
  ];
}

function troubles({ disk }: SimulatedApplication, ground: Ground): string[] {
  const { host, folders, store } = ground;
  const names = disk.lstat(folders.journal) === null ? [] : disk.list(folders.journal);
  const open = names
    .map((name) => name.replace(/\.jsonl$/, ''))
    .filter((run) => endOf(readJournal(host, folders.journal, run)) === null);
  const findings = store.check('all').findings.filter(({ kind }) => kind !== 'orphaned');
  const { finding } = verifyAudit(disk, { folder: folders.audit, publicKey: null, anchors: [] });
  const beside = ['', 'data', 'releases'].flatMap((name) => {
    const folder = join(ground.manifest.folder, name);
    return disk.lstat(folder) === null
      ? []
      : disk.list(folder).filter((each) => each.startsWith('.'));
  });
  return [
    ...open.map((run) => `not ended: ${run}`),
    ...findings.map((each) => `store: ${JSON.stringify(each)}`),
    ...(finding === null ? [] : [`audit: ${finding.finding}: ${finding.text}`]),
    ...beside.map((name) => `left beside the live state: ${name}`),
  ];
}
