import type { Strike, TracedAct } from './strike.ts';

/** Numbers from a seed, each at least 0 and below 1 (mulberry32, by Tommy Ettinger; public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One command that was killed once or a few times, resumed, and accounted for. */
export interface Tried {
  /** Of the command, and what it was tried on. */
  readonly name: string;
  readonly kills: number;
  readonly point: string;
  /** Which of its ends was reached; null where something is lost. */
  readonly end: string | null;
  readonly losses: readonly string[];
}

/** Does one trial of its kind. */
export type RandomKind = (random: () => number) => Promise<Tried>;

/** Throws where there is none. */
export function oneOf<T>(random: () => number, all: readonly T[]): T {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new RangeError('nothing to draw from');
  return one;
}

/** A resume does at most about so many acts; a strike beyond its last one befalls nothing. */
const resumeActs = 200;

/**
 * One to three kills: the first at any act of the command, each further one at any act of the `resume` after it. Every
 * fourth one comes in the middle of its act, where the act has one.
 */
export function randomStrikes(random: () => number, acts: readonly TracedAct[]): Strike[] {
  const below = (limit: number): number => 1 + Math.floor(random() * limit);
  const how = (): Strike['how'] => (random() < 0.25 ? 'tear' : 'kill');
  const strikes: Strike[] = [{ how: how(), at: below(acts.length) }];
  while (strikes.length < 3 && random() < 0.4) strikes.push({ how: how(), at: below(resumeActs) });
  return strikes;
}
