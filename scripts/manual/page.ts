import type { Answer, Manual, Section } from './answers.ts';

/** What becomes of a line: whether there is a test of it, and whether something is missing. */
export type Standing = 'shown' | 'in part' | 'missing' | 'not for Backstep';

export function standingOf({ tests, missing, never }: Answer): Standing {
  if (never !== undefined) return 'not for Backstep';
  if (missing === undefined) return 'shown';
  return tests.length === 0 ? 'missing' : 'in part';
}

/** `docs/manual.md`. A line without an answer stands there as missing. */
export function manualPage(manual: Manual): string {
  const sections = Object.entries(manual.sections).map(([id, section]) =>
    sectionText(manual, id, section),
  );
  return `${head(manual)}\n${sections.join('\n')}`;
}

function head({ sections, measured }: Manual): string {
  const all = Object.values(sections);
  const total = all.reduce((sum, { count }) => sum + count, 0);
  const answers = all.flatMap(({ lines }) => Object.values(lines));
  const count = (wanted: Standing): number =>
    answers.filter((answer) => standingOf(answer) === wanted).length;
  return `# The manual, line by line

Backstep implements the _Social Download Manager V2.0 rollback procedures manual 2.0.1_. Here is what it does about each
of its ${total} lines, under the number of the section and of the line in it, in our words: who does it, by which command
or key of the manifest, what was measured last, and which test shows it.

${count('shown')} are shown by tests, ${count('in part')} in part, ${count('missing')} are missing, ${count('not for Backstep')} are not for Backstep, ${total - answers.length} have no answer.

This page is made from [docs/manual](manual) by \`node scripts/generate-manual.ts\`; a test finds it stale, or naming a
command, key, check or test that does not exist. Measurements are those of \`node scripts/measure-manual.ts\`: Social
Download Manager ${measured.release}, after an upgrade and a rollback, ${measured.on}, ${measured.at}.

The manual's shell scripts are in [scripts_dev/rollback](../scripts_dev/rollback), each a thin way into Backstep with the
manual's options: \`unix_rollback.sh\`, \`emergency_rollback.sh\`, \`database_rollback.sh\`, \`verify_rollback.sh\`,
\`verify_data_integrity.sh\` and \`staging_rollback_test.sh\`. Those for PowerShell are in [kit](../kit), never run on Windows
([platforms](operating/platforms.md)). Not there: the suite of rollback tests.
`;
}

function sectionText(manual: Manual, id: string, { title, count, lines }: Section): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const answer = lines[index + 1];
    const name = `${id}-${index + 1}`;
    return answer === undefined
      ? `| ${name} | | | | | | **missing**: no answer |`
      : row(manual, name, answer);
  });
  return `## ${id} ${title}

| line | what Backstep does | who | by | measured last | shown by | stands |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function row({ tests, measured }: Manual, name: string, answer: Answer): string {
  const { what, who, command, setting, check } = answer;
  const by = [...command, ...(setting === undefined ? [] : [setting])].map((each) => `\`${each}\``);
  const found = check === undefined ? undefined : measured.checks[check];
  const shown = answer.tests.map((key) => {
    const file = tests[key]?.file;
    return file === undefined ? key : `[${cell(tests[key]?.name ?? key)}](../${file})`;
  });
  const cells = [
    name,
    cell(what),
    who.replaceAll('-', ' '),
    by.join(', '),
    check === undefined ? '' : cell(`${check}: ${found ?? 'never measured'}`),
    shown.join(' · '),
    standing(answer),
  ];
  return `| ${cells.join(' | ')} |`;
}

function standing(answer: Answer): string {
  const { missing, never } = answer;
  const word = standingOf(answer);
  if (never !== undefined) return `${word}: ${cell(never)}`;
  if (missing === undefined) return word;
  return `**${word}**: ${cell(missing.what)} (\`${missing.room}/\`)`;
}

function cell(text: string): string {
  return text.replaceAll(/[|<>[\]]/g, (sign) => `\\${sign}`).replaceAll(/\s+/g, ' ');
}
