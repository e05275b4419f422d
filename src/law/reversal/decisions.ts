import { jsonOrNull } from '../../form/json-text.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { renderPath } from '../../form/problem.ts';
import { strict, text, z } from '../../form/schema.ts';
import { choices, type Choice, type Decision } from '../place.ts';

/** What was decided for one pair: `pairs/<id>/decisions.json`. */
export interface Decisions {
  /** SHA-256 of the reversal file that stood when they were taken; null where there was none. */
  readonly reversalSha256: string | null;
  /** By asset. Places are within the asset. */
  readonly assets: Readonly<Record<string, readonly RecordedDecision[]>>;
}

/** `map`: what the data suggested was taken; the rule itself stands in the pair. */
export type RecordedDecision = Omit<Decision, 'choice'> & { readonly choice: Choice | 'map' };

/** False for what was taken from the data. */
export function isChosen(decision: RecordedDecision): decision is Decision {
  return decision.choice !== 'map';
}

const decision = strict({
  place: text(),
  choice: z.enum([...choices, 'map']),
  by: text(),
  at: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/),
  evidence: z.string(),
});

const decisionsSchema = strict({
  v: z.literal(1),
  reversal: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  assets: z.record(text(), z.array(decision)),
});

/** The bytes of `decisions.json`; `parseDecisions` reads them back. */
export function formatDecisions({ reversalSha256, assets }: Decisions): string {
  return `${JSON.stringify({ v: 1, reversal: reversalSha256, assets }, null, 2)}\n`;
}

/** Reads `decisions.json`. Throws `reversal/altered`. */
export function parseDecisions(source: string, file: string): Decisions {
  const parsed = decisionsSchema.safeParse(jsonOrNull(source));
  if (parsed.success) return { reversalSha256: parsed.data.reversal, assets: parsed.data.assets };
  const issue = parsed.error.issues[0];
  const where = renderPath(
    (issue?.path ?? []).map((step) => (typeof step === 'number' ? step : String(step))),
  );
  throw new BackstepError('reversal/altered', {
    message: `${file}: ${where === '' ? 'it' : where} is not as Backstep wrote it`,
    hint: 'take the decisions anew with `backstep plan`; the state itself is untouched',
    cause: parsed.error,
  });
}
