import { resolve } from 'node:path/posix';
import { z } from 'zod';
import { init, type Initiated } from '../../init/init.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z
  .object({
    pid: z.coerce.number().int().positive().optional(),
    unit: z.string().optional(),
    app: z.string().optional(),
    state: z.string().optional(),
    contact: z.email('expected an address such as you@your.domain').optional(),
  })
  .refine(({ pid, unit }) => pid === undefined || unit === undefined, {
    path: ['pid'],
    message: 'either a process or a unit',
  });
const folders = z.tuple([z.string().optional()]);

export const initCommand: CommandDefinition = {
  example: 'backstep init --pid "$(pgrep -f server.ts)"',
  arguments: { '[folder]': 'where the manifest is written (default: here), and what is looked at' },
  options: {
    '--pid <pid>': {
      text: 'a running application: its command, open files and ports are looked at',
    },
    '--unit <name>': { text: 'the same for a systemd service, whether it runs or not' },
    '--app <name>': { text: 'the name of the application (default: of its unit or folder)' },
    '--contact <email>': { text: 'who answers for the application' },
    '--state <folder>': { text: "Backstep's own folder (default: by custom, for the owner)" },
  },
  run: async (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const [folder] = parseGiven(folders, given.args);
    const initiated = await init(call, {
      folder: resolve(call.cwd, folder ?? '.'),
      pid: wishes.pid ?? null,
      unit: wishes.unit ?? null,
      app: wishes.app ?? null,
      contact: wishes.contact ?? null,
      state: wishes.state === undefined ? null : resolve(call.cwd, wishes.state),
    });
    call.output.result(initiated, linesOf(initiated));
    return 0;
  },
};

function linesOf({ file, draft }: Initiated): string[] {
  const { app, state, paths, releases, service, migrate, health, assets, leftOut } = draft;
  return [
    `${file} was written; these are guesses, read it before you use it`,
    '',
    `app       ${app.value}: ${app.why}`,
    `state     ${state.value}: ${state.why}`,
    ...paths.map(({ name, folder, why }) => `path      ${name}: ${folder}: ${why}`),
    `releases  ${releases.value.layout} in ${releases.value.root}: ${releases.why}`,
    `service   ${service.value.manager}: ${service.why}`,
    `migrate   ${migrate === null ? 'not known: fill it in' : `${migrate.value.join(' ')}: ${migrate.why}`}`,
    `health    ${health === null ? 'not known: fill it in' : `${health.value}: ${health.why}`}`,
    ...assets.map(
      ({ name, kind, place, why }) => `asset     ${name}: ${kind} ${place ?? ''}: ${why}`,
    ),
    `left out  ${leftOut.length}, listed at the end of the file`,
    '',
    'upgraded without Backstep already?  backstep adopt --release OLD --files FOLDER --state BACKUP',
    'else tell it the release that runs:  backstep release add VERSION FOLDER',
  ];
}
