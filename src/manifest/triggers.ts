import { duration, share } from '../form/units.ts';
import { strict, z } from '../form/schema.ts';

/**
 * rollback: at once · validate: after the finding was confirmed a second time · ask: an alert, and a
 * person decides · alert: an alert alone · off: not watched.
 */
const action = z.enum(['rollback', 'validate', 'ask', 'alert', 'off']);
const severity = z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']);

const security = strict({
  severity: severity.default('CRITICAL'),
  action: action.default('rollback'),
  respondWithin: duration.prefault('5m'),
});

const corruption = strict({
  severity: severity.default('CRITICAL'),
  action: action.default('rollback'),
  respondWithin: duration.prefault('5m'),
});

const crashes = strict({
  moreThan: z.int().min(0).default(3),
  window: duration.prefault('10m'),
  severity: severity.default('HIGH'),
  action: action.default('validate'),
  respondWithin: duration.prefault('15m'),
});

const performance = strict({
  degradation: share.prefault('50%'),
  window: duration.prefault('5m'),
  minimumSamples: z.int().min(1).default(30),
  severity: severity.default('HIGH'),
  action: action.default('ask'),
  respondWithin: duration.prefault('30m'),
});

const features = strict({
  failing: share.prefault('25%'),
  window: duration.prefault('5m'),
  minimumSamples: z.int().min(1).default(4),
  severity: severity.default('MEDIUM'),
  action: action.default('ask'),
  respondWithin: duration.prefault('60m'),
});

/** The five automatic triggers with the manual's own figures (3.1); windows and samples are ours. */
export const triggers = strict({
  security: security.prefault({}),
  corruption: corruption.prefault({}),
  crashes: crashes.prefault({}),
  performance: performance.prefault({}),
  features: features.prefault({}),
});
