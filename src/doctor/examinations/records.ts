import { exportedLines } from '../../audit/export.ts';
import { readHead } from '../../audit/head.ts';
import { verifyAudit } from '../../audit/verify.ts';
import { staleness } from '../../kit/kit.ts';
import { lockHolder } from '../../store/lock.ts';
import { lastResult } from '../../switch/journal.ts';
import { pendingEmergencies } from '../../switch/emergency/emergency.ts';
import { uncarried } from '../../switch/emergency/uncarried.ts';
import { openRuns } from '../../switch/recover/open-runs.ts';
import { readBook, readPair } from '../../switch/book.ts';
import { exists } from '../../switch/moves.ts';
import type { Ground } from '../../switch/ground.ts';
import type { DoctorFinding, Examination } from '../doctor.ts';

export const records: readonly Examination[] = [
  { about: 'interrupted runs', look: ({ ground }) => interrupted(ground) },
  { about: 'lock', look: ({ ground }) => lock(ground) },
  { about: 'audit log', look: ({ ground }) => audit(ground) },
  { about: 'emergency rollback', look: ({ ground }) => byScripts(ground) },
  { about: 'emergency kit', look: ({ ground }) => kit(ground) },
  { about: 'clock', look: ({ ground }) => clock(ground) },
  { about: 'last verification', look: ({ ground }) => staleVerification(ground) },
];

function interrupted(ground: Ground): DoctorFinding[] {
  return openRuns(ground).map(({ run, stand }) => ({
    severity: 'error',
    about: 'interrupted runs',
    found: `${run} has not come to its end (${stand})`,
    remedy:
      stand === 'interrupted'
        ? 'run `backstep resume`'
        : 'see `backstep inspect` and docs/operating/inconsistent.md',
  }));
}

/** A run that has gone on for so long is more likely stuck than busy. */
const longRunMs = 6 * 3_600_000;

function lock({ host, folders }: Ground): DoctorFinding[] {
  if (!exists(host.disk, folders.lock)) return [];
  const holder = lockHolder(host, folders.lock);
  const ageMs = holder === null ? 0 : host.clock.now() - Date.parse(holder.since);
  if (holder === null || ageMs < longRunMs) return [];
  const found = `process ${holder.identity.pid} has held the lock since ${holder.since} for: ${holder.purpose}`;
  const remedy = 'look at that process; `backstep abort` has a run go back';
  return [{ severity: 'error', about: 'lock', found, remedy }];
}

function byScripts(ground: Ground): DoctorFinding[] {
  const left = uncarried(ground);
  const about = 'emergency rollback';
  if (left !== null) {
    const found = `scripts of the kit put ${left.assets.join(', ')} back as before the upgrade; what was changed there after it waits`;
    const remedy = 'run `backstep resume --yes`, which carries it';
    return [{ severity: 'warning', about, found, remedy }];
  }
  return pendingEmergencies(ground).map(({ pair }) => ({
    severity: 'error',
    about,
    found: `scripts of the kit went back over ${pair}, and the records do not know it yet`,
    remedy: 'run `backstep resume`',
  }));
}

function kit(ground: Ground): DoctorFinding[] {
  const found = staleness(ground);
  if (found === null) return [];
  return [{ severity: 'warning', about: 'emergency kit', found, remedy: 'run `backstep kit`' }];
}

function audit(ground: Ground): DoctorFinding[] {
  const { host, folders } = ground;
  const head = readHead(host, folders.audit);
  const anchors = head === null ? [] : [{ size: head.seq, hash: head.hash }];
  const { finding } = verifyAudit(host.disk, { folder: folders.audit, publicKey: null, anchors });
  const about = 'audit log';
  if (finding !== null) {
    const found = `${finding.finding}: ${finding.file}:${finding.line}: ${finding.text}`;
    const remedy =
      finding.finding === 'unsigned'
        ? 'the next command that changes state signs it; if no run was killed, find out who wrote there'
        : 'keep a copy, find out who had access, and compare with a key and an anchor kept elsewhere';
    const severity = finding.finding === 'unsigned' ? 'warning' : 'error';
    return [{ severity, about, found, remedy }];
  }
  const unended = runsWithoutEnd(ground);
  if (unended.length === 0) return [];
  const found = `has no end of ${unended.join(', ')}, whose journal has`;
  const remedy = 'the disk was full, say; note it down by hand, from `backstep history`';
  return [{ severity: 'warning', about, found, remedy }];
}

/** Begun in the log, ended by the journal, and not ended in the log. */
function runsWithoutEnd({ host, folders }: Ground): string[] {
  const open = new Set<string>();
  const whole = { folder: folders.audit, since: null, until: null };
  for (const { act, run } of exportedLines(host.disk, whole)) {
    if (run !== null && (act === 'run.begun' || act === 'run.resumed')) open.add(run);
    if (run !== null && act === 'run.ended') open.delete(run);
  }
  return [...open].filter(
    (run) =>
      exists(host.disk, `${folders.journal}/${run}.jsonl`) &&
      lastResult(host, folders.journal, run) !== null,
  );
}

/** Names of runs and the order of events come from the clock. */
const toleranceMs = 60_000;

function clock({ host, folders }: Ground): DoctorFinding[] {
  const pairs = readBook(host, folders).lineage.map((id) => readPair(host, folders, id));
  const known = [...pairs.map(({ at }) => at), readHead(host, folders.audit)?.ts ?? ''];
  const newest = known.toSorted().at(-1) ?? '';
  const now = host.clock.now();
  if (newest === '' || Date.parse(newest) <= now + toleranceMs) return [];
  const found = `it is ${new Date(now).toISOString()} here, and there is a record of ${newest}`;
  const remedy = 'set the clock; a state is chosen by its time (`--as-of`)';
  return [{ severity: 'error', about: 'clock', found, remedy }];
}

const staleMs = 30 * 86_400_000;

/** Only where there is something to go back to, and it has been so for long. */
function staleVerification({ host, folders }: Ground): DoctorFinding[] {
  const { lineage } = readBook(host, folders);
  const newestPair = lineage
    .map((id) => readPair(host, folders, id).at)
    .toSorted()
    .at(-1);
  if (newestPair === undefined) return [];
  const folder = `${folders.root}/verifications`;
  const times = exists(host.disk, folder) ? host.disk.list(folder) : [];
  const last = times.map(timeOf).toSorted().at(-1);
  const sinceMs = host.clock.now() - Date.parse(last ?? newestPair);
  if (sinceMs < staleMs) return [];
  const days = Math.floor(sinceMs / 86_400_000);
  const found = last === undefined ? `none in ${days} days` : `the last was ${days} days ago`;
  const remedy = 'run `backstep verify`';
  return [{ severity: 'warning', about: 'last verification', found, remedy }];
}

/** `20260131T043000000Z` → ISO 8601. */
function timeOf(name: string): string {
  const [, day = '', clockTime = ''] = /^(\d{8})T(\d{6})/.exec(name) ?? [];
  const date = day.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
  return `${date}T${clockTime.replace(/^(\d\d)(\d\d)(\d\d)$/, '$1:$2:$3')}Z`;
}
