import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkOnce } from '../../src/asset/sqlite-checked.ts';
import { formatListing, readListing } from '../../src/asset/release-listing.ts';
import { readActors } from '../../src/audit/actors.ts';
import { readHead } from '../../src/audit/head.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { readRun, runNames } from '../../src/cli/past-runs.ts';
import { formatDecisions, parseDecisions } from '../../src/law/reversal/decisions.ts';
import type { Entry } from '../../src/store/entry.ts';
import { lockHolder } from '../../src/store/lock.ts';
import { formatEntry, parseEntry } from '../../src/store/line.ts';
import { layoutOf } from '../../src/store/layout.ts';
import { readManifest } from '../../src/store/manifest.ts';
import { parseSnapshotId } from '../../src/store/snapshot-id.ts';
import { openStatCache } from '../../src/store/stat-cache.ts';
import { readBook, readPair } from '../../src/switch/book.ts';
import type { Ground } from '../../src/switch/ground.ts';
import { downtimeMs, lastResult, readJournal, stateOf } from '../../src/switch/journal.ts';
import { readPlan } from '../../src/switch/plan.ts';
import { readStaged } from '../../src/switch/run.ts';
import { openWorkspace } from '../../src/switch/stage/workspace.ts';
import { addEntry, readEntries } from '../../src/incident/runbook/events.ts';
import { expectedOf, recordExpected } from '../../src/verify/expected.ts';
import { attempt } from './attempt.ts';
import { changed, changes } from './mutation.ts';
import { resealed } from './resealed.ts';
import { groundOf, rolledBack } from './switched-application.ts';

const limits = { timeout: 3_600_000 };

/** A kind of file, which of them is changed, and what reads it. */
interface Target {
  readonly name: string;
  readonly file: string;
  /** Closes the changed text with a seal that fits it, as somebody who alters a file on purpose would. */
  readonly isResealed?: boolean;
  read(): void;
}

test('altered records are read right or refused', limits, async (t) => {
  const app = await rolledBack(t);
  const ground = groundOf(app);
  for (const target of targetsIn(ground)) {
    await t.test(target.name, limits, (part) => {
      const whole = readFileSync(target.file);
      target.read();
      attempt(part, changes, (all) => {
        const bytes = changed(whole, all);
        writeFileSync(target.file, target.isResealed === true ? resealed(bytes) : bytes);
        target.read();
      });
      writeFileSync(target.file, whole);
      target.read();
    });
  }
});

function targetsIn(ground: Ground): readonly Target[] {
  const { host, folders } = ground;
  const run = runNames(ground).find((name) => name.startsWith('rollback-')) ?? '';
  const journal = join(folders.journal, `${run}.jsonl`);
  const inRun = (name: string): string => join(folders.runs, run, name);
  const pair = one(folders.pairs, '');
  const id = pair.slice(folders.pairs.length + 1);
  const readReport = (): void => void readRun(ground, run);
  const decisions = join(pair, 'decisions.json');
  return [
    ...storeTargets(ground),
    {
      name: 'the journal of a run',
      file: journal,
      read: () => {
        const lines = readJournal(host, folders.journal, run);
        stateOf(lines);
        downtimeMs(lines);
        lastResult(host, folders.journal, run);
      },
    },
    {
      name: 'the book',
      file: join(folders.releases, 'book.json'),
      read: () => void readBook(host, folders),
    },
    { name: 'a pair', file: join(pair, 'pair.json'), read: () => void readPair(host, folders, id) },
    { name: 'a plan', file: inRun('plan.json'), read: () => void readPlan(ground, run) },
    {
      name: 'the staged moves',
      file: inRun('staged.json'),
      read: () => void readStaged(ground, openWorkspace(ground, run)),
    },
    { name: 'a report', file: inRun('report.json'), read: readReport },
    {
      name: 'decisions',
      file: decisions,
      read: () => {
        const read = parseDecisions(readFileSync(decisions, 'utf8'), decisions);
        assert.deepEqual(parseDecisions(formatDecisions(read), decisions), read);
      },
    },
    {
      name: 'the lock',
      file: one(folders.lock, ''),
      read: () => void lockHolder(host, folders.lock),
    },
    ...auditTargets(ground),
    ...noteTargets(ground),
  ];
}

/** What is only noted: how a release was when all was well, what a check found, what a team did. */
function noteTargets(ground: Ground): readonly Target[] {
  const { host, manifest } = ground;
  const expected = join(manifest.state, 'expected/1.0.0.json');
  recordExpected(ground, '1.0.0', { memoryBytes: 1000, cpuShare: 0.5 });
  const path = join(manifest.paths['data'] ?? '', 'notes.db');
  const look = (): void =>
    void checkOnce(ground, { name: 'notes', path }, () => [
      { row: 'M7.1', name: 'integrity', status: 'success', measured: 'ok' },
    ]);
  look();
  const runbooks = join(manifest.state, 'runbooks');
  const procedure = { folder: runbooks, id: 'procedure-1' };
  addEntry(host, procedure, {
    by: 'operator',
    happening: { event: 'begun', reason: 'it is slow', release: '1.0.0' },
  });
  addEntry(host, procedure, {
    by: 'operator',
    happening: { event: 'done', item: '5.1.P1-1', how: 'person', evidence: 'seen' },
  });
  return [
    {
      name: 'what is expected of a release',
      file: expected,
      read: () => void expectedOf(ground, '1.0.0'),
    },
    {
      name: 'what a check found',
      file: one(join(manifest.state, 'checked'), '.json'),
      read: look,
    },
    {
      name: 'what a team did',
      file: join(runbooks, 'procedure-1.jsonl'),
      read: () => void readEntries(host, runbooks, 'procedure-1'),
    },
  ];
}

function storeTargets({ host, folders }: Ground): readonly Target[] {
  const layout = layoutOf(folders.store);
  const snapshot = one(layout.snapshots, '.txt');
  const id = parseSnapshotId(snapshot.slice(layout.snapshots.length + 1, -'.txt'.length));
  const readAll = (): readonly Entry[] => readManifest(host.disk, snapshot, id).listing.entries();
  const genuine = readAll();
  const readSealed = (): void => assert.deepEqual(readAll(), genuine);
  const readSnapshot = (): void => {
    for (const entry of readAll()) {
      assert.deepEqual(parseEntry(formatEntry(entry)), entry);
      assert(!`/${entry.path}/`.includes('/../') && !entry.path.startsWith('/'), entry.path);
    }
  };
  const listing = join(folders.releases, '2.0.0/listing.txt');
  const readRelease = (): void => {
    const read = readListing(host.disk, listing);
    if (read !== null) assert.match(formatListing(read), /^release\t/);
    for (const { path, mode } of read?.entries ?? []) {
      assert(Number.isInteger(mode) && !`/${path}/`.includes('/../'), `${path} ${mode}`);
    }
  };
  const added = readListing(host.disk, listing);
  const readWhole = (): void => assert.deepEqual(readListing(host.disk, listing), added);
  const cache = one(layout.cache, '.tsv');
  const [, , bootId = '', root = ''] =
    readFileSync(cache, 'utf8').split('\n')[0]?.split('\t') ?? [];
  return [
    { name: 'a snapshot', file: snapshot, read: readSealed },
    { name: 'a snapshot, sealed anew', file: snapshot, isResealed: true, read: readSnapshot },
    { name: 'the listing of a release', file: listing, read: readWhole },
    { name: 'a listing, sealed anew', file: listing, isResealed: true, read: readRelease },
    {
      name: 'the cache of hashes',
      file: cache,
      read: () => void openStatCache(host, layout, { root, startNs: 0n, bootId }),
    },
  ];
}

function auditTargets({ host, folders }: Ground): readonly Target[] {
  const { disk } = host;
  const folder = folders.audit;
  const verify = (): void => {
    verifyAudit(disk, { folder, publicKey: null, anchors: [] });
    readHead(host, folder);
    readActors(host, folder);
  };
  return [one(folder, '.jsonl'), join(folder, 'head.json'), join(folder, 'actors.json')].map(
    (file) => ({ name: `audit: ${file.slice(folder.length + 1)}`, file, read: verify }),
  );
}

function one(folder: string, end: string): string {
  const found = readdirSync(folder).find((name) => name.endsWith(end) && !name.startsWith('.'));
  assert(found !== undefined, `${folder} is empty`);
  return join(folder, found);
}
