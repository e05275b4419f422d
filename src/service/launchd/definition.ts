import { pathText } from '../../form/path-text.ts';
import { strict, z } from '../../form/schema.ts';
import { inMilliseconds, serviceKeys } from '../keys.ts';

const labelWords = 'the label of a job (`com.example.app`)';

/** A daemon (`system`) or an agent of the logged-in user (`gui`), as the manifest says it. */
export const launchdSchema = strict({
  manager: z.literal('launchd'),
  label: z
    .string({ error: labelWords })
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, { error: labelWords }),
  domain: z.enum(['system', 'gui']).default('system'),
  plist: pathText.optional().meta({
    description: 'where the job is described; without it, where launchd looks by itself',
  }),
  ...serviceKeys,
}).transform(inMilliseconds);

export type LaunchdDefinition = Readonly<z.output<typeof launchdSchema>>;
