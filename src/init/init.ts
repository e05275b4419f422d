import { basename, join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import type { Disk } from '../host/disk.ts';
import { createWhole } from '../host/whole-file.ts';
import { manifestName } from '../manifest/load.ts';
import type { Problem } from '../form/problem.ts';
import { parseManifest } from '../manifest/parse.ts';
import type { System } from '../manifest/system.ts';
import { assetsIn, isWritable, named } from './assets.ts';
import { commandOf, migrationOf, namedFolders } from './command-line.ts';
import { nameOf, type Draft, type Guess, type NamedFolder, type ServiceGuess } from './draft.ts';
import { lookAtFolder, type FoundFolder } from './folder-look.ts';
import { healthOf } from './health.ts';
import { manifestText } from './manifest-text.ts';
import { lookAtProcess, type RunningProgram } from './process-look.ts';
import {
  offersMigration,
  ownName,
  programIn,
  programOf,
  type Invocation,
  type ProgramGuess,
} from './program.ts';
import { reversalNames } from './reversal-names.ts';
import { stateOf } from './state.ts';
import { lookAtUnit, type UnitLook } from './unit-look.ts';
import { dataFolders } from './data-folders.ts';

export interface InitRequest {
  /** Where the manifest is written, and what is looked at where nothing runs; absolute. */
  readonly folder: string;
  readonly pid: number | null;
  readonly unit: string | null;
  /** Instead of what would be guessed; null guesses. */
  readonly app: string | null;
  readonly state: string | null;
  /** The e-mail address of whoever answers for the application; null leaves it to be filled in. */
  readonly contact: string | null;
}

export interface InitSurroundings {
  readonly host: Host;
  readonly system: System;
  /** The Node that runs Backstep. */
  readonly node: string;
}

export interface Initiated {
  readonly file: string;
  readonly text: string;
  readonly draft: Draft;
}

/**
 * Looks at an application and writes a manifest that describes it, each guess with its reason. Nothing but the
 * manifest is written, and none that is there is replaced. Throws `init/exists`, `init/nothing`, `init/process`,
 * `init/state`, `init/unit`.
 */
export async function init(around: InitSurroundings, request: InitRequest): Promise<Initiated> {
  const { host, system } = around;
  const file = join(request.folder, manifestName);
  if (host.disk.lstat(file) !== null) throw exists(file);
  const seen = await lookAround(host, request);
  const draft = await draftOf(around, request, seen);
  const text = manifestText(draft);
  const read = parseManifest({ text, file, system });
  if (!read.ok) {
    const misplaced = read.problems.find(({ path }) => path === 'state');
    if (request.state !== null && misplaced !== undefined) throw unfitState(misplaced);
    throw new Error(`init wrote what does not load: ${JSON.stringify(read.problems)}\n${text}`);
  }
  createWhole(host.disk, file, { bytes: Buffer.from(text), mode: 0o644, isSynced: true });
  host.disk.syncFolder(request.folder);
  return { file, text, draft };
}

function unfitState({ message, hint }: Pick<Problem, 'message' | 'hint'>): BackstepError {
  return new BackstepError('init/state', {
    message,
    hint: `${hint}: another one for --state; nothing was written`,
  });
}

function exists(file: string): BackstepError {
  return new BackstepError('init/exists', {
    message: `${file} is there already`,
    hint: 'give another folder, or move the file away first; nothing was written',
  });
}

/** What was found to run, and where its files are. */
export interface Seen {
  readonly unit: UnitLook | null;
  readonly running: RunningProgram | null;
  /** Null where nothing runs and no unit says how it is started. */
  readonly invocation: Invocation | null;
  readonly program: ProgramGuess | null;
}

async function lookAround(host: Host, { folder, pid, unit: wanted }: InitRequest): Promise<Seen> {
  const unit = wanted === null ? null : await lookAtUnit(host, wanted);
  const id = pid ?? unit?.pid ?? null;
  const running = id === null ? null : lookAtProcess(host, id);
  const invocation = running ?? (unit === null ? null : { ...unit, executable: null });
  const program =
    invocation === null ? programIn(host.disk, folder) : programOf(host.disk, invocation);
  return { unit, running, invocation, program };
}

async function draftOf(around: InitSurroundings, request: InitRequest, seen: Seen): Promise<Draft> {
  const { host, node } = around;
  const { disk } = host;
  const { invocation, program, running } = seen;
  const told = invocation === null ? [] : namedFolders(disk, invocation, program);
  const paths = dataFolders(disk, { told, running, program, folder: request.folder });
  const looks = paths.map((path): [NamedFolder, FoundFolder] => [
    path,
    look(around, { request, seen, paths, path }),
  ]);
  const names = reversalNames(disk, join(request.folder, 'reversals'));
  const assets = named(looks.flatMap(([path, found]) => assetsIn(disk, { path, found, names })));
  if (assets.length === 0) throw nothing(paths);
  const port = portOf(seen);
  const command =
    invocation === null ? null : commandOf(disk, { invocation, program, paths, port, node });
  const app = appOf(disk, request, seen);
  return {
    app,
    state: await stateOf(around, {
      app: app.value,
      said: request.state,
      running,
      unit: seen.unit,
      paths,
    }),
    paths,
    releases: releasesOf(request, program),
    service: serviceOf(seen, command, port),
    migrate: migrationFor(around, { command, program, paths }),
    health: port === null ? null : await healthOf(host, port),
    assets: [...assets, ...unitAsset(seen)],
    contact: request.contact,
    leftOut: looks.flatMap(([path, found]) => leftOutOf(path, found)),
  };
}

function look(
  { host }: InitSurroundings,
  parts: {
    readonly request: InitRequest;
    readonly seen: Seen;
    readonly paths: readonly NamedFolder[];
    readonly path: NamedFolder;
  },
): FoundFolder {
  const { request, seen, paths, path } = parts;
  const { program, running } = seen;
  const others = paths.filter(({ folder }) => folder !== path.folder).map(({ folder }) => folder);
  const own = [join(request.folder, 'reversals'), request.state].filter((each) => each !== null);
  const programs = program === null || program.root === path.folder ? [] : [program.root];
  const elsewhere = [...others, ...own, ...programs].filter(
    (each) => !path.folder.startsWith(`${each}/`),
  );
  const held = new Set(
    running?.files.filter(({ isWritten }) => isWritten).map((each) => each.path),
  );
  // Among the files of the program itself only what it writes is its data.
  const isProgram = program?.folder === path.folder;
  return lookAtFolder(host.disk, path.folder, {
    pids: running?.pids ?? [],
    isElsewhere: (each) =>
      elsewhere.includes(each) ||
      (isProgram && host.disk.lstat(each)?.kind === 'file' && !held.has(each)),
  });
}

function nothing(paths: readonly NamedFolder[]): BackstepError {
  const looked = paths.map(({ folder }) => folder).join(', ');
  return new BackstepError('init/nothing', {
    message: `no database, document or other file of an application was found in ${looked}`,
    hint: 'name the folder that holds its data, or the process that runs: backstep init --pid PID',
  });
}

function portOf({ running, invocation }: Seen): number | null {
  const ports = running?.ports ?? [];
  const words = invocation?.argv ?? [];
  return (
    ports.find((port) => words.some((word) => word.endsWith(String(port)))) ?? ports[0] ?? null
  );
}

function appOf(
  disk: Disk,
  { app, folder }: InitRequest,
  { unit, running, program }: Seen,
): Guess<string> {
  if (app !== null) return { value: app, why: 'as it was said' };
  const name = unit?.name ?? running?.unit?.name;
  if (name !== undefined) return { value: nameOf(name), why: 'the name of its systemd unit' };
  const own = program === null ? null : ownName(disk, program.folder);
  if (own !== null) return { value: nameOf(own), why: 'the name in its package.json' };
  const from = program?.layout === 'symlink' ? program.root : (program?.folder ?? folder);
  return { value: nameOf(basename(from)), why: 'the name of its folder' };
}

function releasesOf({ folder }: InitRequest, program: ProgramGuess | null): Draft['releases'] {
  if (program !== null) {
    const { root, layout, why } = program;
    return { value: { root, layout }, why };
  }
  const why =
    'nothing that looks like its program was found; add releases with `backstep release add`';
  return { value: { root: join(folder, 'releases'), layout: 'symlink' }, why };
}

function serviceOf(
  { unit, running, invocation }: Seen,
  command: readonly string[] | null,
  port: number | null,
): Guess<ServiceGuess> {
  const service = unit === null ? running?.unit : { name: unit.name, scope: 'system' as const };
  if (service !== null && service !== undefined) {
    const { name, scope } = service;
    return {
      value: { manager: 'systemd', unit: name, scope, port },
      why: 'it runs as a systemd service',
    };
  }
  if (command === null || invocation === null) {
    return {
      value: { manager: 'none' },
      why: 'nothing says how it is started: a person starts it',
    };
  }
  const why = `the command line of process ${running?.pid ?? ''}; its environment was not looked at: add what it needs under env`;
  return { value: { manager: 'process', run: command, cwd: invocation.cwd, port }, why };
}

function migrationFor(
  { host }: InitSurroundings,
  {
    command,
    program,
    paths,
  }: {
    readonly command: readonly string[] | null;
    readonly program: ProgramGuess | null;
    readonly paths: readonly NamedFolder[];
  },
): Draft['migrate'] {
  const script = program?.script ?? null;
  if (command === null || script === null || !offersMigration(host.disk, script)) return null;
  const why = `${basename(script)} speaks of a command 'migrate'; check that it opens no port and sends nothing`;
  return { value: migrationOf(command, script, paths), why };
}

function unitAsset({ unit, running }: Seen): Draft['assets'] {
  if (unit === null && (running?.unit ?? null) === null) return [];
  const none = { place: null, files: [], exclude: [], secret: [] };
  return [{ ...none, name: 'system', kind: 'service', why: 'the unit file' }];
}

const mostLeftOut = 40;

function leftOutOf({ folder }: NamedFolder, found: FoundFolder): Draft['leftOut'] {
  const files = found.files.flatMap(({ name, kind, why }) => {
    if (kind === 'left-out') return [{ what: join(folder, name), why }];
    return isWritable(name) ? [] : [{ what: join(folder, name), why: 'no pattern can name it' }];
  });
  const folders = found.leftOut.map(({ name, why }) => ({ what: `${join(folder, name)}/`, why }));
  const many = found.isComplete ? [] : [{ what: folder, why: 'too many files to look at each' }];
  const all = [...many, ...folders, ...files];
  const rest = all.length - mostLeftOut;
  const more = rest > 0 ? [{ what: `${rest} more`, why: 'of the same kinds' }] : [];
  return [...all.slice(0, mostLeftOut), ...more];
}
