import { join } from 'node:path/posix';
import { quoted } from './shell-name.ts';
import type { CardFacts, CardPlace } from './card.ts';

export type CardStyle = 'title' | 'heading' | 'text' | 'typed';

/** One line of the card, short enough for the page in its style. */
export interface CardLine {
  readonly style: CardStyle;
  readonly text: string;
}

/** So many signs fit on a line of A4 in each style: Courier for what is typed, Helvetica by its wide letters. */
const widths: Readonly<Record<CardStyle, number>> = {
  title: 52,
  heading: 70,
  text: 100,
  typed: 88,
};

/** So many lines fit on one page. */
const longestCard = 60;

/** The whole card, top to bottom; at most one page. */
export function cardLines(facts: CardFacts, place: CardPlace): readonly CardLine[] {
  const sections = [
    ...heading(facts),
    ...people(facts),
    ...typing(facts, place),
    ...happening(facts),
    ...forbidden(facts),
    ...uncarried(place),
  ];
  const lines = sections.flatMap(wrapped);
  if (lines.length <= longestCard) return lines;
  const cut: CardLine = { style: 'text', text: '... more stands in notes.txt beside this card.' };
  return [...lines.slice(0, longestCard - 1), cut];
}

export function cardText(lines: readonly CardLine[]): string {
  return lines.map(({ style, text }) => textual[style](text)).join('');
}

const textual: Readonly<Record<CardStyle, (text: string) => string>> = {
  title: (text) => `${text}\n${'='.repeat(text.length)}\n`,
  heading: (text) => `\n${text}\n${'-'.repeat(text.length)}\n`,
  text: (text) => `${text}\n`,
  typed: (text) => `    ${text}\n`,
};

function heading({ app, pair, madeAt }: CardFacts): CardLine[] {
  return [
    { style: 'title', text: `EMERGENCY: ${app} back to ${pair.from}` },
    told(
      `From ${pair.to}, which came with the upgrade of ${day(pair.at)}. Card of ${day(madeAt)}.`,
    ),
  ];
}

function people({ contacts }: CardFacts): CardLine[] {
  const byLevel = contacts.toSorted((one, other) => one.level - other.level);
  const lines = byLevel.map(({ role, name, phone, email, level }) => {
    const ways = [name, phone, email].filter((way) => way !== null && way !== '');
    return told(`${level}. ${role}: ${ways.join(', ') || 'no name, no number'}`);
  });
  const none = told('Nobody is named. Write numbers here by hand:  ______________________________');
  return [{ style: 'heading', text: 'Call' }, ...(lines.length === 0 ? [none] : lines)];
}

function typing({ manifestFile }: CardFacts, { folder }: CardPlace): CardLine[] {
  const script = (name: string): string => quoted(join(folder, name));
  return [
    {
      style: 'heading',
      text: 'Type on this machine, as the owner of the application or with sudo',
    },
    { style: 'typed', text: `sh ${script('emergency_rollback.sh')} --confirm` },
    told('It calls Backstep, or goes back by itself without it. Cut short? Type the same again.'),
    { style: 'typed', text: `sh ${script('verify_rollback.sh')}` },
    told('It says what is right and what is not. Where Backstep is there, this tells more:'),
    { style: 'typed', text: `backstep status --manifest ${quoted(manifestFile)}` },
  ];
}

function happening({ state, pair }: CardFacts): CardLine[] {
  return [
    { style: 'heading', text: 'What it does' },
    told(`1. Checks the kit and the kept files of ${pair.from}. Until here nothing is touched.`),
    told('2. Stops the application and keeps it stopped.'),
    told(`3. Builds the state of ${pair.from} beside the live one, with what users did since.`),
    told(
      `4. Moves the live state aside, puts the built one and release ${pair.from} in its place.`,
    ),
    told('5. Starts the application and asks whether it is ready.'),
    told(
      'What was moved aside lies in hidden folders beside the live files. Their list, and the log:',
    ),
    { style: 'typed', text: join(state, 'emergency', pair.id) },
    { style: 'typed', text: `${join(state, 'journal')}   (where Backstep did it)` },
  ];
}

function forbidden({ pair, state }: CardFacts): CardLine[] {
  return [
    { style: 'heading', text: 'Do not' },
    told('- delete or edit what was moved aside: it is the only copy of the latest state.'),
    told('- copy a database file while the application runs, or without its -wal beside it.'),
    told(`- start ${pair.to} again by hand, or install over it; \`backstep return\` goes forward.`),
    told(`- touch ${state}.`),
  ];
}

function uncarried({ notes }: CardPlace): CardLine[] {
  const title: CardLine = { style: 'heading', text: 'Not carried where Backstep is not there' };
  const parked = 'Documents that the upgrade rewrote come back as they were before it.';
  const later = 'That is kept with the release that was left; `backstep return` brings it back.';
  return [title, ...[parked, ...notes.map((note) => `- ${note}`), later].map(told)];
}

function told(words: string): CardLine {
  return { style: 'text', text: words };
}

function day(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** Breaks at blanks, and within a word only where it is longer than a line: a path must be read in one piece. */
function wrapped({ style, text: whole }: CardLine): CardLine[] {
  const width = widths[style];
  const lines: string[] = [];
  let line = '';
  for (const word of pieces(whole.replaceAll(/[^\S ]+/g, ' '), width)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line !== '') {
      lines.push(style === 'typed' ? `${line} \\` : line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each) => ({ style, text: each }));
}

function pieces(whole: string, width: number): string[] {
  return whole
    .split(' ')
    .flatMap((word) =>
      word.length <= width ? [word] : (word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []),
    );
}
