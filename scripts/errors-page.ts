import type { CodeEntry, ExitCode } from '../src/fault/codes.ts';

const endings: Readonly<Record<ExitCode, string>> = {
  0: 'done and verified',
  2: 'the command was not understood',
  3: 'refused; nothing was touched',
  4: 'undone or abandoned; the application runs as before',
  5: 'inconsistent; a person is needed',
  6: 'waits for approval',
  7: 'a check failed',
  130: 'interrupted',
};

/** `docs/errors.md`: every code by its area, with what it means, its exit code and whether to try again. */
export function errorsPage(codes: Readonly<Record<string, CodeEntry>>): string {
  const areas = Map.groupBy(Object.entries(codes), ([code]) => code.split('/')[0] ?? code);
  const sections = [...areas]
    .sort(([a], [b]) => compare(a, b))
    .map(([area, entries]) => `## ${area}\n\n${entries.map(line).sort(compare).join('\n')}\n`);
  return `${head()}\n${sections.join('\n')}`;
}

function head(): string {
  const exits = Object.entries(endings).map(([exitCode, text]) => `- ${exitCode}: ${text}`);
  return `# Errors

Every error carries a code. \`--json\` prints it as \`{ "error": { "code", "message", "hint" } }\`; the message says what
is wrong and where, the hint what to do next. This page is made from \`src/fault/codes.ts\` by
\`node scripts/generate-errors.ts\`.

Exit codes:

${exits.join('\n')}
`;
}

function line([code, { exitCode, retryable, text }]: [string, CodeEntry]): string {
  return `- \`${code}\`: ${text}. Exit ${exitCode}${retryable ? '; trying again can help' : ''}.`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
