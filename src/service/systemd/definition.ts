import { strict, z } from '../../form/schema.ts';
import { inMilliseconds, serviceKeys } from '../keys.ts';

const unitWords = 'the name of a unit';

/** A system or user unit, as the manifest says it. */
export const systemdSchema = strict({
  manager: z.literal('systemd'),
  unit: z
    .string({ error: unitWords })
    .regex(/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*$/, { error: unitWords })
    .transform((name) => (name.endsWith('.service') ? name : `${name}.service`)),
  scope: z.enum(['system', 'user']).default('system'),
  ...serviceKeys,
}).transform(inMilliseconds);

/** `unit` has its suffix: `social-download-manager.service`. */
export type SystemdDefinition = Readonly<z.output<typeof systemdSchema>>;
