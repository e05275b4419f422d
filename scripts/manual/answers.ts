import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument } from '../../src/form/document.ts';
import { strict, text, z } from '../../src/form/schema.ts';

const folder = join(import.meta.dirname, '../../docs/manual');

/** Who does what a line asks for. */
export const doers = [
  'machine',
  'operator',
  'technical-lead',
  'database-administrator',
  'operations-manager',
  'product-owner',
  'security-officer',
  'support',
  'communications',
  'legal',
  'executives',
  'developers',
  'nobody',
] as const;

/** Rooms of the program; what is missing is missing in one of them. */
const rooms = [
  'approval',
  'console',
  'daemon',
  'drill',
  'fleet',
  'incident',
  'kit',
  'switch',
  'trigger',
  'vault',
  'verify',
] as const;

const missing = z.string().transform((written, context) => {
  const [, room, what] = /^(\w+): (.+)$/.exec(written) ?? [];
  const known = rooms.find((each) => each === room);
  if (known !== undefined && what !== undefined) return { room: known, what };
  context.addIssue({ code: 'custom', message: `\`room: what is missing\`, not ${written}` });
  return z.NEVER;
});

const answer = strict({
  what: text(),
  who: z.enum(doers),
  command: z.union([text().transform((one) => [one]), z.array(text())]).default([]),
  /** A key of the manifest; `*` stands for a name. */
  setting: text().optional(),
  /** A check of `backstep verify`, whose last measurement stands beside the answer. */
  check: text().optional(),
  /** Names of `tests.yaml`. */
  tests: z.array(text()).default([]),
  missing: missing.optional(),
  /** Why it will never be there. */
  never: text().optional(),
});

const section = strict({
  title: text(),
  /** How many lines the manual has there. */
  count: z.int().min(1),
  lines: z.record(z.string().regex(/^\d+$/), answer),
});

const test = strict({ file: text(), name: text() });

const measurement = strict({
  at: text(),
  release: text(),
  on: text(),
  checks: z.record(z.string(), text()),
});

export type Answer = z.output<typeof answer>;
export type Section = z.output<typeof section>;
export type NamedTest = z.output<typeof test>;
export type Measurement = z.output<typeof measurement>;

/** Everything that `docs/manual.md` is made of. */
export interface Manual {
  readonly sections: Readonly<Record<string, Section>>;
  readonly tests: Readonly<Record<string, NamedTest>>;
  readonly measured: Measurement;
}

/** Reads `docs/manual/`. Throws where a file does not have its form, naming file and place. */
export function readManual(): Manual {
  const chapters = readdirSync(folder)
    .filter((name) => /^\d.*\.yaml$/.test(name))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  const sections = chapters.map((name) => read(name, z.record(z.string(), section)));
  return {
    sections: Object.assign({}, ...sections),
    tests: read('tests.yaml', z.record(z.string(), test)),
    measured: read('measured.yaml', measurement),
  };
}

function read<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> {
  const { value, problems } = readDocument(readFileSync(join(folder, name), 'utf8'));
  const [problem] = problems;
  if (problem !== undefined) throw new Error(`${name}:${problem.line}: ${problem.message}`);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${name}: ${issue?.path.join('.')}: ${issue?.message}`);
}
