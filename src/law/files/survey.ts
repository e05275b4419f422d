import type { Finding } from '../place.ts';
import { folderMoves, movesBetween, type FolderMove, type Moves } from './moves.ts';
import { hasSameContent, treeOf, type TreeEntry } from './tree.ts';

export interface TreeSurvey {
  /** One for all faithful files under `.`, then one for each other name. */
  readonly findings: readonly Finding[];
  readonly upgradeMoves: Moves;
  readonly renamedFolders: readonly FolderMove[];
}

/** Judges every name of a tree by the pair alone. Throws BackstepError `tree/entry`. */
export function surveyTree<E extends TreeEntry>(states: {
  readonly before: readonly E[];
  readonly after: readonly E[];
}): TreeSurvey {
  const before = treeOf(states.before, 'before');
  const after = treeOf(states.after, 'after');
  const upgradeMoves = movesBetween(before, after);
  const renamed = new Set(upgradeMoves.values());
  const findings: Finding[] = [];
  let sameCount = 0;
  for (const [path, old] of before) {
    const upgraded = after.get(upgradeMoves.get(path) ?? path);
    const isSame =
      upgraded !== undefined && hasSameContent(old, upgraded) && old.mode === upgraded.mode;
    if (isSame) sameCount += 1;
    else if (upgraded === undefined) findings.push({ ...different(path, 'blind'), side: 'old' });
    else findings.push(different(path, 'rewritten'));
  }
  for (const path of after.keys()) {
    if (!before.has(path) && !renamed.has(path)) findings.push(different(path, 'blind'));
  }
  const faith = sameCount === 0 ? 'unproven' : 'faithful';
  const whole: Finding = { place: '.', faith, sameCount, differentCount: 0, provenMap: null };
  return {
    findings: [whole, ...findings],
    upgradeMoves,
    renamedFolders: folderMoves(upgradeMoves, before, after),
  };
}

function different(place: string, faith: Finding['faith']): Finding {
  return { place, faith, sameCount: 0, differentCount: 1, provenMap: null };
}
