/** Tells a story on a real application, and holds every switch of it against the laws. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { removeTree } from '../crash/notes-application.ts';
import { readTrace } from '../crash/strike.ts';
import { StoryApplication, type Shown } from './application.ts';
import { doEdits } from './edits.ts';
import { Ledger, tokensIn } from './ledger.ts';
import { checkRows } from './row-laws.ts';
import { pick, releasesOf, versionOf } from './shape.ts';
import type { Edit, Story } from './story.ts';

/** What befalls one switch of a story: it is killed at a share of its acts, and resumed. */
export interface Kill {
  /** Which switch, counted over the whole story. */
  readonly at: number;
  /** Of its acts, in thousandths. */
  readonly share: number;
  readonly how: 'kill' | 'tear';
}

/** What is tried beside the story itself, each on a copy that is thrown away. */
export interface Trials {
  /** One rollback over several pairs is what single ones make. */
  readonly folds?: boolean;
  readonly kill?: Kill;
}

/** Tells a story in a folder of its own. Throws `AssertionError` where a law is broken. */
export async function tell(story: Story, trials: Trials): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-story-'));
  try {
    const releases = releasesOf(story.upgrades.map(({ changes }) => changes));
    const app = new StoryApplication(join(folder, 'app'), releases);
    await new Telling(app, join(folder, 'copy'), trials).tell(story);
  } finally {
    removeTree(folder);
  }
}

type Move =
  | { readonly what: 'rollback'; readonly to: number }
  | { readonly what: 'return' }
  | { readonly what: 'upgrade'; readonly to: number };

function commandOf(move: Move): readonly string[] {
  if (move.what === 'return') return ['return', '--release-hold', '--yes'];
  const forced = move.what === 'upgrade' ? ['--release-hold'] : [];
  return [move.what, '--to', versionOf(move.to), '--yes', ...forced];
}

/** What one switch found and left. */
interface Told {
  readonly before: Shown;
  readonly after: Shown;
  /** Tokens in what it listed as parked. */
  readonly parked: ReadonlySet<string>;
}

/** Where one token was before a switch and is after it. */
interface Seen {
  readonly was: boolean;
  readonly is: boolean;
  readonly isListed: boolean;
}

class Telling {
  readonly #app: StoryApplication;
  readonly #copy: string;
  readonly #trials: Trials;
  readonly #ledger = new Ledger();
  /** What an upgrade or a return hid of what users wrote, and the newest release that shows it. */
  readonly #hidden = new Map<string, number>();
  /** What a return brought back, and the oldest release that may show it. */
  readonly #returned = new Map<string, number>();
  /** What there was when the last rollback began, or what it listed. */
  #left: ReadonlySet<string> = new Set();
  #last: Told | null = null;
  #triesFold: boolean;
  #switches = 0;

  constructor(app: StoryApplication, copy: string, trials: Trials) {
    this.#app = app;
    this.#copy = copy;
    this.#trials = trials;
    this.#triesFold = trials.folds === true;
  }

  async tell(story: Story): Promise<void> {
    for (const { version } of this.#app.releases)
      await this.#app.must('release', 'add', version, `built/${version}`);
    this.#use(story.beginning);
    for (const [index, { edits }] of story.upgrades.entries()) {
      await this.#go({ what: 'upgrade', to: index + 1 });
      this.#use(edits);
    }
    for (const { move, edits } of story.steps) {
      const chosen = pick(this.#moves(), move);
      if (chosen !== undefined) await this.#go(chosen);
      this.#use(edits);
    }
    this.#checkKept();
  }

  #use(edits: readonly Edit[]): void {
    doEdits(this.#app, this.#ledger, edits);
    checkRows(this.#app, this.#ledger);
  }

  #index(): number {
    return this.#app.releases.indexOf(this.#app.release());
  }

  #moves(): Move[] {
    const index = this.#index();
    const back = this.#app.releases
      .slice(0, index)
      .map((_release, to): Move => ({ what: 'rollback', to }));
    const hasNext = index + 1 < this.#app.releases.length;
    const again: Move[] = hasNext ? [{ what: 'upgrade', to: index + 1 }] : [];
    return this.#app.book().departure === null
      ? [...again, ...back]
      : [{ what: 'return' }, { what: 'return' }, ...back, ...again];
  }

  async #go(move: Move): Promise<void> {
    const from = this.#index();
    this.#switches += 1;
    if (this.#trials.kill?.at === this.#switches) await this.#killed(move, this.#trials.kill);
    const singly = await this.#inSingleSteps(move, from);
    const told = await this.#do(move);
    if (singly !== null)
      assert.deepEqual(told.after, singly, 'folded, it is not what single rollbacks make');
    this.#check(move, told, from);
    if (move.what === 'upgrade') this.#ledger.forgetNewTables(told);
    checkRows(this.#app, this.#ledger);
    const last = this.#last;
    const isUntouched = last !== null && isDeepStrictEqual(last.after, told.before);
    if (move.what === 'return' && isUntouched)
      assert.deepEqual(told.after, last.before, 'back and forth again is not what it was');
    this.#last = move.what === 'rollback' ? told : null;
  }

  async #do(move: Move): Promise<Told> {
    const [before, runs] = [this.#app.shown(), this.#app.runs()];
    await this.#app.must(...commandOf(move));
    return { before, ...this.#since(runs) };
  }

  #since(runs: readonly string[]): Omit<Told, 'before'> {
    const own = this.#app.runs().filter((run) => !runs.includes(run));
    return { after: this.#app.shown(), parked: tokensIn(this.#app.parkedBy(own)) };
  }

  /** What single rollbacks make of it, tried once in a story; null where that is not this one. */
  async #inSingleSteps(move: Move, from: number): Promise<Shown | null> {
    if (!this.#triesFold || move.what !== 'rollback' || from - move.to < 2) return null;
    this.#triesFold = false;
    return this.#aside(async () => {
      for (let index = from - 1; index >= move.to; index -= 1)
        await this.#app.must(...commandOf({ what: 'rollback', to: index }));
      return this.#app.shown();
    });
  }

  /** The same switch, killed and resumed, ends as it would have, or has not begun. */
  async #killed(move: Move, { share, how }: Kill): Promise<void> {
    const trace = `${this.#copy}.trace`;
    const whole = await this.#aside(async () => {
      const runs = this.#app.runs();
      const said = await this.#app.run(commandOf(move), { trace });
      assert.equal(said.code, 0, said.stdout + said.stderr);
      return this.#since(runs);
    });
    const acts = readTrace(trace).length;
    await this.#aside(async () => {
      const [before, runs] = [this.#app.shown(), this.#app.runs()];
      const at = 1 + Math.floor((share * acts) / 1000);
      await this.#app.run(commandOf(move), { strike: { how, at } });
      const { code, stdout, stderr } = await this.#app.run(['resume']);
      assert.ok(code === 0 || code === 4, `resume: ${code}\n${stdout}\n${stderr}`);
      if (this.#app.release().version === before.release) {
        assert.deepEqual(
          this.#app.shown(),
          before,
          `killed at ${at}, it is not what it was before`,
        );
        await this.#app.must(...commandOf(move));
      }
      const { after, parked } = this.#since(runs);
      assert.deepEqual(after, whole.after, `killed at ${at}, it does not end as it would have`);
      for (const token of whole.parked) assert.ok(parked.has(token), `killed at ${at}: ${token}`);
      assert.ok(this.#app.isSound(), `killed at ${at}: the store is not sound`);
    });
  }

  /** Does something, and brings everything back that there was before. */
  async #aside<T>(work: () => Promise<T>): Promise<T> {
    this.#app.keep(this.#copy);
    try {
      return await work();
    } finally {
      this.#app.bringBack(this.#copy);
      removeTree(this.#copy);
    }
  }

  /** Nothing is in neither list, and what was left comes back. */
  #check(move: Move, told: Told, from: number): void {
    const was = tokensIn(textOf(told.before));
    const is = tokensIn(textOf(told.after));
    for (const [token, place] of this.#ledger.owned()) {
      const seen = { was: was.has(token), is: is.has(token), isListed: told.parked.has(token) };
      if (move.what === 'rollback') this.#checkBack([token, place], seen, from);
      else if (move.what === 'return') this.#checkForth([token, place], seen, from);
      else if (seen.was && !seen.is) this.#hidden.set(token, from);
    }
    this.#left = move.what === 'rollback' ? new Set([...was, ...told.parked]) : new Set();
  }

  #checkBack(
    [token, place]: readonly [string, string],
    { was, is, isListed }: Seen,
    from: number,
  ): void {
    const to = this.#index();
    const shownIn = this.#hidden.get(token) ?? Infinity;
    const isDue = was || (shownIn < from && shownIn >= to);
    // What a return brought back is in its pair: it goes with the release that alone can show it, and returns with it.
    const isOfRelease = (this.#returned.get(token) ?? 0) > to;
    assert.ok(!isDue || is || isListed || isOfRelease, `${token} of ${place} is in neither list`);
  }

  #checkForth(
    [token, place]: readonly [string, string],
    { was, is, isListed }: Seen,
    from: number,
  ): void {
    const to = this.#index();
    const isHidden = (this.#hidden.get(token) ?? Infinity) < to;
    const isDue = was || this.#left.has(token);
    assert.ok(!isDue || is || isListed || isHidden, `${token} of ${place} did not come forward`);
    if (is && !was) this.#returned.set(token, from + 1);
    // Listed, it is in the pair of this return: a rollback shows it again, and the next return is told nothing new.
    if (was && !is) this.#hidden.set(token, this.#hidden.get(token) ?? from);
  }

  /** In the end everything that a user wrote last is somewhere where a person finds it. */
  #checkKept(): void {
    const kept = tokensIn(textOf(this.#app.shown()) + this.#app.parkedBy(this.#app.runs()));
    for (const [token, place] of this.#ledger.owned())
      assert.ok(kept.has(token) || this.#hidden.has(token), `${token} of ${place} is gone`);
  }
}

/** Everything that is shown, as one text; cells stand there by their bytes. */
function textOf({ document, files, rows }: Shown): string {
  const cells = Object.values(rows).flatMap((all) => all.map(decoded));
  return [document, ...Object.values(files), ...cells].join('\n');
}

function decoded(row: string): string {
  const cells = row.split('|').map((cell) => cell.split(' ')[1] ?? '');
  return cells.map((hex) => Buffer.from(hex, 'hex').toString('utf8')).join(' ');
}
