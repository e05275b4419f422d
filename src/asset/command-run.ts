import { dirname, join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Finished } from '../host/processes.ts';
import { randomHex } from '../host/random.ts';
import { makeFolders, readWhole, removeTree, replaceWhole } from '../host/whole-file.ts';
import type { Command } from '../form/command.ts';
import type { AssetOf } from '../manifest/manifest.ts';
import type { AssetContext } from './kind.ts';

/** More than this on standard output is refused; a `{file}` may hold any amount. */
const maxOutputBytes = 64 << 20;

/**
 * Runs the capture command and puts what it says at `place`, 0600, as a whole: on its standard output, or in `{file}`.
 * Throws `asset/command`, `process/…`.
 */
export async function captureState(
  asset: AssetOf<'command'>,
  context: AssetContext,
  place: string,
): Promise<void> {
  const bytes = await capturedBytes(asset, context, dirname(place));
  replaceWhole(context.host, place, { bytes, mode: 0o600 });
}

async function capturedBytes(
  asset: AssetOf<'command'>,
  context: AssetContext,
  folder: string,
): Promise<Uint8Array> {
  const { disk, random } = context.host;
  makeFolders(disk, folder, 0o700);
  const file = join(folder, `${randomHex(random, 6)}.captured`);
  try {
    const finished = await run(asset, context, { command: asset.capture, file });
    requireDone(asset.name, 'capture', finished);
    if (namesFile(asset.capture)) return readWhole(disk, file);
    return requireText(asset.name, finished.stdout);
  } finally {
    removeTree(disk, file);
  }
}

/** A pipe is read as text, so that what is none must come through a file. */
function requireText(name: string, output: string): Uint8Array {
  const bytes = Buffer.from(output);
  if (!output.includes('\u{fffd}') && bytes.length < maxOutputBytes) return bytes;
  throw new BackstepError('asset/command', {
    message: `${name}: what capture wrote is no UTF-8 text, or more than 64 MiB of it`,
    hint: 'let the command write to the file that `{file}` names',
  });
}

/** Hands a captured state to the restore command. May run twice. Throws `asset/command`, `process/…`. */
export async function restoreState(
  asset: AssetOf<'command'>,
  context: AssetContext,
  path: string,
): Promise<void> {
  const given = { command: asset.restore, file: path, input: readWhole(context.host.disk, path) };
  requireDone(asset.name, 'restore', await run(asset, context, given));
}

/** Why what is there is not the captured state, null where it is; by the check command, else by capturing anew. */
export async function checkState(
  asset: AssetOf<'command'>,
  context: AssetContext,
  path: string,
): Promise<string | null> {
  const wanted = readWhole(context.host.disk, path);
  if (asset.check === undefined) {
    const folder = join(context.manifest.state, 'commands', asset.name);
    const now = await capturedBytes(asset, context, folder);
    return wanted.equals(now) ? null : 'what is there is not what was captured';
  }
  const given = { command: asset.check, file: path, input: wanted };
  const finished = await run(asset, context, given);
  return finished.code === 0 ? null : reasonOf(finished);
}

interface Given {
  readonly command: Command;
  /** What `{file}` stands for. */
  readonly file: string;
  readonly input?: Uint8Array;
}

function run(
  asset: AssetOf<'command'>,
  { host, fill, environment, manifest }: AssetContext,
  { command, file, input }: Given,
): Promise<Finished> {
  const env = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  const isPiped = input !== undefined && !namesFile(command);
  return host.processes.run(
    { argv: fill(command, { file }), cwd: manifest.folder, env },
    {
      limitMs: asset.timeout,
      outputBytes: maxOutputBytes,
      ...(isPiped ? { input } : {}),
    },
  );
}

function namesFile({ argv }: Command): boolean {
  return argv.some((word) => /(?<!\{)\{file\}(?!\})/.test(word));
}

function requireDone(name: string, act: string, finished: Finished): void {
  if (finished.code === 0 && finished.ended === 'by-itself') return;
  throw new BackstepError('asset/command', {
    message: `${name}: ${act} ${reasonOf(finished)}`,
    hint: 'run the command by hand; see what it needs, or raise `timeout` of the asset',
  });
}

function reasonOf({ code, signal, ended, stderr }: Finished): string {
  const how =
    ended === 'limit'
      ? 'went on for too long'
      : code === null
        ? `was ended by ${signal}`
        : `exited with ${code}`;
  const said = stderr.trim().split('\n').slice(-3).join(' | ');
  return said === '' ? how : `${how}: ${said}`;
}
