/** One line of the history, in words that no release has a say in. */
export interface Row {
  readonly title: string;
  readonly status: 'done' | 'failed' | (string & {});
  /** Whether the file comes back byte for byte; null where there is to be none. */
  readonly file: 'whole' | 'missing' | 'damaged' | null;
  readonly isPinned: boolean;
}

/**
 * What a person has in Social Download Manager: as it was asked for, or as a release tells it. Rows by
 * their number, settings by their name.
 */
export interface Holdings {
  readonly rows: ReadonlyMap<number, Row>;
  readonly settings: ReadonlyMap<string, string>;
}

/** Where what a release tells differs from what was asked for. */
export interface Difference {
  readonly of: 'row' | 'setting';
  readonly kind: 'lost' | 'wrong' | 'came back';
  /** For a person: `lost: Harbour at dawn`. */
  readonly text: string;
}

export function compare(wanted: Holdings, found: Holdings): Difference[] {
  return [...compareRows(wanted.rows, found.rows), ...compareSettings(wanted, found)];
}

function compareRows(wanted: Holdings['rows'], found: Holdings['rows']): readonly Difference[] {
  const missed = [...wanted].flatMap(([id, row]): Difference[] => {
    const told = found.get(id);
    if (told === undefined) return [{ of: 'row', kind: 'lost', text: `lost: ${row.title}` }];
    const [asked, answer] = [describe(row), describe(told)];
    if (asked === answer) return [];
    return [{ of: 'row', kind: 'wrong', text: `wrong: ${asked} is told as ${answer}` }];
  });
  const returned = [...found].flatMap(([id, row]): Difference[] =>
    wanted.has(id) ? [] : [{ of: 'row', kind: 'came back', text: `came back: ${describe(row)}` }],
  );
  return [...missed, ...returned];
}

function compareSettings(wanted: Holdings, found: Holdings): readonly Difference[] {
  return [...wanted.settings].flatMap(([name, value]): Difference[] => {
    const told = found.settings.get(name);
    if (told === value) return [];
    if (told === undefined) {
      return [{ of: 'setting', kind: 'lost', text: `lost: ${name} ${value}` }];
    }
    return [{ of: 'setting', kind: 'wrong', text: `wrong: ${name} is ${told}, not ${value}` }];
  });
}

function describe({ title, status, file, isPinned }: Row): string {
  const details = [status, ...(file === null || file === 'whole' ? [] : [`file ${file}`])];
  return `“${title}” (${[...details, ...(isPinned ? ['pinned'] : [])].join(', ')})`;
}
