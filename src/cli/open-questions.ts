import type { Choice, Decision, OpenQuestion } from '../law/place.ts';
import { formatPlace } from '../law/reversal/place-name.ts';
import type { DecisionsByAsset } from '../switch/decided.ts';
import { questionText } from '../switch/report/question-text.ts';
import type { AssetReport } from '../switch/report/report.ts';
import { askWhich, declined, type Asking, type Offer } from './terminal/ask.ts';

type Assets = Readonly<Record<string, Pick<AssetReport, 'questions'>>>;

/** What was not asked, what was done, and how it is answered otherwise; a line each. */
export function questionLines(assets: Assets): string[] {
  return asked(assets).map(({ asset, question }) => {
    const [, ...others] = question.choices;
    const place = formatPlace({ asset, place: question.place });
    const how =
      others.length === 0
        ? 'have the reversal file say what becomes of it'
        : `another answer: ${others.map((choice) => `--decide ${place}=${choice}`).join(', or ')}`;
    return `${questionText(asset, question)}: parked, as long as nobody says otherwise; ${how}`;
  });
}

/** Asks one question after another. Throws `interrupted`, and `switch/declined` where the answer is to stop. */
export async function askOpen(
  asking: Asking,
  assets: Assets,
  at: string,
): Promise<DecisionsByAsset> {
  const decisions: Record<string, Decision[]> = {};
  for (const { asset, question } of asked(assets)) {
    const evidence = questionText(asset, question);
    const choice = await askWhich(asking, `${evidence}. What becomes of it?`, offersFor(question));
    if (choice === 'stop') throw declined('the rollback');
    (decisions[asset] ??= []).push({ place: question.place, choice, by: 'operator', at, evidence });
  }
  return decisions;
}

function asked(assets: Assets): { readonly asset: string; readonly question: OpenQuestion }[] {
  return Object.entries(assets).flatMap(([asset, { questions }]) =>
    questions.map((question) => ({ asset, question })),
  );
}

const meanings: Readonly<Record<OpenQuestion['kind'], Readonly<Record<Choice, string>>>> = {
  damage: {
    park: 'harm done by the release: it stays as it was after the upgrade, what became of it is kept apart',
    'as-is': 'the work of users: carried',
    before: '',
  },
  lazy: { park: 'the new values are kept apart', 'as-is': '', before: '' },
  exposed: { park: 'they are shown, the marks are kept apart', 'as-is': '', before: '' },
  'new-rows': {
    park: 'kept apart, until `backstep return`',
    'as-is': 'carried, with what stands in this column',
    before: 'carried, with the old default in this column',
  },
};

function offersFor({ kind, choices }: OpenQuestion): Offer<Choice | 'stop'>[] {
  return [
    ...choices.map((value) => ({ value, label: value, hint: meanings[kind][value] })),
    {
      value: 'stop',
      label: 'stop',
      hint: 'no rollback now: write or mend the reversal file first',
    },
  ];
}
