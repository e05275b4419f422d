import { share, duration } from '../../form/units.ts';
import { strict, z } from '../../form/schema.ts';
import { name } from '../names.ts';

/**
 * How much of an asset may be deleted, emptied or overwritten before it is asked about: more than
 * `share` of it and more than `rows` of them. `unattended`: what becomes of that damage when nobody
 * can be asked. A key that is left out keeps its default: 5 %, 10, park.
 */
export const carryLimit = strict({
  share: share.prefault('5%'),
  rows: z.int().min(0).default(10),
  unattended: z.enum(['park', 'carry']).default('park'),
});

/** What every kind of asset may say. */
export const sharedKeys = {
  rpo: duration.prefault('0s').meta({
    description: 'how much may be lost with the disk; against a rollback it is always 0',
  }),
  together: z.array(name).default([]).meta({
    description: 'assets that `--only` never separates from this one',
  }),
  secret: z.array(z.string().min(1)).default([]).meta({
    description: 'files, columns (`users.password_hash`) or paths whose values are never shown',
  }),
  versions: z
    .union([z.literal('all'), z.int().min(1)], { error: '`all` or how many to keep' })
    .optional()
    .meta({ description: 'how many versions are kept; without it the general retention decides' }),
};

/** What the kinds may say that carry changes one by one. */
export const carriedKeys = { ...sharedKeys, carryLimit: carryLimit.prefault({}) };
