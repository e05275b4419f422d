import type { CommandGuide } from './guide.ts';

/** `man/backstep.1` in the `man` macros of troff: every command with its options and an example of its own. */
export function manPage(guides: readonly CommandGuide[]): string {
  return [
    '.TH BACKSTEP 1 "" "" "Backstep"',
    '.SH NAME',
    text('backstep - reverts an upgrade without reverting the work done since'),
    '.SH SYNOPSIS',
    '.B backstep',
    text('COMMAND [OPTION]...'),
    '.SH DESCRIPTION',
    text(
      'The state after a rollback is the state before the upgrade plus what changed between right after the upgrade and now. A manifest, backstep.yaml here or above, says where the releases, the service and the state of the application are.',
    ),
    '.SH COMMANDS',
    ...guides.flatMap(commandLines),
    '.SH EXIT STATUS',
    ...exits.flatMap(([code, means]) => ['.TP', `.B ${code}`, text(means)]),
    '.SH ENVIRONMENT',
    '.TP',
    '.B NO_COLOR',
    text('questions are drawn without colours'),
    '.TP',
    '.BR LC_ALL ", " LC_CTYPE ", " LANG',
    text('where they name another encoding than UTF-8, a terminal gets ASCII'),
    '',
  ].join('\n');
}

const exits: readonly (readonly [string, string])[] = [
  ['0', 'done and verified'],
  ['2', 'the command line was not understood, or --yes is missing without a terminal'],
  ['3', 'refused, nothing was touched'],
  ['4', 'undone or abandoned, the application runs as before'],
  ['5', 'inconsistent: a person is needed'],
  ['6', 'waits for approval'],
  ['7', 'a check failed'],
  ['130', 'interrupted'],
];

function commandLines(guide: CommandGuide): string[] {
  const words = [`backstep ${guide.name}`, ...guide.arguments.map(([name]) => name)];
  return [
    `.SS "${escaped(words.join(' '))}"`,
    text(guide.summary),
    ...[...guide.arguments, ...guide.options].flatMap(([written, help]) => [
      '.TP',
      `.B ${escaped(written)}`,
      text(help),
    ]),
    '.PP',
    '.EX',
    ...guide.example.split('\n').map(text),
    '.EE',
  ];
}

/** A line that begins with a point or a quote would be taken for a request. */
function text(line: string): string {
  return /^[.']/.test(line) ? `\\&${escaped(line)}` : escaped(line);
}

function escaped(line: string): string {
  return line.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq');
}
