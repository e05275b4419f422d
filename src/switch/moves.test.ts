import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { nodeHost } from '../host/node.ts';
import { displaceAll, placeAll, renameBack, type Move } from './moves.ts';

const { disk } = nodeHost();

class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'backstep-moves-'));
  readonly moves: Move[] = [];

  constructor(t: TestContext) {
    t.after(() => rmSync(this.folder, { recursive: true }));
    for (const name of ['live', 'staged', 'displaced']) mkdirSync(join(this.folder, name));
  }

  add(unit: string, before: string | null, wanted: string | null): void {
    const at = (place: string): string => join(this.folder, place, unit);
    if (before !== null) writeFileSync(at('live'), before);
    if (wanted !== null) writeFileSync(at('staged'), wanted);
    this.moves.push({
      asset: 'a',
      unit,
      live: at('live'),
      staged: wanted === null ? null : at('staged'),
      displaced: before === null ? null : at('displaced'),
      stray: at('strays'),
    });
  }

  live(): Record<string, string> {
    const folder = join(this.folder, 'live');
    return Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
  }
}

function scene(t: TestContext): Scene {
  const made = new Scene(t);
  made.add('changed', 'old', 'new');
  made.add('gone', 'old', null);
  made.add('fresh', null, 'new');
  return made;
}

const before = { changed: 'old', gone: 'old' };
const wanted = { changed: 'new', fresh: 'new' };

test('displace and place, each twice, bring the wanted units', (t) => {
  const s = scene(t);
  displaceAll(disk, s.moves);
  displaceAll(disk, s.moves);
  assert.deepEqual(s.live(), {});
  assert.deepEqual(placeAll(disk, s.moves), []);
  assert.deepEqual(placeAll(disk, s.moves), []);
  assert.deepEqual(s.live(), wanted);
});

test('whatever was done of it, renaming back gives what was there, also twice', (t) => {
  for (let displaced = 0; displaced <= 3; displaced += 1) {
    const s = scene(t);
    displaceAll(disk, s.moves.slice(0, displaced));
    assert.deepEqual(renameBack(disk, s.moves), []);
    assert.deepEqual(s.live(), before, `${displaced} displaced`);
  }
  for (let placed = 0; placed <= 3; placed += 1) {
    const s = scene(t);
    displaceAll(disk, s.moves);
    placeAll(disk, s.moves.slice(0, placed));
    assert.deepEqual(renameBack(disk, s.moves), []);
    assert.deepEqual(renameBack(disk, s.moves), []);
    assert.deepEqual(s.live(), before, `${placed} placed`);
  }
});

test('renamed back, and the staging thrown away in part: a second time changes nothing', (t) => {
  for (const left of [['staged'], ['displaced'], ['staged', 'displaced'], []]) {
    const s = scene(t);
    displaceAll(disk, s.moves);
    placeAll(disk, s.moves);
    renameBack(disk, s.moves);
    for (const name of ['staged', 'displaced']) {
      const folder = join(s.folder, name);
      for (const unit of readdirSync(folder)) rmSync(join(folder, unit));
      if (!left.includes(name)) rmSync(folder, { recursive: true });
    }
    assert.deepEqual(renameBack(disk, s.moves), []);
    assert.deepEqual(s.live(), before, `left: ${left.join()}`);
  }
});

test('an occupied name is moved aside and told, never overwritten', (t) => {
  const s = scene(t);
  displaceAll(disk, s.moves);
  writeFileSync(join(s.folder, 'live/changed'), 'made by a restarted application');
  writeFileSync(join(s.folder, 'live/gone'), 'the same');
  const strays = placeAll(disk, s.moves);
  assert.deepEqual(s.live(), wanted);
  assert.deepEqual(
    strays.map(({ movedTo }) => readFileSync(movedTo, 'utf8')),
    ['made by a restarted application', 'the same'],
  );
  assert.ok(existsSync(join(s.folder, 'displaced/changed')));
});
