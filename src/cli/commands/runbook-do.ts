import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { rollbackProcedure, type Item } from '../../incident/runbook/procedure.ts';
import { nextItem, progressOf } from '../../incident/runbook/progress.ts';
import type { Ground } from '../../switch/ground.ts';
import type { Call } from '../context.ts';
import { openGround } from '../open.ts';
import { doMachineAct } from '../runbook/machine.ts';
import { itemOf, note, openRunbook, tellRunbook, type OpenRunbook } from '../runbook/runbook.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string().optional()]);
const flags = z.object({ by: z.string().trim().min(1, 'a name').optional() });

export const runbookDoCommand: CommandDefinition = {
  example: `backstep runbook do            everything in order, until a person is needed
  backstep runbook do 5.1.P1-9`,
  takesLock: true,
  arguments: { '[item]': 'one item (default: the next ones, until a person is needed)' },
  options: { '--by <name>': { text: 'who lets the machine do it (default: who leads)' } },
  run: async (call, given) => {
    const [wanted] = parseGiven(named, given.args);
    const { by } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const isFailed =
      wanted === undefined
        ? await doNextOnes(call, ground, by)
        : await doOne(call, ground, { item: itemOf(wanted), by });
    const { id, entries } = openRunbook(ground);
    tellRunbook(call, id, entries);
    return isFailed ? 7 : 0;
  },
};

async function doNextOnes(call: Call, ground: Ground, by: string | undefined): Promise<boolean> {
  for (;;) {
    const item = nextItem(rollbackProcedure, openRunbook(ground).progress);
    if (item === null || item.machine === null || call.signal.aborted) return false;
    if (await doOne(call, ground, { item, by })) return true;
  }
}

/** Does one item and notes what came of it; true where it failed. */
async function doOne(
  call: Call,
  ground: Ground,
  { item, by }: { readonly item: Item; readonly by: string | undefined },
): Promise<boolean> {
  const runbook = openRunbook(ground);
  const { id, progress } = runbook;
  const who = by ?? progress.holder;
  const evidence = await evidenceOf({ call, ground, runbook }, item);
  const happening =
    'seen' in evidence
      ? ({ event: 'done', item: item.id, how: 'machine', evidence: evidence.seen } as const)
      : ({ event: 'failed', item: item.id, evidence: evidence.failed } as const);
  call.output.say([`${item.id} ${item.text}: ${happening.evidence}`]);
  progressOf(await note(call, ground, { id, by: who, happening }));
  return happening.event === 'failed';
}

async function evidenceOf(
  scene: { readonly call: Call; readonly ground: Ground; readonly runbook: OpenRunbook },
  item: Item,
): Promise<{ readonly seen: string } | { readonly failed: string }> {
  if (item.machine === null) {
    throw new BackstepError('usage', {
      message: `${item.id} needs a person: ${item.text}`,
      hint: `do it, then \`backstep runbook tick ${item.id} --by NAME --note WHAT-YOU-SAW\``,
    });
  }
  try {
    return { seen: await doMachineAct(item.machine, scene) };
  } catch (error) {
    if (!(error instanceof BackstepError) || error.code === 'interrupted') throw error;
    return { failed: `${error.message} (${error.hint})` };
  }
}
