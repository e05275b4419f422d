import assert from 'node:assert/strict';
import { dirname, join } from 'node:path/posix';
import { chanceFrom, type Chance } from '../../sim/chance.ts';
import { simulatedDisk, usualTraits, type SimulatedDisk } from '../../sim/disk.ts';
import type { DiskTraits } from '../../sim/disk-state.ts';
import { Dead, Machine } from '../../sim/machine.ts';
import type { Order } from '../../sim/name-log.ts';
import type { Observer } from '../../sim/observed-host.ts';
import { simulatedHost, SimulatedTime, type SimulatedProgram } from '../../sim/simulated-host.ts';
import type { Surroundings } from '../../src/cli/context.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Disk } from '../../src/host/disk.ts';
import { createWhole, makeFolders, readWhole, removeTree } from '../../src/host/whole-file.ts';

const folder = '/srv/notes';

const manifestText = `app: notes
state: state
paths: { data: data }
releases: { root: releases, layout: symlink }
service: { manager: none }
migrate: { run: 'migrate {data}', timeout: 60s }
assets:
  settings: { kind: json, root: '{data}', files: [settings.json] }
  attachments: { kind: files, root: '{data}/attachments' }
`;

/** A command that ran; its code is null where the process died. */
export interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** What befalls a command: told of each act, it may end the process, or make the act fail. */
export type Watch = (die: () => never) => Observer;

/** A small application under Backstep on a simulated machine, from one boot to the next loss of power. */
export class SimulatedApplication {
  readonly simulated: SimulatedDisk;
  readonly folder = folder;
  readonly #time: SimulatedTime;
  readonly #boot: number;
  readonly #machine: Machine;

  private constructor(simulated: SimulatedDisk, time: SimulatedTime, boot: number) {
    this.simulated = simulated;
    this.#time = time;
    this.#boot = boot;
    const { disk } = simulated;
    const chance = chanceFrom(boot);
    this.#machine = new Machine(simulatedHost({ disk, time, chance, boot, programs: { migrate } }));
  }

  /** With these releases added; all of it is durable. */
  static async begin(
    traits: Partial<DiskTraits> = {},
    added: readonly string[] = ['1.0.0', '2.0.0'],
  ): Promise<SimulatedApplication> {
    const time = new SimulatedTime();
    const simulated = simulatedDisk(time.nowNs, { ...usualTraits, syncsWhole: true, ...traits });
    const app = new SimulatedApplication(simulated, time, 1);
    app.write('backstep.yaml', manifestText);
    app.write('data/settings.json', '{\n  "language": "en",\n  "theme": "dark"\n}\n');
    app.write('data/attachments/one.txt', 'one\n');
    app.write('data/attachments/two.txt', 'two\n');
    app.write('data/attachments/old/deep.txt', 'deep\n');
    for (const version of ['1.0.0', '2.0.0']) app.write(`built/${version}/run`, `${version}\n`);
    app.settle();
    for (const version of added) {
      await app.must(0, 'release', 'add', version, `built/${version}`);
    }
    return app;
  }

  get disk(): Disk {
    return this.simulated.disk;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** As a program does that does not sync. */
  write(name: string, text: string): void {
    writeText(this.disk, this.path(name), text);
  }

  /** A folder and all below it. */
  copy(from: string, to: string): void {
    copyBelow(this.disk, this.path(from), this.path(to));
  }

  /** As a person runs the migration of the new release on the live data. */
  migrate(): void {
    migrate({ argv: ['migrate', this.path('data')] }, this.disk);
  }

  /** The kernel writes everything back in time. */
  settle(): void {
    makeFolders(this.disk, this.folder, 0o755);
    const whole = this.disk.syncFileSystem('/');
    if (!whole) syncTree(this.disk, '/');
  }

  /** The machine after a loss of power, booted anew. */
  afterPowerLoss(chance: Chance, order: Order): SimulatedApplication {
    return new SimulatedApplication(
      this.simulated.crashed(chance, order),
      this.#time,
      this.#boot + 1,
    );
  }

  async must(code: number, ...argv: readonly string[]): Promise<void> {
    const said = await this.backstep(argv);
    assert.equal(said.code, code, `${argv.join(' ')}\n${said.text}`);
  }

  async backstep(argv: readonly string[], watch: Watch = () => () => undefined): Promise<Said> {
    const life = this.#machine.live(watch);
    let text = '';
    const stream = { write: (more: string) => void (text += more) };
    const streams = { stdout: stream, stderr: stream };
    const surroundings = this.surroundings(streams, life.host);
    try {
      const open = () => Promise.resolve(surroundings);
      const code = await runProgram(argv, { streams, open });
      return { code: life.isDead() ? null : code, text };
    } catch (error) {
      if (!(error instanceof Dead)) throw error;
      return { code: null, text };
    } finally {
      life.end();
    }
  }

  surroundings(
    streams: Surroundings['streams'],
    host = this.#machine.live(() => () => undefined).host,
  ): Surroundings {
    return {
      host,
      system: { platform: 'linux', home: '/', env: { USER: 'operator' } },
      streams,
      cwd: this.folder,
      node: '/usr/bin/node',
      terminal: null,
      signal: new AbortController().signal,
    };
  }
}

/** Rewrites the settings, adds a file in a new folder, and takes an old one away with its folder. */
const migrate: SimulatedProgram = ({ argv }, disk) => {
  const data = argv[1] ?? '';
  const settings = join(data, 'settings.json');
  const text = readWhole(disk, settings).toString();
  writeText(disk, settings, text.replace('{\n', '{\n  "format": 2,\n'));
  writeText(disk, join(data, 'attachments/index/all.txt'), 'one two deep\n');
  removeTree(disk, join(data, 'attachments/old'));
  return { code: 0, stdout: '' };
};

function writeText(disk: Disk, path: string, text: string): void {
  makeFolders(disk, dirname(path), 0o755);
  const there = disk.lstat(path);
  if (there === null) createWhole(disk, path, { bytes: Buffer.from(text), mode: 0o644 });
  else {
    const file = disk.openWrite(path);
    file.truncate(0);
    file.write(Buffer.from(text), 0);
    file.close();
  }
}

function copyBelow(disk: Disk, from: string, to: string): void {
  makeFolders(disk, to, 0o755);
  for (const { name, kind } of disk.listKinds(from)) {
    const [one, other] = [join(from, name), join(to, name)];
    if (kind === 'folder') copyBelow(disk, one, other);
    else writeText(disk, other, readWhole(disk, one).toString());
  }
}

function syncTree(disk: Disk, path: string): void {
  const kind = disk.lstat(path)?.kind;
  if (kind === 'file') disk.syncFile(path);
  if (kind !== 'folder') return;
  for (const name of disk.list(path)) syncTree(disk, join(path, name));
  disk.syncFolder(path);
}
