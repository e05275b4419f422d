import { confirm, isCancel, select } from '@clack/prompts';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Terminal } from './terminal.ts';
import { visible } from './visible.ts';

/** Where a question is put, and what ends the waiting for its answer. */
export interface Asking {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export interface Offer<T extends string> {
  readonly value: T;
  readonly label: string;
  /** What it means, in a few words. */
  readonly hint: string;
}

/** Yes or no; Enter alone is no. Throws `interrupted` at Ctrl-C, Escape and a signal. */
export async function askYes(asking: Asking, message: string): Promise<boolean> {
  const answer = await confirm({
    ...optionsOf(asking),
    message: visible(message),
    initialValue: false,
  });
  if (isCancel(answer)) throw gaveUp();
  return answer;
}

/** One of several; the first is marked at the start. Throws `interrupted` as `askYes` does. */
export async function askWhich<T extends string>(
  asking: Asking,
  message: string,
  offers: readonly Offer<T>[],
): Promise<T> {
  const options: Offer<string>[] = offers.map(({ value, label, hint }) => ({
    value,
    label: visible(label),
    hint: visible(hint),
  }));
  const answer = await select<string>({
    ...optionsOf(asking),
    message: visible(message),
    options,
  });
  const chosen = offers.find(({ value }) => value === answer);
  if (isCancel(answer) || chosen === undefined) throw gaveUp();
  return chosen.value;
}

function optionsOf({ terminal, signal }: Asking): {
  input: Terminal['input'];
  output: Terminal['output'];
  signal: AbortSignal;
} {
  return { input: terminal.input, output: terminal.output, signal };
}

/** A person said no. */
export function declined(what: string): BackstepError {
  return new BackstepError('switch/declined', {
    message: `${what} was declined`,
    hint: 'nothing was changed',
  });
}

function gaveUp(): BackstepError {
  return new BackstepError('interrupted', {
    message: 'the question was left without an answer',
    hint: 'nothing was changed; run the command again',
  });
}
