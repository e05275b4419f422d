/**
 * Property tests take their cases from one seed, so that a run tells of what was changed and not of chance. Another one:
 * `BACKSTEP_SEED=7 npm test`; many of the law: `node scripts/laws.ts --seeds 20`, which has each property tell how many
 * cases it tried (`BACKSTEP_TELL_CASES`).
 */
import process from 'node:process';
import * as fc from 'fast-check';

fc.configureGlobal({
  seed: Number(process.env['BACKSTEP_SEED'] ?? 20_261_123),
  // A flaw that is put in on purpose is to be seen, and not to be understood.
  endOnFailure: process.env['BACKSTEP_FLAW'] !== undefined,
});
if (process.env['BACKSTEP_TELL_CASES'] !== undefined) {
  fc.installGlobalPlugin(() => ({
    onAllRunsComplete: ({ numRuns }) => void process.stdout.write(`\ncases: ${numRuns}\n`),
  }));
}

export { fc };
