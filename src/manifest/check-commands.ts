import type { Path } from '../form/problem.ts';
import type { Command } from '../form/command.ts';
import type { Judging } from './judging.ts';
import { placeholderTrouble, placeholdersOf, reservedPlaceholders } from './placeholder.ts';
import type { PartialSections } from './read-sections.ts';

interface Use {
  readonly path: Path;
  readonly command: Command;
  /** What may be used beside {node}, {release} and the paths. */
  readonly further: readonly string[];
}

/** Refuses placeholders that mean nothing where they stand, and paths that hide the ones that do. */
export function checkCommands(sections: PartialSections, judging: Judging): void {
  checkPathNames(sections, judging);
  const port = sections.service?.port === undefined ? [] : ['port'];
  const known = ['node', 'release', ...sections.pathNames];
  for (const { path, command, further } of usesOf(sections, port)) {
    for (const argument of command.argv) {
      checkText(path, argument, { known: [...known, ...further], judging });
    }
  }
  const env = sections.service?.manager === 'process' ? sections.service.env : {};
  for (const [name, value] of Object.entries(env)) {
    checkText(['service', 'env', name], value, { known: [...known, ...port], judging });
  }
}

function checkPathNames({ pathNames }: PartialSections, { complain }: Judging): void {
  for (const name of pathNames) {
    const reserved: readonly string[] = reservedPlaceholders;
    if (!reserved.includes(name)) continue;
    complain(['paths', name], `{${name}} has a meaning of its own`, 'choose another name');
  }
}

function usesOf(sections: PartialSections, port: readonly string[]): Use[] {
  const { service, migrate, gate, health, hooks, assets } = sections;
  const uses: Use[] = [];
  const add = (path: Path, command: Command | undefined, further: readonly string[]): void => {
    if (command !== undefined) uses.push({ path, command, further });
  };
  if (service?.manager === 'process') add(['service', 'run'], { argv: service.run }, port);
  // A staged start gets a free port of its own.
  if (migrate !== undefined && 'run' in migrate) add(['migrate', 'run'], migrate.run, []);
  if (migrate !== undefined && 'start' in migrate)
    add(['migrate', 'start'], migrate.start, ['port']);
  add(['gate', 'close'], gate?.close, port);
  add(['gate', 'open'], gate?.open, port);
  add(['health', 'ready', 'command'], health?.ready?.command, port);
  for (const [point, entry] of Object.entries(hooks ?? {})) {
    if (!Array.isArray(entry)) add(['hooks', point, 'run'], entry?.run, port);
    else entry.forEach(({ run }, index) => add(['hooks', point, index, 'run'], run, port));
  }
  for (const [name, asset] of Object.entries(assets)) {
    if (asset.kind !== 'command') continue;
    add(['assets', name, 'capture'], asset.capture, ['file']);
    add(['assets', name, 'restore'], asset.restore, ['file']);
    add(['assets', name, 'check'], asset.check, ['file']);
  }
  return uses;
}

function checkText(
  path: Path,
  text: string,
  { known, judging }: { known: readonly string[]; judging: Judging },
): void {
  const trouble = placeholderTrouble(text, known);
  if (trouble === null) return;
  const wantsPort = placeholdersOf(text).includes('port') && !known.includes('port');
  const hint = wantsPort ? 'write `port:` under `service:`' : trouble.hint;
  judging.complain(path, trouble.message, hint);
}
