import { z } from 'zod';
import { damages, type DamageCount } from '../../asset/asset.ts';
import {
  choices,
  parkReasons,
  questionKinds,
  type OpenQuestion,
  type Outcome,
} from '../../law/place.ts';

const count = z.int().nonnegative();

export const decisionRecord = z.object({
  place: z.string(),
  choice: z.enum(choices),
  by: z.string(),
  at: z.string(),
  evidence: z.string(),
});

/** What the law did to one asset, as a record holds it. */
export const outcomeRecord: z.ZodType<Outcome> = z.object({
  carried: z.object({ inserted: count, updated: count, deleted: count }),
  parked: z.array(z.object({ what: z.string(), count, why: z.enum(parkReasons) })),
  decisions: z.array(decisionRecord),
  reconciled: z.boolean(),
});

export const questionRecord: z.ZodType<OpenQuestion> = z.object({
  kind: z.enum(questionKinds),
  place: z.string(),
  count,
  total: count,
  choices: z.array(z.enum(choices)),
});

/** Place → what of it the bad release deleted, emptied or overwrote, as a record holds it. */
export const damageRecord: z.ZodType<Readonly<Record<string, DamageCount>>> = z.record(
  z.string(),
  z.object({
    total: count,
    deleted: count,
    emptied: count,
    overwritten: count,
    parked: z.array(z.enum(damages)),
  }),
);
