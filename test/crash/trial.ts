import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { accountOf, differences, missingNotes, type Account } from './account.ts';
import type { Executable, Said } from './executable.ts';
import { NotesApplication } from './notes-application.ts';
import type { ManifestWishes } from './notes-releases.ts';
import type { Scene } from './scenes.ts';
import { readTrace, type Strike, type TracedAct } from './strike.ts';

/** How a trial may leave all that a user and an operator have, by name: as before the command, or as after it. */
export type Ends = Readonly<Record<string, Account>>;

/** A scene that is set up: its beginning can be brought back, and its ends are known. */
export interface Stage {
  readonly scene: Scene;
  readonly app: NotesApplication;
  readonly template: string;
  /** `before` the command, and `after` one that nothing befell. */
  readonly ends: Ends;
  /** What the command does when nothing befalls it. */
  readonly acts: readonly TracedAct[];
}

/** Sets a scene up below a folder and runs its command once, undisturbed. */
export async function setUp(
  folder: string,
  scene: Scene,
  wishes: ManifestWishes & { readonly executable?: Executable },
): Promise<Stage> {
  mkdirSync(folder, { recursive: true });
  const app = new NotesApplication(join(folder, 'app'), wishes, wishes.executable);
  await app.addReleases(scene.added);
  await scene.prepare(app);
  const template = join(folder, 'template');
  app.keep(template);
  const before = await endWithout({ app, scene, template });
  const trace = join(folder, 'trace');
  const said = await app.backstep(scene.command(app), { trace });
  assert.equal(said.code, scene.exitCode, told(said));
  if (scene.opening !== undefined) await resume(app, scene);
  const after = await accountOf(app);
  assert.deepEqual(missingNotes(app), []);
  await end(app);
  return { scene, app, template, ends: { before, after }, acts: readTrace(trace) };
}

type Beginning = Pick<Stage, 'app' | 'scene' | 'template'>;

/** What there is without the command, and leaves the application in the moment before it. */
async function endWithout({ app, scene, template }: Beginning): Promise<Account> {
  await begin(app, scene);
  if (scene.opening !== undefined) await resume(app, scene);
  const before = await accountOf(app);
  if (scene.opening === undefined) return before;
  await end(app);
  app.bringBack(template);
  await begin(app, scene);
  return before;
}

async function resume(app: NotesApplication, scene: Scene): Promise<void> {
  const said = await app.backstep(['resume']);
  assert.ok(isOver(scene, said), told(said));
}

/** True where the run came to an end that this scene may have. */
function isOver({ waits }: Scene, { code }: Said): boolean {
  return code === 0 || code === 4 || (waits !== undefined && code === waits);
}

export interface TrialWishes {
  /** What befalls the command, then each `resume` after it; then one is left alone. */
  readonly strikes: readonly Strike[];
  /** Brings the beginning back in another way than by copying the folder. */
  readonly bringBack?: () => void;
  /** What happens to the machine after each strike: a loss of power. */
  readonly afterStrike?: () => void;
  /** Makes the application or its manifest misbehave, before it is started. */
  readonly spoil?: (app: NotesApplication) => void;
  /** Also goes on from where it ended: the command is run (again), and must end as it always does. */
  readonly goesOn?: boolean;
  /** What runs the command lines of this trial; else what ran those of the one before. */
  readonly executable?: Executable;
}

export interface Outcome {
  /** The name of the end that was reached; null where something is lost. */
  readonly end: string | null;
  /** The command, and the `resume`s that were struck after it. */
  readonly said: readonly Said[];
  /** The last one, which nothing befell. */
  readonly resumed: Said;
  /** What differs from the nearest end; empty unless something is lost. */
  readonly losses: readonly string[];
}

/** One trial: from the beginning, struck, resumed, and accounted for. The application is stopped at its end. */
export async function tryOnce(stage: Stage, wishes: TrialWishes): Promise<Outcome> {
  const { app, scene } = stage;
  if (wishes.bringBack === undefined) app.bringBack(stage.template);
  else wishes.bringBack();
  app.executable = wishes.executable ?? app.executable;
  wishes.spoil?.(app);
  await begin(app, scene);
  const said: Said[] = [];
  for (const strike of wishes.strikes.length === 0 ? [undefined] : wishes.strikes) {
    const argv = said.length === 0 ? scene.command(app) : ['resume'];
    said.push(await app.backstep(argv, strike === undefined ? {} : { strike }));
    wishes.afterStrike?.();
    await useMeanwhile(app);
  }
  const resumed = await app.backstep(['resume']);
  const { name, losses } = await judge(stage, resumed);
  const isWhole = losses.length === 0 && scene.opening === undefined;
  if (isWhole && wishes.goesOn === true && name !== 'after') losses.push(...(await goOn(stage)));
  await end(app);
  return { end: losses.length === 0 ? name : null, said, resumed, losses };
}

/** True if the last strike ended what it befell. */
export function wasKilled({ said }: Outcome): boolean {
  return said.at(-1)?.signal === 'SIGKILL';
}

/** A user goes on while the run lies there, half done, as far as the application answers. */
async function useMeanwhile(app: NotesApplication): Promise<void> {
  const body = `acknowledged ${crypto.randomUUID()}`;
  if (await app.post(body)) appendFileSync(app.path('acknowledged'), `${body}\n`);
}

async function judge(
  { app, ends, scene }: Stage,
  resumed: Said,
): Promise<{ readonly name: string; readonly losses: string[] }> {
  const account = await accountOf(app);
  const distances = Object.entries(ends).map(([name, wanted]) => ({
    name,
    losses: differences(account, wanted),
  }));
  const [nearest] = distances.toSorted((a, b) => a.losses.length - b.losses.length);
  assert.ok(nearest !== undefined);
  const missing = missingNotes(app).map((body) => `acknowledged and gone: ${body}`);
  const unsettled = isOver(scene, resumed)
    ? []
    : [`resume exits with ${resumed.code}: ${told(resumed)}`];
  return { name: nearest.name, losses: [...nearest.losses, ...missing, ...unsettled] };
}

/** The command, run once more, ends as it always does. */
async function goOn({ app, scene, ends }: Stage): Promise<string[]> {
  const again = await app.backstep(scene.command(app));
  if (again.code !== scene.exitCode)
    return [`run again, it exits with ${again.code}: ${told(again)}`];
  const { after } = ends;
  assert.ok(after !== undefined);
  return differences(await accountOf(app), after).map((line) => `run again: ${line}`);
}

function told({ stdout, stderr }: Said): string {
  return `${stdout}\n${stderr}`.trim();
}

async function begin(app: NotesApplication, { opening }: Scene): Promise<void> {
  if (app.port !== null) await startIt(app);
  if (opening === undefined) return;
  const { command, strike } = opening;
  const said = await app.backstep(command, { strike });
  const isStruck = strike.how === 'kill' ? said.signal === 'SIGKILL' : said.code === 5;
  assert.ok(isStruck, told(said));
}

async function startIt(app: NotesApplication): Promise<void> {
  await app.must(0, 'service', 'start');
  const deadline = Date.now() + 60_000;
  while ((await app.shown()) === null) {
    assert.ok(Date.now() < deadline, 'the application does not answer');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function end(app: NotesApplication): Promise<void> {
  if (app.port !== null) await app.must(0, 'service', 'stop');
}
