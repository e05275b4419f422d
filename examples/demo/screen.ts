import { styleText } from 'node:util';
import { table } from '../../src/cli/output.ts';

type Style = Parameters<typeof styleText>[0];

/** What the demo tells, and how many of its expectations were not met. */
export interface Screen {
  /** Expectations that were not met. */
  readonly failures: number;
  readonly expectations: number;
  chapter(title: string): void;
  line(text: string): void;
  /** The first row is the heading. */
  table(rows: readonly (readonly string[])[]): void;
  /** One expectation: met where nothing differs. Says so, and what differs. */
  expect(what: string, differences: readonly string[]): void;
}

export function openScreen(write: (text: string) => unknown): Screen {
  let [chapters, expectations, failures] = [0, 0, 0];
  const say = (text: string, style: Style = 'reset'): void => {
    write(`${style === 'reset' ? text : styleText(style, text)}\n`);
  };
  return {
    get failures() {
      return failures;
    },
    get expectations() {
      return expectations;
    },
    chapter: (title) => {
      chapters += 1;
      say(`\n${chapters}  ${title}`, 'bold');
    },
    line: (text) => say(`   ${text}`),
    table: (rows) => {
      const [heading = '', ...others] = table(rows);
      say('');
      say(`   ${heading}`, 'bold');
      for (const row of others) say(`   ${row}`);
      say('');
    },
    expect: (what, differences) => {
      expectations += 1;
      if (differences.length === 0) return say(`   ✓ ${what}`, 'green');
      failures += 1;
      say(`   ✗ ${what}`, 'red');
      for (const difference of differences) say(`       ${difference}`, 'red');
    },
  };
}
