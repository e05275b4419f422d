import { BackstepError } from '../fault/backstep-error.ts';
import type { Ground } from '../switch/ground.ts';
import { refuseInterrupted } from './interrupted.ts';
import {
  isProven,
  unattendedAnswer,
  type Answer,
  type Answers,
  type DecideUpgrade,
  type Question,
  type UpgradeSurvey,
} from '../switch/survey-upgrade.ts';
import {
  tryUpgrade,
  type UpgradeTrial,
  type UpgradeTrialRequest,
} from '../switch/trial/trial-upgrade.ts';
import { alone } from './alone.ts';
import type { Call } from './context.ts';
import { duration } from './output.ts';
import { trialOptions } from './run-events.ts';
import { askingOf } from './running.ts';
import { mapText, questionLine, surveyLines } from './survey-lines.ts';
import { askWhich, askYes, declined, type Asking, type Offer } from './terminal/ask.ts';

/** What an upgrade would do, found on a copy while the application runs. */
export async function surveyFirst(
  call: Call,
  ground: Ground,
  request: UpgradeTrialRequest,
): Promise<UpgradeTrial> {
  return alone(call, ground, {
    purpose: `plan of an upgrade to ${request.to}`,
    work: () => {
      refuseInterrupted(ground);
      return tryUpgrade(ground, request, trialOptions(call));
    },
  });
}

/**
 * Shows the survey and asks what nothing decides yet, then whether to go on. Throws `usage` with the questions where
 * nobody can be asked, `interrupted`, and `switch/declined`.
 */
export async function askBefore(
  call: Call,
  ground: Ground,
  request: UpgradeTrialRequest,
): Promise<Answers> {
  const asking = askingOf(call);
  const trial = await surveyFirst(call, ground, request);
  if (asking === null) throw unanswered(trial);
  call.output.say([...surveyLines(trial), '']);
  const answers = await askAll(asking, trial.questions);
  const downtime =
    trial.estimate === null ? '' : `, for about ${duration(trial.estimate.downtimeMs)}`;
  const message = `Upgrade from ${trial.from} to ${trial.to}? The application is stopped meanwhile${downtime}.`;
  if (!(await askYes(asking, message))) throw declined('the upgrade');
  return answers;
}

/** Answers the questions of the run itself: as before, and what is new is asked where somebody is there. */
export function decider(call: Call, before: Answers | null): DecideUpgrade {
  return async (survey) => {
    if (before === null) {
      tellSurvey(call, survey);
      return new Map();
    }
    const fresh = survey.questions.filter(({ place }) => !before.has(place));
    const asking = askingOf(call);
    if (fresh.length === 0 || asking === null) return before;
    call.output.say([
      ...surveyLines({ ...survey, questions: fresh }),
      'This was not there when you were asked before. The application is stopped until you answer; Ctrl-C takes the upgrade back.',
    ]);
    return new Map([...before, ...(await askAll(asking, fresh))]);
  };
}

/** Where nobody is asked: what was found, and what is done about it. */
function tellSurvey({ output }: Call, survey: UpgradeSurvey): void {
  output.say(surveyLines(survey));
  for (const question of survey.questions) {
    const answer = unattendedAnswer(question, true);
    const measured = `${questionLine(question)}: ${answer === 'map' ? (mapText(question) ?? '') : answer}`;
    const check = { row: '', name: question.place, status: 'warning', measured };
    output.event({ type: 'check', run: null, ...check }, `taken: ${question.place}: ${answer}`);
  }
}

async function askAll(asking: Asking, questions: readonly Question[]): Promise<Answers> {
  const answers = new Map<string, Answer>();
  for (const question of questions) {
    const message = `${questionLine(question)}. What becomes of changes there, in a rollback?`;
    answers.set(question.place, await askWhich(asking, message, offersFor(question)));
  }
  return answers;
}

/** What the data proves stands first; a guess never does. */
function offersFor(question: Question): Offer<Answer>[] {
  const map = mapText(question);
  const park: Offer<Answer> = {
    value: 'park',
    label: 'park',
    hint: 'the old value stays, the new one is kept apart',
  };
  const isSure = isProven(question);
  const hint = isSure ? 'as every value shows' : 'a guess: only if you know it to be so';
  const taken: Offer<Answer>[] = map === null ? [] : [{ value: 'map', label: `map ${map}`, hint }];
  const first = isSure ? [...taken, park] : [park, ...taken];
  // What the new release has elsewhere or not at all is carried by no other choice.
  if (question.proposal?.kind === 'moved') return first;
  return [
    ...first,
    { value: 'as-is', label: 'as-is', hint: 'carried untouched' },
    {
      value: 'before',
      label: 'before',
      hint: 'as park, but new rows are carried with the default',
    },
  ];
}

function unanswered({ to, questions }: UpgradeTrial): BackstepError {
  const asked = questions.map((question) => {
    const map = mapText(question);
    const how = isProven(question) ? 'proposed' : 'a guess';
    return `\n  ${questionLine(question)}${map === null ? '' : `; ${how}: ${map}`}`;
  });
  const what = asked.length === 0 ? 'no question is open' : `open questions:${asked.join('')}`;
  const [first] = questions;
  const decide = first === undefined ? '' : ` (and --decide ${first.place}=park, say)`;
  return new BackstepError('usage', {
    message: `the upgrade to ${to} was not confirmed, and there is no terminal to ask at; ${what}`,
    hint: `add --yes${decide}: it takes what the data proves, and parks the rest`,
  });
}
