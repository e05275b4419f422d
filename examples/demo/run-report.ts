import type { RunReport } from '../../src/switch/report/report.ts';

/** The reports that a command's `--json` holds: one, a list, or none where it ended with an error. */
export function parseRunReports(stdout: string): readonly RunReport[] {
  if (stdout.trim() === '') return [];
  const document: unknown = JSON.parse(stdout);
  return (Array.isArray(document) ? document : [document]).filter(isRunReport);
}

function isRunReport(value: unknown): value is RunReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['run', 'result', 'assets', 'phases', 'objective'].every((key) => Object.hasOwn(value, key))
  );
}
