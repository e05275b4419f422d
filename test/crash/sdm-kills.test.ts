import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import type { Client } from '../../examples/social-download-manager/test/client.ts';
import type { Phase } from '../../src/switch/phases.ts';
import { Managed } from '../scenario/managed.ts';
import { download, historyOf, setUp, signIn } from '../scenario/people.ts';
import { realExecutable } from './executable.ts';
import { killBefore, nameOf } from './kill-points.ts';
import { copyTree, removeTree } from './notes-application.ts';
import { readTrace, type Strike, type TracedAct } from './strike.ts';

const limits = { timeout: 900_000 };

/** Each command is killed in the middle of the first phase, resumed, begun again and killed in the second. */
const struckPhases = {
  upgrade: { back: 'stage', forward: 'place' },
  rollback: { back: 'displace', forward: 'settle' },
  return: { back: 'capture', forward: 'verify' },
} as const;
type Command = keyof typeof struckPhases;

const commandLines: Readonly<Record<Command, readonly string[]>> = {
  upgrade: ['upgrade', '--to', '2.0.0', '--yes', '--json'],
  rollback: ['rollback', '--yes', '--json'],
  return: ['return', '--release-hold', '--yes', '--json'],
};

/** What the application shows, asked over HTTP, and which release it is. */
interface Shown {
  readonly release: string;
  readonly history: readonly string[];
}

test(
  'Social Download Manager: killed, resumed, started and asked, it shows its whole history',
  limits,
  async (t) => {
    const scope = { after: (clean: () => void | Promise<void>) => after(clean) };
    const media = await startMediaServer();
    scope.after(() => media.close());
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    const client = managed.client();
    const clip = (name: string): string => `${media.origin}/file/${name}.mp4?size=5000`;
    await start(managed, client);
    await setUp(client);
    await download(client, [clip('one'), clip('two')]);

    let tried = await tryCommand(managed, 'upgrade');
    await signIn(client);
    await download(client, [clip('three')]);
    const renamed = await client.patch('/api/downloads/1', { title: 'Renamed under 2.0.0' });
    assert.equal(renamed.status, 200, renamed.text);
    tried += await tryCommand(managed, 'rollback');
    await signIn(client);
    await download(client, [clip('four')]);
    tried += await tryCommand(managed, 'return');
    t.diagnostic(`tried: ${tried} kill points`);
  },
);

/** From the running application on; leaves it as after the command. Returns how many kills there were. */
async function tryCommand(managed: Managed, command: Command): Promise<number> {
  const client = managed.client();
  const before = await shown(managed);
  await managed.document('service', 'stop');
  const template = `${managed.folder}-${command}`;
  const trace = `${managed.folder}-trace`;
  copyTree(managed.folder, template);
  try {
    await start(managed, client);
    const whole = await realExecutable(managed.folder, commandLines[command], { trace });
    assert.equal(whole.code, 0, whole.stdout + whole.stderr);
    const done = await shown(managed);
    assert.notEqual(done.release, before.release);
    await bringBack(managed, client, template);
    const { back, forward } = struckPhases[command];
    const acts = readTrace(trace);
    const strikeIn = (phase: Phase): Strike => killBefore(middleOf(phase, acts));
    await kill(managed, { command, strike: strikeIn(back), exitCode: 4, end: before });
    await kill(managed, { command, strike: strikeIn(forward), exitCode: 0, end: done });
    return 2;
  } finally {
    removeTree(template);
    rmSync(trace, { force: true });
  }
}

interface Killing {
  readonly command: Command;
  readonly strike: Strike;
  /** How `resume` ends, and what the application shows then. */
  readonly exitCode: number;
  readonly end: Shown;
}

async function kill(managed: Managed, { command, strike, exitCode, end }: Killing): Promise<void> {
  const point = `${command} ${nameOf(strike)}`;
  const said = await realExecutable(managed.folder, commandLines[command], { strike });
  assert.equal(said.signal, 'SIGKILL', point);
  const resumed = await managed.backstep('resume');
  assert.equal(resumed.code, exitCode, `${point}\n${resumed.stdout}${resumed.stderr}`);
  assert.deepEqual(await shown(managed), end, point);
}

/** As a person who signs in sees it: a session need not outlive a switch. */
async function shown(managed: Managed): Promise<Shown> {
  const client = managed.client();
  await signIn(client);
  const { release } = await managed.document('status');
  return { release: String(release), history: await historyOf(client) };
}

async function bringBack(managed: Managed, client: Client, template: string): Promise<void> {
  await managed.document('service', 'stop');
  removeTree(managed.folder);
  copyTree(template, managed.folder);
  await start(managed, client);
}

async function start(managed: Managed, client: Client): Promise<void> {
  await managed.document('service', 'start');
  const deadline = Date.now() + 120_000;
  while (!(await isReady(client))) {
    assert.ok(Date.now() < deadline, 'the application does not answer');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function isReady(client: Client): Promise<boolean> {
  try {
    return (await client.get('/healthz')).status === 200;
  } catch (error) {
    assert.ok(error instanceof Error);
    return false;
  }
}

function middleOf(phase: Phase, acts: readonly TracedAct[]): TracedAct {
  const within = acts.filter((act) => act.phase === phase);
  const act = within[Math.floor(within.length / 2)];
  assert.ok(act !== undefined, phase);
  return act;
}
