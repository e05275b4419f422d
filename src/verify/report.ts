import { escaped, page, section, table } from '../page/page.ts';
import type { Check } from '../asset/asset.ts';

export const reportName = 'rollback_verification_report';

/** What only a person can say, and no check stands in for. */
export const askedOfAPerson: readonly string[] = [
  'Somebody logs in with the credentials that they had before.',
  'A download of each platform begins within its limit and ends with a file that plays.',
  'Settings are changed, saved, and still so after a reload.',
  'Menus, buttons and messages do and say what they did in this release.',
];

/** `rollback_verification_report.json`: the first six keys are those of the manual. */
export interface VerificationReport {
  readonly timestamp: string;
  readonly verification_log: readonly string[];
  readonly total_checks: number;
  readonly success_count: number;
  readonly warning_count: number;
  readonly error_count: number;
  readonly app: string;
  readonly release: string | null;
  /** What was compared with: `recorded`, a pair, or null. */
  readonly expected: string | null;
  readonly checks: readonly Check[];
  readonly askedOfAPerson: readonly string[];
}

export function verificationReport(
  about: Pick<VerificationReport, 'timestamp' | 'app' | 'release' | 'expected'>,
  checks: readonly Check[],
): VerificationReport {
  const { timestamp, ...rest } = about;
  const count = (status: Check['status']): number =>
    checks.filter((check) => check.status === status).length;
  return {
    timestamp,
    verification_log: checks.map(
      ({ status, name, measured }) =>
        `[${status.toUpperCase()}] ${timestamp}: ${oneLine(`${name}: ${measured}`)}`,
    ),
    total_checks: checks.length,
    success_count: count('success'),
    warning_count: count('warning'),
    error_count: count('error'),
    ...rest,
    checks,
    askedOfAPerson,
  };
}

/** A log is read line by line, and what was measured may come from anywhere. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

const marks = { success: '✓', warning: '!', error: '✗' } as const;

/** What is wrong first; then everything, in the order in which it was checked. */
export function verificationLines(report: VerificationReport): string[] {
  const { checks, app, release, expected, askedOfAPerson: asked } = report;
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const line = ({ status, name, measured }: Check): string =>
    `  ${marks[status]} ${oneLine(name).padEnd(width)}  ${oneLine(measured)}`;
  return [
    `${app} ${release ?? '(no known release)'}: ${report.success_count} good, ${report.warning_count} warnings, ${report.error_count} errors`,
    `compared with: ${expected ?? 'nothing recorded'}`,
    ...checks.map(line),
    'asked of a person:',
    ...asked.map((each) => `  ? ${each}`),
  ];
}

export function renderVerification(report: VerificationReport): string {
  const { app, release, timestamp, checks, expected } = report;
  const verdict = report.error_count === 0 ? 'verified' : 'NOT verified';
  const title = `${app} ${release ?? ''}: ${verdict}`;
  const rows = checks.map(({ row, name, status, measured }) => [
    marks[status],
    name,
    measured,
    row,
  ]);
  const worst = checks.filter(({ status }) => status === 'error');
  const counted = `${report.success_count} good, ${report.warning_count} warnings, ${report.error_count} errors; compared with ${expected ?? 'nothing recorded'}`;
  const faults =
    worst.length === 0
      ? ''
      : section(
          'What is wrong',
          table(
            ['Check', 'Measured'],
            worst.map(({ name, measured }) => [name, measured]),
          ),
        );
  const asked = `<ul>${askedOfAPerson.map((each) => `<li>${escaped(each)}</li>`).join('\n')}</ul>`;
  return page(
    title,
    `<header>
<h1>${escaped(title)}</h1>
<p class="quiet">${escaped(timestamp)}</p>
<p>${escaped(counted)}</p>
</header>
${faults}${section('Every check', table(['', 'Check', 'Measured', 'Row'], rows))}${section('Asked of a person', asked)}`,
  );
}
