import { join } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import { reversalOf, type DecisionsByAsset } from '../decided.ts';
import type { Migrate } from '../../manifest/manifest.ts';
import type { Ground } from '../ground.ts';
import { bookNow, newerRelease } from '../operations.ts';
import { makePlan } from '../plan.ts';
import { requireSoundReversal } from '../stage/sound-reversal.ts';
import { madeOf, migrateCopy } from '../stage/stage-upgrade.ts';
import { questionsOf, surveyAssets, type UpgradeSurvey } from '../survey-upgrade.ts';
import { captureLive, estimateOf, heed, inTrial, type Trial, type TrialOptions } from './trial.ts';

/** What an upgrade would do: `plan --upgrade --json`. */
export interface UpgradeTrial extends UpgradeSurvey {
  readonly migration: Migration;
  /** From upgrades made on this machine; null where there was none. */
  readonly estimate: Trial['estimate'];
}

/** How a copy of the state becomes the new release's; `none`: it stays as it is. */
export interface Migration {
  readonly way: 'command' | 'start' | 'none';
  /** With placeholders, as the manifest says it. */
  readonly argv: readonly string[];
}

export interface UpgradeTrialRequest {
  readonly to: string;
  readonly decisions: DecisionsByAsset;
  readonly ignoresHold: boolean;
}

/**
 * Migrates a copy of the state, captured while the application runs, and surveys it. Nothing is recorded, and the
 * copy is thrown away. Throws what the upgrade itself would be refused with.
 */
export async function tryUpgrade(
  ground: Ground,
  request: UpgradeTrialRequest,
  options: TrialOptions,
): Promise<UpgradeTrial> {
  const { to } = request;
  const from = newerRelease(bookNow(ground), request);
  requireWhole(ground, to);
  const plan = makePlan(ground, { kind: 'upgrade', from, to, reason: 'plan', starts: false });
  return inTrial(ground, plan, async ({ workspace, states }) => {
    const { onProgress, signal, warn } = options;
    const before = states(await captureLive(ground, plan, options));
    heed(signal);
    const pause = async (): Promise<void> => heed(signal);
    const work = { before, to, isQuiet: false, onProgress, pause, warn };
    const copy = migrateCopy(ground, workspace, work);
    const { assets } = await copy.finally(() => heed(signal));
    const reversal = reversalOf(ground, { from, to, maps: {} });
    await requireSoundReversal(ground, {
      pair: { from, to, maps: {}, decided: null },
      before,
      after: madeOf(assets),
      folder: join(workspace.work, 'reversal'),
    });
    const surveys = await surveyAssets(ground, workspace, { before, assets, reversal, onProgress });
    heed(signal);
    const questions = questionsOf(surveys, { said: request.decisions, reversal });
    const migration = migrationOf(ground.manifest.migrate);
    return { from, to, migration, surveys, questions, estimate: estimateOf(ground, plan) };
  });
}

function migrationOf(migrate: Migrate | null): Migration {
  if (migrate === null) return { way: 'none', argv: [] };
  return 'start' in migrate
    ? { way: 'start', argv: migrate.start.argv }
    : { way: 'command', argv: migrate.run.argv };
}

function requireWhole(ground: Ground, version: string): void {
  const differences = ground.releases.differences(version);
  if (differences.length === 0) return;
  throw new BackstepError('switch/no-release', {
    message: `release ${version} is not whole: ${differences.slice(0, 3).join('; ')}`,
    hint: `add it again from a good copy: backstep release add ${version} FOLDER`,
  });
}
