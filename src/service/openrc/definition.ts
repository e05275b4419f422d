import { pathText } from '../../form/path-text.ts';
import { strict, z } from '../../form/schema.ts';
import { inMilliseconds, serviceKeys } from '../keys.ts';

const nameWords = 'the name of a service in /etc/init.d';

/** A service of OpenRC (Alpine, Gentoo), as the manifest says it. */
export const openrcSchema = strict({
  manager: z.literal('openrc'),
  name: z
    .string({ error: nameWords })
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/, { error: nameWords }),
  pidFile: pathText.optional().meta({
    description: 'where the number of its process stands (`/run/NAME.pid`)',
  }),
  log: pathText.optional().meta({ description: 'the file that it writes what it says to' }),
  settings: pathText.default('/etc/rc.conf.d').meta({
    description: 'the folder that OpenRC reads beside rc.conf',
  }),
  ...serviceKeys,
}).transform(inMilliseconds);

/** Paths are absolute once they are resolved. */
export type OpenrcDefinition = Readonly<z.output<typeof openrcSchema>>;
