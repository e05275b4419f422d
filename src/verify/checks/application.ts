import type { Check } from '../../asset/asset.ts';
import { jsonOrNull } from '../../form/json-text.ts';
import { phaseTimes, readJournal } from '../../switch/journal.ts';
import { readPlan } from '../../switch/plan.ts';
import {
  listed,
  notMeasured,
  verdict,
  type CheckGroup,
  type Verification,
} from '../verification.ts';
import { addressOf } from '../address.ts';

const row = 'M5.2';

export const application: readonly CheckGroup[] = [
  { row, name: 'service', run: service },
  { row, name: 'ready', run: ready },
  { row, name: 'start', run: (verification) => [start(verification)] },
  { row, name: 'error lines', run: errorLines },
];

async function service({ ground }: Verification): Promise<Check[]> {
  const { state, restartCount, detail } = await ground.service.status();
  const crashes = restartCount === 0 ? '' : `, started again ${restartCount} times after crashes`;
  const status = state === 'running' && restartCount === 0 ? 'success' : 'warning';
  const measured = `${state}${crashes}${detail === '' ? '' : ` (${detail})`}`;
  return [{ row, name: 'service', status: state === 'down' ? 'error' : status, measured }];
}

/** The application's own word, and what it says of its parts where it says it as JSON. */
async function ready({ ground, release, signal }: Verification): Promise<Check[]> {
  const { ready: asked } = ground.manifest.health;
  const url = asked?.http === undefined ? null : addressOf(ground, asked.http);
  if (url === null) return [notMeasured(row, 'ready', 'the manifest has no `health.ready.http`')];
  const { clock, network } = ground.host;
  const startedMs = clock.monotonicMs();
  const answer = await network.get(url, { limitMs: 10_000, bodyBytes: 1 << 20, signal });
  const ms = Math.round(clock.monotonicMs() - startedMs);
  if (answer.kind !== 'answered') {
    return [{ row, name: 'ready', status: 'error', measured: `${url.pathname}: ${answer.why}` }];
  }
  const isGood = answer.status >= 200 && answer.status < 300;
  const measured = `${url.pathname}: ${answer.status} after ${ms} ms`;
  return [
    { row, name: 'ready', status: verdict(isGood), measured },
    ...partsOf(jsonOrNull(answer.body), release),
  ];
}

/** `{ version, checks: { database: { status } } }`, at any depth of `checks`. */
function partsOf(document: unknown, release: string | null): Check[] {
  if (!isRecord(document)) return [];
  const { version, checks } = document;
  const parts = isRecord(checks) ? statusesIn(checks, '') : [];
  const bad = parts.filter(
    ({ status }) => !/^(ok|healthy|pass|up|disabled|success)$/i.test(status),
  );
  const told = bad.map(({ name, status }) => `${name}: ${status}`);
  return [
    ...(typeof version === 'string' && release !== null
      ? [{ row, name: 'version', status: verdict(version === release), measured: version }]
      : []),
    ...(parts.length === 0
      ? []
      : [
          {
            row,
            name: 'parts and integrations',
            status: bad.length === 0 ? ('success' as const) : ('warning' as const),
            measured: bad.length === 0 ? `${parts.length} say that they are well` : listed(told),
          },
        ]),
  ];
}

function statusesIn(
  parts: Readonly<Record<string, unknown>>,
  above: string,
): { readonly name: string; readonly status: string }[] {
  return Object.entries(parts).flatMap(([key, part]) => {
    const name = above === '' ? key : `${above}.${key}`;
    if (!isRecord(part)) return [];
    const { status } = part;
    return typeof status === 'string' ? [{ name, status }] : statusesIn(part, name);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The last switch to this release measured it: from starting to being ready. */
function start({ ground, release }: Verification): Check {
  const { disk } = ground.host;
  const { startWithin } = ground.manifest.health.checks;
  const runs = disk.lstat(ground.folders.journal) === null ? [] : disk.list(ground.folders.journal);
  const newestFirst = runs
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)));
  for (const run of newestFirst) {
    if (readPlan(ground, run)?.to !== release) continue;
    const lines = readJournal(ground.host, ground.folders.journal, run);
    const took = phaseTimes(lines).findLast(({ name }) => name === 'start');
    if (took === undefined) continue;
    const measured = `ready after ${took.ms} ms (limit ${startWithin} ms; measured by ${run})`;
    return { row, name: 'start', status: verdict(took.ms < startWithin), measured };
  }
  return notMeasured(row, 'start', 'no switch has started this release');
}

function timeOf(run: string): string {
  return run.split('-')[1] ?? '';
}

const lineCount = 2_000;
const severe =
  /"level":\s*"(?:fatal|critical)"|\b(?:FATAL|CRITICAL|PANIC)\b|Unhandled|Segmentation fault/i;
const faulty = /"level":\s*"error"|\bERROR\b|\bException\b|^Traceback /;

async function errorLines({ ground }: Verification): Promise<Check[]> {
  const said = await ground.service.lastLines(lineCount);
  const name = 'error lines since the start';
  if (said.length === 0)
    return [notMeasured(row, name, 'the service has written nothing that can be read')];
  const worst = said.filter((line) => severe.test(line));
  const bad = said.filter((line) => faulty.test(line) || severe.test(line));
  const status = worst.length > 0 ? 'error' : bad.length > 0 ? 'warning' : 'success';
  const last = bad.at(-1)?.slice(0, 200);
  const measured = `${bad.length} of ${said.length} lines${last === undefined ? '' : `; the last: ${last}`}`;
  return [{ row, name, status, measured }];
}
