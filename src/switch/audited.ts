import type { AuditEntry } from '../audit/line.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Ground } from './ground.ts';
import type { SwitchPlan } from './plan.ts';
import type { RunReport } from './report.ts';
import type { Run } from './run.ts';

/** Puts into the audit log that a run is about to begin. A run that cannot be accounted for does not begin. */
export async function auditBegun({ audit }: Ground, plan: SwitchPlan): Promise<void> {
  const { run, kind, from, to, reason, policy, only, asOf, undoes } = plan;
  const data = { kind, from, to, reason, policy, only, asOf, undoes };
  await audit.record([{ act: 'run.begun', run, data }]);
}

/** Puts in that an interrupted run is taken up again. */
export async function auditResumed(run: Run): Promise<void> {
  await record(run, [{ act: 'run.resumed', run: run.plan.run, data: {} }], { closes: false });
}

/** Puts in what was decided and how the run ended, and signs it. */
export async function auditEnded(run: Run, report: RunReport): Promise<void> {
  const { result, downtimeMs, undoneBy, fault } = report;
  const data = { result, downtimeMs, undoneBy, code: fault?.code ?? null };
  const end: AuditEntry = { act: 'run.ended', run: report.run, data };
  await record(run, [...decisionsOf(report), end], { closes: true });
}

/** A run that was begun does not fail for the log: it is told, and `doctor` finds the run without an end. */
async function record(
  { ground, plan, tell }: Run,
  entries: readonly AuditEntry[],
  options: { readonly closes: boolean },
): Promise<void> {
  try {
    await ground.audit.record(entries, options);
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
    const message = `not in the audit log: ${entries.map(({ act }) => act).join(', ')}: ${error.message}`;
    tell({ type: 'warning', run: plan.run, message });
  }
}

/** One entry an asset. What the evidence says of values stays in the run's own report. */
function decisionsOf({ run, assets }: RunReport): AuditEntry[] {
  return Object.entries(assets).flatMap(([asset, { decisions }]) => {
    const decided = decisions.map(({ place, choice, by, at }) => ({ place, choice, by, at }));
    return decided.length === 0 ? [] : [{ act: 'run.decided', run, data: { asset, decided } }];
  });
}
