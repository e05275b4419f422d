import { pathText } from '../../form/path-text.ts';
import { strict, z } from '../../form/schema.ts';
import { inMilliseconds, serviceKeys } from '../keys.ts';

const serviceWords = 'the name of a service in the Compose file';
const projectWords = 'the name of a project: small letters, digits, hyphens';

/** Containers that a Compose file describes, as the manifest says them. */
export const composeSchema = strict({
  manager: z.literal('compose'),
  file: pathText.meta({ description: 'the Compose file' }),
  project: z
    .string({ error: projectWords })
    .regex(/^[a-z0-9][a-z0-9_-]*$/, { error: projectWords })
    .optional(),
  services: z
    .array(
      z.string({ error: serviceWords }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
        error: serviceWords,
      }),
    )
    .default([])
    .meta({ description: 'those that hold the application; without it, all' }),
  ...serviceKeys,
}).transform(inMilliseconds);

/** `file` is absolute once it is resolved. */
export type ComposeDefinition = Readonly<z.output<typeof composeSchema>>;
