import { openGround } from '../open.ts';
import { duration, table } from '../output.ts';
import { endingOf, readRun, runNames, type PastRun } from '../past-runs.ts';
import type { CommandDefinition } from './definition.ts';

export const historyCommand: CommandDefinition = {
  example: 'backstep history --json',
  readsOnly: true,
  run: (call) => {
    const ground = openGround(call);
    const runs = runNames(ground).map((name) => readRun(ground, name));
    const rows = runs.map((run) => [
      run.name,
      run.plan?.at ?? run.lines[0]?.ts ?? '–',
      run.plan === null ? '–' : `${run.plan.from} → ${run.plan.to}`,
      endingOf(run),
      run.downtimeMs === null ? '–' : duration(run.downtimeMs),
      run.plan?.reason ?? '',
    ]);
    call.output.result(
      runs.map(documentOf),
      rows.length === 0
        ? ['no run is on record']
        : table([['run', 'begun', 'from → to', 'result', 'downtime', 'why'], ...rows]),
    );
    return Promise.resolve(0);
  },
};

function documentOf(run: PastRun): unknown {
  const { name, plan, lines, state, report } = run;
  return {
    run: name,
    kind: plan?.kind ?? null,
    from: plan?.from ?? null,
    to: plan?.to ?? null,
    reason: plan?.reason ?? null,
    at: plan?.at ?? lines[0]?.ts ?? null,
    endedAt: state?.kind === 'ended' ? (lines.at(-1)?.ts ?? null) : null,
    result: state?.kind === 'ended' ? state.result : null,
    downtimeMs: run.downtimeMs,
    phases: run.phases,
    undoes: plan?.undoes ?? null,
    undoneBy: report?.undoneBy ?? null,
    fault: report?.fault ?? null,
  };
}
