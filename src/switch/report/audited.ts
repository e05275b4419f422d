import { createHash } from 'node:crypto';
import type { AuditEntry } from '../../audit/line.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Choice } from '../../law/place.ts';
import { readBook, readPair } from '../book.ts';
import { decisionsOf as decisionsOfPair, reversalOf } from '../decided.ts';
import type { Ground } from '../ground.ts';
import type { SwitchPlan } from '../plan.ts';
import type { ReceiptStep } from './receipt.ts';
import type { RunReport } from './report.ts';
import type { Run } from '../run.ts';

/** Puts into the audit log that a run is about to begin. A run that cannot be accounted for does not begin. */
export async function auditBegun({ audit }: Ground, plan: SwitchPlan): Promise<void> {
  const { run, kind, from, to, reason, policy, only, asOf, undoes } = plan;
  const data = { kind, from, to, reason, policy, only, asOf, undoes };
  await audit.record([{ act: 'run.begun', run, data }]);
}

/** Puts in that an interrupted run is taken up again. */
export async function auditResumed(run: Run): Promise<void> {
  const entry: AuditEntry = { act: 'run.resumed', run: run.plan.run, data: {} };
  await record(run, () => [entry], { closes: false });
}

/** Puts in what was decided and how the run ended, and signs it. */
export async function auditEnded(run: Run, report: RunReport): Promise<void> {
  const { result, downtimeMs, undoneBy, fault } = report;
  const data = { result, downtimeMs, undoneBy, code: fault?.code ?? null };
  const end: AuditEntry = { act: 'run.ended', run: report.run, data };
  await record(run, () => [...decisionsOf(run, report), ...receiptsIn(report), end], {
    closes: true,
  });
}

/** A run that was begun does not fail for the log: it is told, and `doctor` finds the run without an end. */
async function record(
  { ground, plan, tell }: Run,
  entries: () => readonly AuditEntry[],
  options: { readonly closes: boolean },
): Promise<void> {
  try {
    await ground.audit.record(entries(), options);
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
    const message = `what became of ${plan.run} is not in the audit log: ${error.message}`;
    tell({ type: 'warning', run: plan.run, message });
  }
}

/** One entry a database and step: the totals, and the hash by which the receipt in the run's report is known again. */
function receiptsIn({ run, assets }: RunReport): AuditEntry[] {
  return Object.entries(assets).flatMap(([asset, { receipt }]) =>
    (receipt ?? []).map((step) => ({
      act: 'run.receipt',
      run,
      data: { asset, pair: step.pair, sha256: receiptHash(step), ...totalsOf(step) },
    })),
  );
}

/** SHA-256 of the step as it stands in `report.json`, written without blanks. */
export function receiptHash(step: ReceiptStep): string {
  return createHash('sha256').update(JSON.stringify(step)).digest('hex');
}

function totalsOf({ tables }: ReceiptStep): Record<string, unknown> {
  const lines = Object.values(tables);
  const rowsIn = (state: 'before' | 'after' | 'now' | 'result'): number =>
    lines.reduce((sum, line) => sum + (line[state]?.rows ?? 0), 0);
  const carriedAs = (what: 'inserted' | 'updated' | 'deleted'): number =>
    lines.reduce((sum, { carried }) => sum + (carried?.[what] ?? 0), 0);
  return {
    tables: lines.length,
    rows: {
      before: rowsIn('before'),
      after: rowsIn('after'),
      now: rowsIn('now'),
      result: rowsIn('result'),
    },
    carried: {
      inserted: carriedAs('inserted'),
      updated: carriedAs('updated'),
      deleted: carriedAs('deleted'),
    },
    parked: lines.reduce((sum, { parked }) => sum + parked, 0),
  };
}

interface Decided {
  readonly place: string;
  readonly choice: Choice | 'map';
  readonly by: string;
  readonly at: string;
}

/** One entry an asset. What the evidence says of values stays in the run's own report. */
function decisionsOf({ ground }: Run, { run, assets }: RunReport): AuditEntry[] {
  const made = Object.entries(assets).map(([asset, { decisions }]) => [asset, decisions] as const);
  return [...made, ...decidedByUpgrade(ground, run)].flatMap(([asset, all]) => {
    const decided = all.map(({ place, choice, by, at }) => ({ place, choice, by, at }));
    return decided.length === 0 ? [] : [{ act: 'run.decided', run, data: { asset, decided } }];
  });
}

/** An upgrade keeps with its pair what was decided about the places that it rewrote, and which maps it took. */
function decidedByUpgrade(
  ground: Ground,
  run: string,
): readonly (readonly [string, readonly Decided[]])[] {
  const { host, folders } = ground;
  const pairs = readBook(host, folders).lineage.map((id) => readPair(host, folders, id));
  const pair = pairs.find((each) => each.run === run);
  if (pair === undefined) return [];
  const reversal = reversalOf(ground, pair);
  const byDocument = Object.entries(pair.documents ?? {}).map(([document, entries]) => {
    const taken = { choice: 'map', by: 'data', at: pair.at } as const;
    const places = Object.keys(entries).map((old) => ({ place: `${document}#${old}`, ...taken }));
    return [document.slice(0, document.indexOf('/')), places] as const;
  });
  const maps = Object.entries(pair.maps).map(([asset, tables]) => {
    const places = Object.entries(tables).flatMap(([table, columns]) =>
      Object.keys(columns).map((column) => `${table}.${column}`),
    );
    const taken = { choice: 'map', by: 'data', at: pair.at } as const;
    return [asset, places.map((place) => ({ place, ...taken }))] as const;
  });
  return [
    ...maps,
    ...byDocument,
    ...Object.entries(decisionsOfPair(ground, pair, { reversal, now: {} })),
  ];
}
