import { parseArgs } from 'node:util';
import { breakages, type BreakageName } from './breakages.ts';

export interface DemoOptions {
  /** Shortens the manual's waits; nothing else. */
  readonly isFast: boolean;
  /** Leaves the temporary folder where it is. */
  readonly keeps: boolean;
  /** What somebody breaks on purpose, to see that the demo then tells the truth. */
  readonly breaks: BreakageName | null;
  /** Where the HTML report of the rollback goes; null: dist/demo/report.html of this repository. */
  readonly report: string | null;
}

export const usage = `npm run demo -- [--fast] [--keep] [--report FILE] [--break STEP]

  --fast          shortens the waits that the manual prescribes
  --keep          leaves the temporary folder, to look around in it
  --report FILE   where the HTML report of the rollback goes
  --break STEP    breaks something on purpose; the demo then has to tell so, and to exit with 1:
${Object.entries(breakages)
  .map(([name, { text }]) => `                    ${name.padEnd(10)} ${text}`)
  .join('\n')}
`;

/** Null where help is asked for. Throws TypeError where the command line is not understood. */
export function parseDemo(args: readonly string[]): DemoOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fast: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      report: { type: 'string' },
      break: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const breaks = values.break === undefined ? null : breakageNamed(values.break);
  return { isFast: values.fast, keeps: values.keep, breaks, report: values.report ?? null };
}

function breakageNamed(text: string): BreakageName {
  const found = breakageNames.find((name) => name === text);
  if (found === undefined) throw new TypeError(`--break ${text}: there is no such step`);
  return found;
}

const breakageNames = Object.keys(breakages).filter((name): name is BreakageName =>
  Object.hasOwn(breakages, name),
);
