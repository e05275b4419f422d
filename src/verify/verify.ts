import type { Check } from '../asset/asset.ts';
import { stateAssets } from '../switch/ground.ts';
import { application } from './checks/application.ts';
import { fileSystem } from './checks/file-system.ts';
import { pages } from './checks/pages.ts';
import { processes } from './checks/processes.ts';
import { agreement, soundness } from './checks/state.ts';
import { runChecks, type CheckGroup, type Verification } from './verification.ts';

/**
 * Makes every check of the state, the files and the running application, one after the other; none is left out because
 * another failed. Changes nothing. Throws only where the signal was aborted.
 */
export function verifyApplication(verification: Verification): Promise<readonly Check[]> {
  return runChecks(groupsOf(verification), verification);
}

function groupsOf({ ground }: Verification): readonly CheckGroup[] {
  const names = stateAssets(ground).map(({ name }) => name);
  return [
    ...soundness(names),
    ...agreement(names),
    ...fileSystem,
    ...application,
    ...pages,
    ...processes,
  ];
}
