import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ask, type Told } from './ask.ts';
import { compare, type Difference, type Holdings } from './holdings.ts';
import { programOf } from './installation.ts';
import { configurationBackup, followManual } from './manual.ts';
import type { Credentials } from './person.ts';
import { startRelease, type EndedRelease, type RunningRelease } from './release-process.ts';

/** One way back, and what 1.2.1 tells after it. */
export interface Column {
  readonly name: string;
  /** Null where 1.2.1 does not run: then nothing can be reached. */
  readonly told: Told | null;
  readonly differences: readonly Difference[];
  /** What a person would see go wrong on the way, one line each. */
  readonly troubles: readonly string[];
}

/** What is in the application's settings files, and so in the manual's backup of its configuration. */
const configuration = [
  'config.json',
  'user_preferences.json',
  'platform_settings.json',
  'user_data',
] as const;
const database = 'sdm.db';

/** Copies the state of a stopped application, without the downloaded files, and the manual's part of it inside. */
export function backUp(data: string, backup: string): void {
  mkdirSync(backup);
  for (const name of [...configuration, database]) {
    cpSync(join(data, name), join(backup, name), { recursive: true });
  }
  mkdirSync(join(data, configurationBackup), { recursive: true });
  for (const name of configuration) {
    cpSync(join(data, name), join(data, configurationBackup, name), { recursive: true });
  }
}

/** The first column: the manual's steps done literally, on a copy of the state. */
export async function manualColumn(
  folder: string,
  parts: { readonly who: Credentials; readonly wanted: Holdings; readonly waitMs: number },
): Promise<Column> {
  const { statements, release } = await followManual(folder, parts.waitMs);
  const refused = statements.filter(({ error }) => error !== null);
  const column = await columnOf('the manual', release, parts);
  return {
    ...column,
    troubles: [
      `SQLite accepts ${statements.length - refused.length} of ${statements.length} statements`,
      ...refused.map(({ sql, error }) => `${shortened(sql)}: ${error}`),
      ...column.troubles,
    ],
  };
}

/** The second column: the backup from before the upgrade is put back, and the old program started on it. */
export async function oldBackupColumn(
  folder: string,
  parts: { readonly who: Credentials; readonly wanted: Holdings; readonly backup: string },
): Promise<Column> {
  const data = join(folder, 'data');
  for (const name of [...configuration, database, `${database}-wal`, `${database}-shm`]) {
    rmSync(join(data, name), { recursive: true, force: true });
  }
  cpSync(parts.backup, data, { recursive: true });
  return columnOf('the old backup', await startRelease(programOf('1.2.1'), data), parts);
}

async function columnOf(
  name: string,
  release: RunningRelease | EndedRelease,
  { who, wanted }: { readonly who: Credentials; readonly wanted: Holdings },
): Promise<Column> {
  if (release.kind === 'ended') {
    const trouble = `1.2.1 does not start (exit code ${release.code}): ${complaintOf(release)}`;
    return { name, told: null, differences: differencesOf(null, wanted), troubles: [trouble] };
  }
  try {
    return toldColumn(name, await ask(release.client, who), wanted);
  } finally {
    await release.stop();
  }
}

/** The line of its standard error that says what is wrong. */
function complaintOf({ stderr }: EndedRelease): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^(error|\w*Error)\b/.test(line)) ?? lines[0] ?? 'it says nothing';
}

export function toldColumn(name: string, told: Told | null, wanted: Holdings): Column {
  const troubles = told?.refusals ?? ['1.2.1 does not answer'];
  return { name, told, differences: differencesOf(told, wanted), troubles };
}

/** What cannot be reached is lost. */
function differencesOf(told: Told | null, wanted: Holdings): Difference[] {
  return compare(wanted, told ?? { rows: new Map(), settings: new Map() });
}

function shortened(sql: string): string {
  return sql.length <= 48 ? sql : `${sql.slice(0, 47)}…`;
}

/** The columns side by side, counted. */
export function columnTable(columns: readonly Column[], wanted: Holdings): string[][] {
  const count = (of: Difference['of'], kind: Difference['kind']) => (column: Column) =>
    column.differences.filter((each) => each.of === of && each.kind === kind).length;
  const right = (of: Difference['of'], total: number) => (column: Column) =>
    `${total - count(of, 'lost')(column) - count(of, 'wrong')(column)} of ${total}`;
  const row = (name: string, cell: (column: Column) => string | number): string[] => [
    name,
    ...columns.map((column) => String(cell(column))),
  ];
  return [
    row('what 1.2.1 then tells', ({ name }) => name),
    row('it runs', ({ told }) => (told === null ? 'no' : 'yes')),
    row('one can sign in', ({ told }) => (told?.isSignedIn === true ? 'yes' : 'no')),
    row('downloads right', right('row', wanted.rows.size)),
    row('downloads lost', count('row', 'lost')),
    row('downloads wrong', count('row', 'wrong')),
    row('deleted ones that came back', count('row', 'came back')),
    row('settings right', right('setting', wanted.settings.size)),
  ];
}
