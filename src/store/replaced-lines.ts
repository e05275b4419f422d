/** Lines as bytes, each with its newline. */
export interface LineBytes {
  readonly body: Buffer;
  /** Where each line begins. */
  readonly starts: Uint32Array;
}

/** Null where it cannot be told from the lines where each begins: bytes among them are no UTF-8. */
export function lineBytes(body: Buffer, lines: readonly string[]): LineBytes | null {
  return (
    startingWith(body, lines, (line) => line.length) ??
    startingWith(body, lines, (line) => Buffer.byteLength(line))
  );
}

/** A line that is text has as many bytes as characters, or more: where all have as many together, each one has. */
function startingWith(
  body: Buffer,
  lines: readonly string[],
  sizeOf: (line: string) => number,
): LineBytes | null {
  const starts = new Uint32Array(lines.length);
  let position = 0;
  for (let number = 0; number < lines.length; number += 1) {
    starts[number] = position;
    position += sizeOf(lines[number] ?? '') + 1;
  }
  return position === body.length ? { body, starts } : null;
}

/** With more than one line in so many replaced, reading all of them costs no more. */
const worthwhileShare = 8;

/**
 * By number, the lines of `body` that stand in the places of others. All but a few are the same bytes: they are compared
 * as such, many at once, and not read. Null where lines came or went, where too many are others, or where one `isUnfit`.
 */
export function replacedLines(
  { body: known, starts }: LineBytes,
  body: Buffer,
  isUnfit: (number: number, line: string) => boolean = () => false,
): ReadonlyMap<number, string> | null {
  const replaced = new Map<number, string>();
  let [from, at] = [0, 0];
  for (;;) {
    const same = sameLength({ bytes: known, from }, { bytes: body, from: at });
    if (from + same === known.length) return at + same === body.length ? replaced : null;
    const number = lineAt(starts, from + same);
    at += (starts[number] ?? 0) - from;
    const end = body.indexOf(newline, at);
    if (end < 0 || replaced.size * worthwhileShare >= starts.length) return null;
    const line = body.toString('utf8', at, end);
    if (isUnfit(number, line)) return null;
    replaced.set(number, line);
    at = end + 1;
    from = starts[number + 1] ?? known.length;
  }
}

const newline = 10;

interface Rest {
  readonly bytes: Buffer;
  readonly from: number;
}

const firstStepBytes = 1024;

/** How many bytes are the same from there on. */
function sameLength(a: Rest, b: Rest): number {
  const limit = Math.min(a.bytes.length - a.from, b.bytes.length - b.from);
  const isSame = (start: number, end: number): boolean =>
    a.bytes.compare(b.bytes, b.from + start, b.from + end, a.from + start, a.from + end) === 0;
  let same = 0;
  let step = Math.min(firstStepBytes, limit);
  while (step > 0 && isSame(same, same + step)) {
    same += step;
    step = Math.min(step * 2, limit - same);
  }
  // Those before `same` are, and one of the next `step` is not.
  while (step > 1) {
    const half = step >> 1;
    if (isSame(same, same + half)) {
      same += half;
      step -= half;
    } else step = half;
  }
  return same;
}

/** The number of the line that the byte at this position is in. */
function lineAt(starts: Uint32Array, position: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= position) low = middle;
    else high = middle;
  }
  return low;
}
