import { join } from 'node:path';
import { duration } from '../../src/cli/output.ts';
import type { RunReport } from '../../src/switch/report/report.ts';
import type { Client } from '../social-download-manager/test/client.ts';
import type { DemoOptions } from './arguments.ts';
import { interfere } from './breakages.ts';
import {
  backUp,
  columnTable,
  manualColumn,
  oldBackupColumn,
  toldColumn,
  type Column,
} from './columns.ts';
import { copyFolder } from './copies.ts';
import { problemsOf, runProblems, tell } from './expectations.ts';
import type { Holdings } from './holdings.ts';
import { Installation } from './installation.ts';
import { killAfterCommit } from './interrupt.ts';
import type { Person } from './person.ts';
import { addToken } from './release-process.ts';
import { runTable } from './run-table.ts';
import type { Screen } from './screen.ts';

/** The wait between stopping and going on that the manual prescribes, and what --fast makes of it. */
const manualWaitMs = 5_000;
const fastWaitMs = 200;

/** What the chapters share. */
export interface Stage {
  readonly options: DemoOptions;
  /** The temporary folder. */
  readonly folder: string;
  readonly screen: Screen;
  readonly person: Person;
  /** Everything that has to be stopped at the end. */
  readonly installations: Installation[];
  /** Aborted when the demo is interrupted: no command of Backstep begins any more. */
  readonly signal: AbortSignal;
}

/** One installation, and what is needed to use it. */
interface Scene {
  readonly installation: Installation;
  readonly client: Client;
  /** With it 2.0.0 can be told to go bad. */
  readonly token: string;
  /** Where the copy of the state before the upgrade lies. */
  readonly backup: string;
}

/** The whole demo, from installing to the table. Returns the report of the rollback; null where there is none. */
export async function tellStory(stage: Stage): Promise<RunReport | null> {
  const scene = await installAndUse(stage);
  const wishesAtBackup = await backUpAndUpgrade(stage, scene);
  await useNewRelease(stage, scene);
  const copy = await goBad(stage, scene);
  const report = await compareWaysBack(stage, scene, wishesAtBackup);
  await killAndResume(stage, copy);
  await returnForward(stage, copy);
  if (report !== null) stage.screen.table(runTable(report));
  return report;
}

async function installAndUse(stage: Stage): Promise<Scene> {
  const { screen, person, folder, options, signal } = stage;
  screen.chapter('Social Download Manager 1.2.1 is installed and used');
  const installation = await Installation.make(join(folder, 'social-download-manager'), signal);
  stage.installations.push(installation);
  const token = await addToken('1.2.1', installation.data);
  await installation.must('service', 'start');
  const client = installation.client();
  await person.setUp(client);
  await person.download(client, ['Harbour at dawn', 'Kite festival', 'Old town walk']);
  await person.pin(client, 'Harbour at dawn');
  await expectOf1(stage, '1.2.1 tells what was asked of it: 3 downloads, 3 settings', client);
  const scene = { installation, client, token, backup: join(folder, 'old-backup') };
  await interfere(options.breaks, 'installed', scene);
  return scene;
}

/** Returns what 1.2.1 had been asked for when it was backed up. */
async function backUpAndUpgrade(stage: Stage, scene: Scene): Promise<Holdings> {
  const { installation, backup } = scene;
  stage.screen.chapter(
    'It is backed up as the manual has it, and upgraded: backstep upgrade --to 2.0.0',
  );
  await installation.must('service', 'stop');
  backUp(installation.data, backup);
  await interfere(stage.options.breaks, 'backed-up', scene);
  await installation.must('service', 'start');
  await expectSwitch(stage, 'upgraded', installation.switch('upgrade', '--to', '2.0.0', '--yes'));
  return stage.person.wishesOf1();
}

async function useNewRelease({ screen, person }: Stage, { client }: Scene): Promise<void> {
  screen.chapter('Work goes on under 2.0.0');
  await person.download(client, ['Night market', 'Rain on tin']);
  await person.delete(client, 'Kite festival');
  await person.retitle(client, 'Old town walk', 'Old town, the long way');
  await person.pin(client, 'Night market');
  await person.prefer(client, { language: 'vi', compact: true });
  await person.allowAtOnce(client, 5);
  await person.makeTheme(client, 'Sea');
  screen.line('two downloads more, one deleted, one retitled, one pinned;');
  screen.line('Vietnamese, a compact list, five downloads at once, a theme of one’s own');
}

/** The release fails, and the state that it leaves is copied for each way back. */
async function goBad(stage: Stage, scene: Scene): Promise<Scene> {
  const { screen, person, folder } = stage;
  const { installation, client } = scene;
  screen.chapter('2.0.0 goes bad');
  await spoil(scene);
  const said = await person.downloadInVain(client, 'Snow');
  screen.line(`nothing can be downloaded any more: ${said}`);
  await installation.must('service', 'stop');
  for (const column of ['manual', 'restored']) {
    copyFolder(installation.data, join(folder, column, 'data'));
  }
  const copy = await installation.copyTo(join(folder, 'killed'));
  stage.installations.push(copy);
  screen.line('the state that it leaves is copied, once for each way back');
  return { ...scene, installation: copy, client: copy.client() };
}

/** Switches the fault on; it lasts until the release ends. */
async function spoil({ client, token }: Scene): Promise<void> {
  const fault = { name: 'platform-failing', value: 'direct' };
  const headers = { authorization: `Bearer ${token}` };
  const answer = await client.post('/admin/faults', fault, { headers });
  if (answer.status !== 201) throw new Error(`the fault is refused: ${answer.text}`);
}

async function compareWaysBack(
  stage: Stage,
  scene: Scene,
  wishesAtBackup: Holdings,
): Promise<RunReport | null> {
  const { screen, person, folder, options } = stage;
  const { backup, client } = scene;
  screen.chapter('Three ways back to 1.2.1, from the same state');
  const parts = { who: person, wanted: person.wishesOf1() };
  const waitMs = options.isFast ? fastWaitMs : manualWaitMs;
  const manual = await manualColumn(join(folder, 'manual'), { ...parts, waitMs });
  const old = await oldBackupColumn(join(folder, 'restored'), { ...parts, backup });
  const report = await rollBack(stage, scene);
  const backstep = toldColumn('Backstep', await tell(client, person), parts.wanted);
  screen.table(columnTable([manual, old, backstep], parts.wanted));
  for (const column of [manual, old]) tellTroubles(screen, column);
  screen.expect(
    'the old backup: 1.2.1 tells exactly what was asked of it before the upgrade',
    problemsOf(old.told, { wanted: wishesAtBackup, version: '1.2.1' }),
  );
  screen.expect(
    'Backstep: 1.2.1 tells all that was asked for under either release',
    problemsOf(backstep.told, { wanted: parts.wanted, version: '1.2.1' }),
  );
  return report;
}

async function rollBack(stage: Stage, scene: Scene): Promise<RunReport | null> {
  const { installation } = scene;
  const { breaks } = stage.options;
  await installation.must('service', 'start');
  await spoil(scene);
  await interfere(breaks, 'before-rollback', scene);
  const run = installation.switch('rollback', '--yes', '--reason', 'downloads fail');
  const report = await expectSwitch(stage, 'rolled-back', run);
  await interfere(breaks, 'rolled-back', scene);
  return report;
}

function tellTroubles(screen: Screen, { name, told, troubles, differences }: Column): void {
  screen.line(`${name}:`);
  for (const trouble of troubles) screen.line(`  · ${trouble}`);
  if (told !== null) for (const { text } of differences) screen.line(`  · ${text}`);
}

async function killAndResume(stage: Stage, scene: Scene): Promise<void> {
  const { screen, person, options } = stage;
  const { installation, client } = scene;
  screen.chapter('The same rollback once more, killed (SIGKILL) right after its commit record');
  await installation.must('service', 'start');
  await person.signIn(client);
  await spoil(scene);
  const signal = await killAfterCommit(installation);
  screen.expect('it is killed', signal === 'SIGKILL' ? [] : ['it came to its own end before']);
  const { code, stdout } = await installation.backstep('status');
  const isTold = code === 7 && stdout.includes('INTERRUPTED');
  screen.expect('backstep status says that it was interrupted', isTold ? [] : [stdout.trim()]);
  await interfere(options.breaks, 'killed', scene);
  await expectSwitch(stage, 'rolled-back', installation.switch('resume'));
  await expectOf1(stage, '1.2.1 tells the same as before', client);
}

async function returnForward(stage: Stage, scene: Scene): Promise<void> {
  const { screen, person, options } = stage;
  const { installation, client } = scene;
  screen.chapter('One download under 1.2.1, then forward again: backstep return --release-hold');
  await person.download(client, ['Snow']);
  await expectSwitch(stage, 'returned', installation.switch('return', '--release-hold', '--yes'));
  await interfere(options.breaks, 'returned', scene);
  screen.expect(
    '2.0.0 tells all of it: the theme is there and active, and so is the download under 1.2.1',
    problemsOf(await tell(client, person), { wanted: person.wishes(), version: '2.0.0' }),
  );
}

async function expectOf1({ screen, person }: Stage, what: string, client: Client): Promise<void> {
  const told = await tell(client, person);
  screen.expect(what, problemsOf(told, { wanted: person.wishesOf1(), version: '1.2.1' }));
}

/** Expects that a switch ends so, with every change accounted for; returns its report. */
async function expectSwitch(
  { screen }: Stage,
  result: RunReport['result'],
  run: ReturnType<Installation['switch']>,
): Promise<RunReport | null> {
  const { said, reports } = await run;
  const report = reports.at(-1);
  const downtimeMs = report?.downtimeMs ?? null;
  const downtime = downtimeMs === null ? '' : `, downtime ${duration(downtimeMs)}`;
  screen.expect(`Backstep: ${result}${downtime}`, runProblems(result, { said, report }));
  return report ?? null;
}
