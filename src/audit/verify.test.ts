import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { nodeHost } from '../host/node.ts';
import { openAudit, type Audit } from './audit.ts';
import type { Anchor, Verdict } from './finding.ts';
import { currentSigner } from './keys.ts';
import { formatLine, parseLine, type AuditLine } from './line.ts';
import { verifyAudit } from './verify.ts';

/** A log in a temporary folder, with a clock that is set by hand. */
class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'audit-'));
  nowMs = Date.parse('2026-01-31T12:00:00Z');
  readonly audit: Audit;
  readonly host = nodeHost();

  constructor(t: TestContext) {
    t.after(() => rmSync(this.folder, { recursive: true, force: true }));
    const host = { ...this.host, clock: { ...this.host.clock, now: () => this.nowMs } };
    const exclusively = async <T>(work: () => T): Promise<T> => work();
    this.audit = openAudit({ host, folder: this.folder, account: 'operator', exclusively });
  }

  /** So many entries, one a call, without a checkpoint of their own. */
  async record(count: number, options = { closes: false }): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      await this.audit.record([{ act: 'command.done', run: null, data: { n } }], options);
    }
  }

  verify(given: { publicKey?: string; anchors?: readonly Anchor[] } = {}): Verdict {
    const { publicKey = null, anchors = [] } = given;
    return verifyAudit(this.host.disk, { folder: this.folder, publicKey, anchors });
  }

  get publicKey(): string {
    return currentSigner(this.host.disk, this.folder)?.publicKey ?? '';
  }

  path(month = '2026-01'): string {
    return join(this.folder, `${month}.jsonl`);
  }

  lines(month?: string): string[] {
    return readFileSync(this.path(month), 'utf8').split('\n').slice(0, -1);
  }

  write(lines: readonly string[], month?: string): void {
    writeFileSync(this.path(month), lines.map((line) => `${line}\n`).join(''));
  }
}

function parsed(text: string): AuditLine {
  const line = parseLine(Buffer.from(text));
  assert(line !== null);
  return line;
}

/** The same line with other data, and all after it, each with a hash of its own, as somebody without the key could. */
function rehashed(lines: readonly string[], from: number): string[] {
  const result = lines.slice(0, from);
  let prev = from === 0 ? parsed(lines[0] ?? '').prev : parsed(lines[from - 1] ?? '').hash;
  for (const [n, text] of lines.slice(from).entries()) {
    const { hash: _, ...fields } = parsed(text);
    const made = formatLine({ ...fields, ...(n === 0 ? { data: { n: 999 } } : {}), prev });
    result.push(made.bytes.toString('utf8').trimEnd());
    prev = made.hash;
  }
  return result;
}

test('what is recorded verifies, and its anchor holds when it has grown', async (t) => {
  const scene = new Scene(t);
  await scene.record(3, { closes: true });
  const first = scene.verify({ publicKey: scene.publicKey });
  // The key, then three entries with a checkpoint each.
  assert.deepEqual([first.finding, first.lineCount, first.signedTo], [null, 7, 6]);
  assert(first.anchor !== null);
  await scene.record(2, { closes: true });
  const later = scene.verify({ publicKey: scene.publicKey, anchors: [first.anchor] });
  assert.deepEqual([later.finding, later.lineCount, later.trust], [null, 11, 'given']);
  assert.equal(statSync(scene.path()).mode & 0o777, 0o600);
  assert.equal(statSync(join(scene.folder, 'key.pem')).mode & 0o777, 0o600);
});

test('an edited line is found where it is', async (t) => {
  const scene = new Scene(t);
  await scene.record(6, { closes: true });
  const lines = scene.lines();
  lines[3] = (lines[3] ?? '').replace('"n":1', '"n":7');
  assert.match(lines[3] ?? '', /"n":7/);
  scene.write(lines);
  const { finding } = scene.verify();
  assert.deepEqual(
    [finding?.finding, finding?.file, finding?.line],
    ['altered', '2026-01.jsonl', 4],
  );
});

test('one line with a hash of its own is told from an edited one', async (t) => {
  const scene = new Scene(t);
  await scene.record(6, { closes: true });
  const lines = scene.lines();
  lines[3] = rehashed(lines, 3)[3] ?? '';
  scene.write(lines);
  const { finding } = scene.verify();
  assert.deepEqual([finding?.finding, finding?.line], ['replaced', 4]);
});

test('a whole rest with hashes of its own fails at the first signature after it', async (t) => {
  const scene = new Scene(t);
  await scene.record(4);
  await scene.record(1, { closes: true });
  const lines = scene.lines();
  // The key, an entry and the first checkpoint; then four entries and a checkpoint.
  scene.write(rehashed(lines, 4));
  const { finding, signedTo } = scene.verify();
  assert.deepEqual([finding?.finding, finding?.line, signedTo], ['replaced', 4, 2]);
  assert.match(finding?.text ?? '', /signs other lines/);
});

test('a rest that was written anew without signatures is unsigned, and an anchor tells that it was another', async (t) => {
  const scene = new Scene(t);
  await scene.record(4);
  await scene.record(1, { closes: true });
  const { anchor } = scene.verify();
  assert(anchor !== null);
  scene.write(rehashed(scene.lines(), 4).slice(0, -1));
  assert.equal(scene.verify().finding?.finding, 'unsigned');
  assert.equal(scene.verify({ anchors: [anchor] }).finding?.finding, 'cut');
  const whole = rehashed(scene.lines(), 4);
  scene.write(whole);
  const size = parsed(whole.at(-1) ?? '').seq;
  const known = { size, hash: 'a'.repeat(64) };
  assert.equal(scene.verify({ anchors: [known] }).finding?.finding, 'replaced');
});

test('a log that was written anew with another key is forged to whoever knows the key', async (t) => {
  const scene = new Scene(t);
  await scene.record(3, { closes: true });
  const { publicKey } = scene;
  for (const name of readdirSync(scene.folder)) rmSync(join(scene.folder, name));
  await scene.record(3, { closes: true });
  assert.equal(scene.verify().finding, null);
  assert.equal(scene.verify({ publicKey }).finding?.finding, 'forged');
  // Naming the known key in front does not help without its private part.
  const lines = scene.lines();
  const { hash: _, ...first } = parsed(lines[0] ?? '');
  scene.write([
    formatLine({ ...first, data: { ...first.data, key: publicKey } })
      .bytes.toString('utf8')
      .trimEnd(),
    ...lines.slice(1),
  ]);
  assert.notEqual(scene.verify({ publicKey }).finding, null);
});

test('cut at the end, in the middle and at the beginning, and reordered', async (t) => {
  const scene = new Scene(t);
  await scene.record(6, { closes: true });
  const lines = scene.lines();
  const { anchor } = scene.verify();
  assert(anchor !== null);
  const found = (kept: readonly string[], anchors: readonly Anchor[] = []) => {
    scene.write(kept);
    const { finding } = scene.verify({ anchors });
    return [finding?.finding, finding?.line];
  };
  assert.deepEqual(found(lines.slice(0, 7), [anchor]), ['cut', 7]);
  assert.deepEqual(found(lines.toSpliced(5, 2)), ['cut', 6]);
  assert.deepEqual(found(lines.slice(4)), ['cut', 1]);
  const [a = '', b = ''] = lines.slice(6, 8);
  assert.deepEqual(found(lines.toSpliced(6, 2, b, a)), ['reordered', 7]);
  assert.deepEqual(found(lines.toSpliced(6, 0, lines[2] ?? '')), ['reordered', 7]);
  assert.deepEqual(found(lines, [anchor]), [undefined, undefined]);
});

test('a torn last line is left out, cut off by the next entry, and told', async (t) => {
  const scene = new Scene(t);
  await scene.record(2, { closes: true });
  appendFileSync(scene.path(), '{"v":1,"seq":6,"ts":"2026-');
  assert.equal(scene.verify().finding?.finding, 'unsigned');
  await scene.record(1, { closes: true });
  const verdict = scene.verify();
  assert.deepEqual([verdict.finding, verdict.lineCount], [null, 8]);
  const torn = parsed(scene.lines()[5] ?? '');
  assert.deepEqual([torn.act, torn.data['sizeBytes']], ['audit.torn', 26]);
});

test('a last line of which a block never came to the disk counts as torn, one further up as altered', async (t) => {
  const scene = new Scene(t);
  await scene.record(2, { closes: true });
  const lost = `${'\0'.repeat(20)}rest of a line"}\n`;
  appendFileSync(scene.path(), lost);
  assert.equal(scene.verify().finding?.finding, 'unsigned');
  await scene.record(1, { closes: true });
  assert.equal(scene.verify().finding, null);
  const torn = parsed(scene.lines()[5] ?? '');
  assert.deepEqual([torn.act, torn.data['sizeBytes']], ['audit.torn', lost.length]);
  const lines = scene.lines();
  writeFileSync(scene.path(), `${lines.toSpliced(3, 0, lost.trimEnd()).join('\n')}\n`);
  assert.equal(scene.verify().finding?.finding, 'altered');
});

test('what a crash cut short is taken away before another month begins', async (t) => {
  const scene = new Scene(t);
  await scene.record(1, { closes: true });
  appendFileSync(scene.path(), '{"v":1,"seq":4,');
  scene.nowMs = Date.parse('2026-02-01T00:00:00Z');
  await scene.record(1, { closes: true });
  assert.match(readFileSync(scene.path(), 'utf8'), /\}\n$/);
  assert.equal(scene.verify().finding, null);
  appendFileSync(scene.path(), '{"v":1,');
  assert.equal(scene.verify().finding?.finding, 'altered');
});

test('a damaged last line does not keep the log from going on, and stays found', async (t) => {
  const scene = new Scene(t);
  await scene.record(2, { closes: true });
  const lines = scene.lines();
  scene.write([...lines.slice(0, -1), 'nothing that is a line']);
  await scene.record(1, { closes: true });
  assert.equal(scene.lines().filter((line) => line.includes('audit.broken')).length, 1);
  assert.deepEqual([scene.verify().finding?.finding, scene.verify().finding?.line], ['altered', 5]);
});

test('each month has a key of its own, for which the one before vouches', async (t) => {
  const scene = new Scene(t);
  await scene.record(2, { closes: true });
  const { publicKey } = scene;
  scene.nowMs = Date.parse('2026-02-01T00:00:00Z');
  await scene.record(2, { closes: true });
  assert.notEqual(scene.publicKey, publicKey);
  const verdict = scene.verify({ publicKey });
  assert.deepEqual([verdict.finding, verdict.months], [null, ['2026-01', '2026-02']]);
  assert.deepEqual(verdict.keys, [publicKey, scene.publicKey]);
  // A clock that goes back writes where it was.
  scene.nowMs = Date.parse('2026-01-15T00:00:00Z');
  await scene.record(1, { closes: true });
  assert.equal(scene.verify({ publicKey }).finding, null);
  assert.deepEqual(scene.verify().months, ['2026-01', '2026-02']);
  const february = scene.lines('2026-02');
  rmSync(scene.path('2026-01'));
  assert.equal(scene.verify().finding?.finding, 'cut');
  assert.equal(february.length, scene.lines('2026-02').length);
});

test('a key that is lost is told, since nobody vouches for the next one', async (t) => {
  const scene = new Scene(t);
  await scene.record(2, { closes: true });
  rmSync(join(scene.folder, 'key.pem'));
  await scene.record(1, { closes: true });
  assert.equal(scene.verify().finding?.finding, 'forged');
});

test('a key that was named and not yet put to use is found again', async (t) => {
  const scene = new Scene(t);
  await scene.record(1, { closes: true });
  const old = readFileSync(join(scene.folder, 'key.pem'));
  scene.nowMs = Date.parse('2026-02-01T00:00:00Z');
  await scene.record(1, { closes: true });
  // As a crash between the line and the change of keys leaves them.
  writeFileSync(join(scene.folder, 'key.next.pem'), readFileSync(join(scene.folder, 'key.pem')));
  writeFileSync(join(scene.folder, 'key.pem'), old);
  await scene.record(1, { closes: true });
  assert.equal(scene.verify().finding, null);
});

test('a checkpoint follows after 64 lines, and after five minutes', async (t) => {
  const scene = new Scene(t);
  await scene.record(1);
  const signedAtFirst = scene.verify().signedTo;
  await scene.record(60);
  assert.equal(scene.verify().signedTo, signedAtFirst);
  assert.equal(scene.verify().finding?.finding, 'unsigned');
  await scene.record(5);
  const { signedTo } = scene.verify();
  assert.ok(signedTo > signedAtFirst);
  scene.nowMs += 6 * 60_000;
  await scene.record(1);
  assert.ok(scene.verify().signedTo > signedTo);
  assert.equal(scene.verify().finding, null);
});

test('months of more than a year ago go into an archive, accountably', async (t) => {
  const scene = new Scene(t);
  const archive = mkdtempSync(join(tmpdir(), 'audit-archive-'));
  t.after(() => rmSync(archive, { recursive: true, force: true }));
  await scene.record(2, { closes: true });
  const { publicKey } = scene;
  const { anchor } = scene.verify();
  assert(anchor !== null);
  for (const ts of ['2026-02-01', '2026-03-01', '2027-02-15']) {
    scene.nowMs = Date.parse(`${ts}T00:00:00Z`);
    await scene.record(1, { closes: true });
  }
  const pruned = await scene.audit.prune({ months: 12, archive });
  assert.deepEqual(
    pruned?.segments.map(({ month }) => month),
    ['2026-01'],
  );
  assert.deepEqual(readdirSync(archive), ['2026-01.jsonl']);
  const verdict = scene.verify({ publicKey });
  assert.deepEqual([verdict.finding, verdict.months], [null, ['2026-02', '2026-03', '2027-02']]);
  scene.nowMs = Date.parse('2027-03-15T00:00:00Z');
  await scene.audit.prune({ months: 12, archive });
  assert.deepEqual(scene.verify({ publicKey }).finding, null);
  assert.equal(await scene.audit.prune({ months: 12, archive }), null);
  // The archive and the log are one chain again.
  assert.deepEqual(readdirSync(archive), ['2026-01.jsonl', '2026-02.jsonl']);
  writeFileSync(scene.path('2026-01'), readFileSync(join(archive, '2026-01.jsonl')));
  writeFileSync(scene.path('2026-02'), readFileSync(join(archive, '2026-02.jsonl')));
  assert.equal(scene.verify({ publicKey, anchors: [anchor] }).finding, null);
  // Without the record of the prune, what is missing is cut.
  for (const month of ['2026-01', '2026-02']) rmSync(scene.path(month));
  const last = scene.lines('2027-02').filter((line) => !line.includes('audit.pruned'));
  scene.write(last, '2027-02');
  rmSync(scene.path('2027-03'));
  assert.equal(scene.verify({ publicKey }).finding?.finding, 'cut');
});

test('a log that is not whole is not pruned', async (t) => {
  const scene = new Scene(t);
  await scene.record(2, { closes: true });
  scene.nowMs = Date.parse('2028-01-01T00:00:00Z');
  await scene.record(1, { closes: true });
  scene.write(scene.lines().toSpliced(1, 1));
  const archive = join(scene.folder, 'archive');
  await assert.rejects(
    scene.audit.prune({ months: 12, archive }),
    (error: Error) => 'code' in error && error.code === 'audit/unsound',
  );
  assert.deepEqual(scene.lines().length, 4);
});
