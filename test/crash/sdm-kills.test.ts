import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { killBefore, nameOf } from './kill-points.ts';
import { SdmStages } from './sdm-stages.ts';
import type { TracedAct } from './strike.ts';

const limits = { timeout: 900_000 };

/** Each command is killed in the middle of these phases; `2.` is the switch that takes the first one back. */
const struckPhases: Readonly<Record<string, readonly string[]>> = {
  restore: ['stage', 'place'],
  'undone upgrade': ['2.stage', '2.place'],
  upgrade: ['stage', 'place'],
  rollback: ['displace', 'settle'],
  return: ['capture', 'verify'],
};

/** After the commit record it goes forward, which is where the next command begins. An undo has only one end. */
const forwardPhases = ['place', 'verify', 'settle'];

test(
  'Social Download Manager: killed, resumed, started and asked, it shows its whole history',
  limits,
  async (t) => {
    const stages = await SdmStages.open({ after: (clean) => after(clean) });
    let tried = 0;
    for await (const stage of stages.each()) {
      t.after(() => stages.discard(stage));
      for (const phase of struckPhases[stage.name] ?? []) {
        const strike = killBefore(middleOf(phase, stage.acts));
        const point = `${stage.name} ${nameOf(strike)}`;
        const { wasKilled, exitCode, shown } = await stages.kill(stage, strike);
        const isForward = forwardPhases.includes(phase);
        assert.ok(wasKilled, point);
        assert.deepEqual(shown, isForward ? stage.after : stage.before, point);
        assert.equal(exitCode, isForward ? 0 : 4, point);
        tried += 1;
      }
    }
    assert.equal(tried, 10);
    t.diagnostic(`tried: ${tried} kill points`);
  },
);

function middleOf(phase: string, acts: readonly TracedAct[]): TracedAct {
  const within = acts.filter((act) => act.phase === phase);
  const act = within[Math.floor(within.length / 2)];
  assert.ok(act !== undefined, phase);
  return act;
}
