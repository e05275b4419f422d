/**
 * Small parsers for what comes from outside: request bodies, settings files, JSON columns.
 * A parser takes an unknown value and where it stands, and returns it typed or throws `ShapeError`.
 */
export type Parser<T> = (value: unknown, at: string) => T;
export type Parsed<P> = P extends Parser<infer T> ? T : never;

type Fields = Readonly<Record<string, Parser<unknown>>>;
type Whole<F extends Fields> = { readonly [K in keyof F]: Parsed<F[K]> };

/** `message` says what is wrong and where: `quality: one of best, 1080 is expected`. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Text of min to max characters (code points) that holds no control characters and no half of a character. */
export function text(limits: { readonly min: number; readonly max: number }): Parser<string> {
  return (value, at) => {
    if (typeof value !== 'string') return fail(at, 'text is expected');
    const length = Array.from(value).length;
    if (length < limits.min || length > limits.max)
      return fail(at, `${limits.min} to ${limits.max} characters are expected`);
    if (/\p{Cc}/u.test(value) || !value.isWellFormed())
      return fail(at, 'text without control characters is expected');
    return value;
  };
}

export function integer(limits: { readonly min: number; readonly max: number }): Parser<number> {
  return (value, at) => {
    if (Number.isInteger(value) && typeof value === 'number')
      if (value >= limits.min && value <= limits.max) return value;
    return fail(at, `a whole number from ${limits.min} to ${limits.max} is expected`);
  };
}

export const flag: Parser<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : fail(at, 'true or false is expected');

export function oneOf<const W extends string>(words: readonly W[]): Parser<W> {
  return (value, at) =>
    words.find((word) => word === value) ?? fail(at, `one of ${words.join(', ')} is expected`);
}

export function nullable<T>(parser: Parser<T>): Parser<T | null> {
  return (value, at) => (value === null ? null : parser(value, at));
}

export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return (value, at) => (value === undefined ? undefined : parser(value, at));
}

export function listOf<T>(
  parser: Parser<T>,
  limits: { readonly min: number; readonly max: number },
): Parser<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return fail(at, 'a list is expected');
    if (value.length < limits.min || value.length > limits.max)
      return fail(at, `${limits.min} to ${limits.max} entries are expected`);
    return value.map((entry, index) => parser(entry, `${at}[${index}]`));
  };
}

/** An object with all of these keys; others are left out of the result. */
export function record<F extends Fields>(fields: F): Parser<Whole<F>> {
  return (value, at) => {
    const source = object(value, at);
    const parsed = Object.entries(fields).map(([key, parser]) => [
      key,
      parser(source[key], at === '' ? key : `${at}.${key}`),
    ]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed key by key above
    return Object.fromEntries(parsed) as Whole<F>;
  };
}

/** An object with some of these keys, for changes; a key that is not there is not in the result. */
export function partial<F extends Fields>(fields: F): Parser<Partial<Whole<F>>> {
  return (value, at) => {
    const source = object(value, at);
    const given = Object.entries(fields).filter(([key]) => source[key] !== undefined);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed by record()
    return record(Object.fromEntries(given))(source, at) as Partial<Whole<F>>;
  };
}

/** A JSON object, not a list; own keys only, so that `__proto__` is a key like others. */
export function object(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fail(at, 'an object is expected');
  return Object.assign(Object.create(null), value);
}

/** The value when it is of the shape, else null: for what older releases have stored. */
export function fitting<T>(parser: Parser<T>, value: unknown): T | null {
  try {
    return parser(value, '');
  } catch (error) {
    if (error instanceof ShapeError) return null;
    throw error;
  }
}

function fail(at: string, expectation: string): never {
  throw new ShapeError(at === '' ? expectation : `${at}: ${expectation}`);
}
