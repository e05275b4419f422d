import { z } from 'zod';

export { z };

/**
 * Judges a value for `explain`: zod's own sentences are left out, so that a message that is not empty
 * is one of the schema's. Compiles no code.
 */
export function judge<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.ZodSafeParseResult<z.output<Schema>> {
  return schema.safeParse(value, { error: () => '', jitless: true });
}

/**
 * Schemas are walked, none is turned into code: a program that ends within a second never gets back what compiling takes.
 * For a program of its own, before it reads anything.
 */
export function compileNoSchemas(): void {
  z.config({ jitless: true });
}

const knownKeysMark = 'known keys: ';

/** A mapping that refuses unknown keys; `explain` then names the nearest known one. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? knownKeysMark + Object.keys(shape).join(' ')
        : 'a mapping (`key: value`)',
  });
}

/** The keys that a refusal of `strict` carries to `explain`. */
export function knownKeysOf(message: string): string[] {
  return message.startsWith(knownKeysMark) ? message.slice(knownKeysMark.length).split(' ') : [];
}

/** Adds a problem found inside a transform; `z.NEVER` is what the transform then returns. */
export function refuse(context: z.RefinementCtx, message: string, hint = ''): typeof z.NEVER {
  context.addIssue({ code: 'custom', message, params: { hint } });
  return z.NEVER;
}

/** Text of at least one character; `expected` says what kind of text in messages. */
export function text(expected = 'text') {
  return z.string({ error: expected }).min(1, { error: expected });
}
