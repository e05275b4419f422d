/** Choices that a seed repeats. */
export interface Chance {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  of<T>(choices: readonly [T, ...T[]] | readonly T[]): T;
  /** True so often of one. */
  isOf(share: number): boolean;
}

/** mulberry32, by Tommy Ettinger (public domain). Equal numbers make equal choices. */
export function chanceFrom(...seeds: readonly number[]): Chance {
  let state = seeds.reduce((mixed, seed) => Math.imul(mixed ^ seed, 0x9e3779b1) + 1, 0) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    of: (choices) => {
      const index = below(choices.length);
      for (const [at, choice] of choices.entries()) if (at === index) return choice;
      throw new RangeError('nothing to choose from');
    },
    isOf: (share) => next() < share,
  };
}
