/** Long work that lets go now and then. */
export type Turns<T> = Generator<undefined, T, undefined>;

/** Does all of it without letting go. */
export function atOnce<T>(turns: Turns<T>): T {
  for (;;) {
    const turn = turns.next();
    if (turn.done === true) return turn.value;
  }
}

/**
 * Awaits `pause` between turns, where there is one: where it throws, the work is given up, its files are closed, and that is
 * thrown.
 */
export async function withPauses<T>(turns: Turns<T>, pause?: () => Promise<void>): Promise<T> {
  if (pause === undefined) return atOnce(turns);
  for (;;) {
    const turn = turns.next();
    if (turn.done === true) return turn.value;
    try {
      await pause();
    } catch (error) {
      turns.throw(error);
      throw error;
    }
  }
}
