import { z } from '../form/schema.ts';
import { duration } from '../form/units.ts';

/** What every manager's part of the manifest may say. */
export const serviceKeys = {
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({ description: 'where the application listens; `{port}`' }),
  stopTimeout: duration.prefault('30s').meta({
    description: 'how long the whole process tree may take to end',
  }),
};

/** `stopTimeout` under the name that says its unit. */
export function inMilliseconds<Written extends { readonly stopTimeout: number }>({
  stopTimeout,
  ...rest
}: Written): Omit<Written, 'stopTimeout'> & { readonly stopTimeoutMs: number } {
  return { ...rest, stopTimeoutMs: stopTimeout };
}
