/**
 * Property tests take their cases from one seed, so that a run tells of what was changed and not of chance. Another one:
 * `BACKSTEP_SEED=7 npm test`.
 */
import process from 'node:process';
import * as fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['BACKSTEP_SEED'] ?? 20_261_123) });

export { fc };
