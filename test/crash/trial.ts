import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { accountOf, missingNotes, type Account } from './account.ts';
import type { Executable, Said } from './executable.ts';
import { NotesApplication } from './notes-application.ts';
import type { ManifestWishes } from './notes-releases.ts';
import type { Scene } from './scenes.ts';
import { readTrace, type Strike, type TracedAct } from './strike.ts';

/** A scene that is set up: its beginning can be brought back, and both of its ends are known. */
export interface Stage {
  readonly scene: Scene;
  readonly app: NotesApplication;
  readonly template: string;
  /** Before the command, and after one that nothing befell. */
  readonly before: Account;
  readonly after: Account;
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
  await app.addReleases();
  await scene.prepare(app);
  const template = join(folder, 'template');
  app.keep(template);
  await begin(app);
  const before = await accountOf(app);
  const trace = join(folder, 'trace');
  const said = await app.backstep(scene.command, { trace });
  assert.equal(said.code, scene.exitCode, said.stdout + said.stderr);
  const after = await accountOf(app);
  assert.deepEqual(missingNotes(app), []);
  await end(app);
  return { scene, app, template, before, after, acts: readTrace(trace) };
}

export interface TrialWishes {
  /** What befalls the command, then each `resume` after it; then one is left alone. */
  readonly strikes: readonly Strike[];
  /** Also goes on from where it ended: the command is run (again), and must end as it always does. */
  readonly goesOn?: boolean;
}

export interface Outcome {
  readonly end: 'before' | 'after' | 'lost';
  /** False where the run was over before the last strike would have come. */
  readonly wasStruck: boolean;
  readonly resumed: Said;
  /** What differs from either end; empty unless lost. */
  readonly losses: readonly string[];
}

/** One trial: from the beginning, struck, resumed, and accounted for. */
export async function tryOnce(stage: Stage, wishes: TrialWishes): Promise<Outcome> {
  const { app, scene } = stage;
  app.bringBack(stage.template);
  await begin(app);
  let said: Said | null = null;
  for (const [index, strike] of wishes.strikes.entries()) {
    said = await app.backstep(index === 0 ? scene.command : ['resume'], { strike });
    await useMeanwhile(app);
  }
  const resumed = await app.backstep(['resume']);
  const account = await accountOf(app);
  const losses = [...lossesOf(stage, account), ...missingNotes(app).map((body) => `lost: ${body}`)];
  if (![0, 4].includes(resumed.code ?? -1))
    losses.push(`resume exits with ${resumed.code}: ${told(resumed)}`);
  const isAfter = isDeepStrictEqual(account, stage.after);
  if (losses.length === 0 && wishes.goesOn === true && !isAfter)
    losses.push(...(await goOn(stage)));
  await end(app);
  const name = losses.length > 0 ? 'lost' : isAfter ? 'after' : 'before';
  return { end: name, wasStruck: said?.signal === 'SIGKILL', resumed, losses };
}

/** A user goes on while the run lies there, half done, as far as the application answers. */
async function useMeanwhile(app: NotesApplication): Promise<void> {
  const body = `acknowledged ${crypto.randomUUID()}`;
  if (await app.post(body)) appendFileSync(app.path('acknowledged'), `${body}\n`);
}

/** The command, run once more, ends as it always does. */
async function goOn({ app, scene, after }: Stage): Promise<string[]> {
  const again = await app.backstep(scene.command);
  if (again.code !== scene.exitCode)
    return [`run again, it exits with ${again.code}: ${told(again)}`];
  return differences('run again', await accountOf(app), after);
}

function lossesOf({ before, after }: Stage, account: Account): string[] {
  const found = [before, after].map((wanted) => differences('', account, wanted));
  const [fewest] = found.toSorted((a, b) => a.length - b.length);
  return fewest ?? [];
}

function differences(where: string, found: Account, wanted: Account): string[] {
  const [have, want]: [object, object] = [found, wanted];
  const wantedValues = new Map<string, unknown>(Object.entries(want));
  return Object.entries(have).flatMap(([key, value]) =>
    isDeepStrictEqual(value, wantedValues.get(key))
      ? []
      : [
          `${where} ${key}: ${JSON.stringify(value)} instead of ${JSON.stringify(wantedValues.get(key))}`,
        ],
  );
}

function told({ stdout, stderr }: Said): string {
  return `${stdout}\n${stderr}`.trim();
}

async function begin(app: NotesApplication): Promise<void> {
  if (app.port === null) return;
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
