import { strict, z } from '../../form/schema.ts';
import { pattern } from '../names.ts';
import { sharedKeys } from './shared-keys.ts';

/** The program files below `releases.root`, switched whole. Implied where a manifest lists none. */
export const releaseAsset = strict({
  kind: z.literal('release'),
  exclude: z.array(pattern).default([]).meta({
    description:
      'what an in-place release folder holds that belongs neither to it nor to its users',
  }),
  ...sharedKeys,
});
