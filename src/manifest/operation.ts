import { duration } from '../form/units.ts';
import { strict, z } from '../form/schema.ts';
import { command } from '../form/command.ts';
import { pathText } from '../form/path-text.ts';

/** Where releases lie and how the running one is chosen. */
export const releases = strict({
  root: pathText.optional().meta({ description: 'without it, the convention of the system' }),
  layout: z.enum(['symlink', 'in-place']).default('symlink').meta({
    description:
      'symlink: root/<version>/ and a link root/current · in-place: root holds the one running release',
  }),
  keep: z.int().min(2).default(5).meta({ description: 'how many releases are kept' }),
});

/** How staged state is migrated: by a command, or by starting the release on it until it is healthy. */
export const migrate = z.union(
  [
    strict({ run: command, timeout: duration.prefault('1h') }),
    strict({
      start: command,
      until: z.literal('healthy'),
      timeout: duration.prefault('1h'),
      seclude: z.enum(['auto', 'required', 'off']).default('auto').meta({
        description:
          'cut off from the network and the live files: auto, where that can be had, else with a warning · required · off',
      }),
    }),
  ],
  { error: '`run: COMMAND`, or `start: COMMAND` with `until: healthy`' },
);

const ready = strict({
  http: z
    .string({ error: 'a path (`/healthz`) or an address (`http://…`)' })
    .regex(/^(\/|https?:\/\/)\S*$/, { error: 'a path (`/healthz`) or an address (`http://…`)' })
    .optional(),
  command: command.optional().meta({ description: 'exits 0 once the application is ready' }),
  within: duration.prefault('30s'),
  every: duration.prefault('250ms'),
});

const webPath = z
  .string({ error: 'a path (`/help.html`)' })
  .regex(/^\/\S*$/, { error: 'a path (`/help.html`)' });

/** What `verify` asks of the running application; what is left out is said to be not measured. */
const checks = strict({
  page: webPath.optional().meta({ description: 'the page that users see first' }),
  help: webPath.optional().meta({ description: 'the page whose links must all lead somewhere' }),
  download: z
    .union([webPath, strict({ run: command, timeout: duration.prefault('1m') })], {
      error: 'a path (`/clip.mp4`), or `{ run: COMMAND, timeout: 1m }`',
    })
    .optional()
    .meta({
      description:
        'a download that needs no login; or a command that begins one and says last after how many milliseconds its first byte came',
    }),
  protected: z.array(webPath).default([]).meta({ description: 'refused without a login' }),
  listen: z.array(z.string().min(1)).default(['127.0.0.1', '::1']).meta({
    description: 'the addresses that the application may listen on',
  }),
  startWithin: duration.prefault('5s'),
  downloadWithin: duration.prefault('3s'),
  respondWithin: duration.prefault('100ms').meta({
    description: 'from an event in the browser to the next paint',
  }),
});

export const health = strict({ ready: ready.optional(), checks: checks.prefault({}) });

/** Holds users out from before the stop until the target is verified. */
export const gate = strict({
  close: command,
  open: command,
  timeout: duration.prefault('30s'),
});

const hook = strict({ run: command, timeout: duration.prefault('1m') });
const hookEntry = z
  .union([hook, z.array(hook).min(1)], {
    error: '`{ run: COMMAND, timeout: 1m }`, or a list of them',
  })
  .optional();

/** The operator's own commands around the phases: before the commit they can refuse, after it only warn. */
export const hooks = strict({
  'before-stop': hookEntry,
  'after-stop': hookEntry,
  'before-commit': hookEntry,
  'after-commit': hookEntry,
  'before-start': hookEntry,
  'after-start': hookEntry,
  'after-verify': hookEntry,
  'after-settle': hookEntry,
});
export type HookPoint = keyof z.output<typeof hooks>;

const objective = strict({ target: duration, maxDowntime: duration });

/** The five types of rollback with the manual's own figures (2.2). */
export const objectives = strict({
  configuration: objective.prefault({ target: '15m', maxDowntime: '20m' }),
  application: objective.prefault({ target: '45m', maxDowntime: '60m' }),
  database: objective.prefault({ target: '90m', maxDowntime: '120m' }),
  system: objective.prefault({ target: '180m', maxDowntime: '240m' }),
  emergency: objective.prefault({ target: '240m', maxDowntime: '360m' }),
});

export const app = z
  .string({ error: 'the name of the application (small letters, digits, hyphens)' })
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
    error: 'the name of the application (small letters, digits, hyphens)',
  });
