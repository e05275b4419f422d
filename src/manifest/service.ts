import { duration } from '../form/units.ts';
import { strict, text, z } from '../form/schema.ts';
import { command } from '../form/command.ts';
import { pathText } from '../form/path-text.ts';

const portNumber = z.int().min(1).max(65_535);

const sharedKeys = {
  stopTimeout: duration.prefault('30s').meta({
    description: 'how long the whole process tree may take to end',
  }),
  port: portNumber.optional().meta({ description: 'where the application listens; `{port}`' }),
};

/** A system or user unit. */
const systemd = strict({
  manager: z.literal('systemd'),
  unit: text('the name of a unit'),
  scope: z.enum(['system', 'user']).default('system'),
  ...sharedKeys,
});

/** A daemon (`system`) or an agent of the logged-in user (`gui`). */
const launchd = strict({
  manager: z.literal('launchd'),
  label: text('the label of a job'),
  domain: z.enum(['system', 'gui']).default('system'),
  plist: pathText.optional(),
  ...sharedKeys,
});

const windows = strict({
  manager: z.literal('windows'),
  name: text('the name of a service'),
  ...sharedKeys,
});

const compose = strict({
  manager: z.literal('compose'),
  file: pathText,
  project: text('the name of a project').optional(),
  services: z.array(text('the name of a service')).default([]).meta({
    description: 'those that hold the application; without it, all',
  }),
  ...sharedKeys,
});

/** Backstep's own detached supervisor. */
const process = strict({
  manager: z.literal('process'),
  run: command,
  env: z
    .record(z.string().regex(/^[^=\0]+$/, { error: 'the name of a variable' }), z.string())
    .default({}),
  user: text('the name of a user').optional(),
  ...sharedKeys,
});

/** A desktop program that people start: it must not run during a switch. */
const none = strict({ manager: z.literal('none'), ...sharedKeys });

/** Every service manager; one line adds one. */
export const serviceManagers = {
  systemd,
  launchd,
  windows,
  compose,
  process,
  none,
} satisfies Record<string, z.ZodType<{ manager: string }>>;

export type ServiceManagerName = keyof typeof serviceManagers;

/** `service:` as the schema yields it; paths and placeholders not yet filled in. */
export type WrittenService = {
  [Name in ServiceManagerName]: z.output<(typeof serviceManagers)[Name]>;
}[ServiceManagerName];
