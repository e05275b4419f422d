import { strict, z } from '../../form/schema.ts';
import { pathText } from '../../form/path-text.ts';
import { sharedKeys } from './shared-keys.ts';

/** Unit files and start-up settings, each a whole; what the service manager needs is found by itself. */
export const serviceAsset = strict({
  kind: z.literal('service'),
  files: z.array(pathText).default([]).meta({
    description: 'further files of the service: an environment file, a drop-in',
  }),
  ...sharedKeys,
});
