import { strict, z } from '../../form/schema.ts';
import { inMilliseconds, serviceKeys } from '../keys.ts';

const nameWords = 'the name of a service, not the one that is displayed';

/** A Windows service, as the manifest says it. */
export const windowsSchema = strict({
  manager: z.literal('windows'),
  // What the service control manager forbids, and what cmd.exe or sc.exe would read as something else.
  name: z
    .string({ error: nameWords })
    .regex(/^[^/\\"'%^&|<>\s-][^/\\"%^&|<>]{0,255}$/, { error: nameWords }),
  ...serviceKeys,
}).transform(inMilliseconds);

export type WindowsDefinition = Readonly<z.output<typeof windowsSchema>>;
