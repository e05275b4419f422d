import { basename, dirname, resolve } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import { literal, nameOf, type NamedFolder } from './draft.ts';
import { realOr, type Invocation, type ProgramGuess } from './program.ts';

/** One word of a command line that names something on the disk. */
interface NamedPlace {
  /** The option before it, without its hyphens; empty where none is. */
  readonly option: string;
  readonly path: string;
  readonly kind: 'folder' | 'file';
}

const reserved = ['node', 'release', 'port', 'file'];

/** Folders that the command line names, and those of the files that it names: where its data is. */
export function namedFolders(
  disk: Disk,
  invocation: Invocation,
  program: ProgramGuess | null,
): readonly NamedFolder[] {
  const found: NamedFolder[] = [];
  for (const { option, path, kind } of placesIn(disk, invocation)) {
    const folder = kind === 'folder' ? path : dirname(path);
    const isProgram = program !== null && (path === program.script || program.folder === folder);
    if (isProgram || found.some((each) => each.folder === folder)) continue;
    const taken = [...reserved, ...found.map(({ name }) => name)];
    const words = option === '' ? 'the command line names it' : `--${option} names it`;
    found.push({ name: nameOf(option || basename(folder), taken), folder, why: words });
  }
  return found;
}

function placesIn(disk: Disk, { argv, cwd }: Invocation): readonly NamedPlace[] {
  return argv.slice(1).flatMap((word, at): NamedPlace[] => {
    const [, own, value] = /^--?([^=]+)=(.*)$/.exec(word) ?? [];
    const before = /^--?(.+)$/.exec(argv[at] ?? '')?.[1] ?? '';
    const path = resolve(cwd, value ?? word);
    const kind = disk.lstat(realOr(disk, path))?.kind;
    const isNamed =
      (kind === 'folder' || kind === 'file') && !word.startsWith('-') !== (own !== undefined);
    return isNamed ? [{ option: own ?? before, path, kind }] : [];
  });
}

/** What stands for the parts of a command that change. */
export interface CommandParts {
  readonly invocation: Invocation;
  readonly program: ProgramGuess | null;
  readonly paths: readonly NamedFolder[];
  readonly port: number | null;
  /** The Node that runs Backstep. */
  readonly node: string;
}

/** The command line with `{release}`, `{port}`, `{node}` and the names of paths in place of what they stand for. */
export function commandOf(disk: Disk, parts: CommandParts): string[] {
  const { invocation } = parts;
  return invocation.argv.map((word, at) => {
    if (at === 0) return firstWord(disk, parts);
    const before = invocation.argv[at - 1] ?? '';
    if (/^--?p(ort)?$/.test(before) && /^\d+$/.test(word)) return '{port}';
    const [, option, value] = /^(--?[^=]+=)(.*)$/.exec(word) ?? [];
    if (option !== undefined && value !== undefined) {
      return /^--?port=$/.test(option)
        ? `${option}{port}`
        : literal(option) + placed(disk, value, parts);
    }
    return placed(disk, word, parts);
  });
}

function firstWord(disk: Disk, parts: CommandParts): string {
  const { executable, argv } = parts.invocation;
  if (executable === null) return placed(disk, argv[0] ?? '', parts);
  if (realOr(disk, executable) === realOr(disk, parts.node)) return '{node}';
  return placed(disk, executable, parts);
}

function placed(
  disk: Disk,
  word: string,
  { invocation, program, paths, port }: CommandParts,
): string {
  if (port !== null && word.endsWith(`:${port}`))
    return `${literal(word.slice(0, -String(port).length))}{port}`;
  const path = resolve(invocation.cwd, word);
  const isPlace = word !== '' && !word.startsWith('-') && disk.lstat(path) !== null;
  if (!isPlace) return literal(word);
  const known = [
    ...paths.map(({ name, folder }) => ({ folder, stands: `{${name}}` })),
    ...(program === null ? [] : [{ folder: program.folder, stands: '{release}' }]),
  ].sort((a, b) => b.folder.length - a.folder.length);
  const around = known.find(({ folder }) => path === folder || path.startsWith(`${folder}/`));
  return around === undefined
    ? literal(path)
    : around.stands + literal(path.slice(around.folder.length));
}

/** The command that migrates: the same program with `migrate`, and of its options those that name folders. */
export function migrationOf(
  command: readonly string[],
  script: string,
  paths: readonly NamedFolder[],
): string[] {
  const at = command.findIndex((word) => word.endsWith(`/${basename(script)}`));
  const names = paths.map(({ name }) => `{${name}}`);
  const kept = command.slice(at + 1).flatMap((word, index, rest): string[] => {
    const isOption = word.startsWith('-');
    const speaks = (text: string): boolean => names.some((name) => text.includes(name));
    if (speaks(word)) return [word];
    return isOption && !word.includes('=') && speaks(rest[index + 1] ?? '') ? [word] : [];
  });
  return [...command.slice(0, at + 1), 'migrate', ...kept];
}
