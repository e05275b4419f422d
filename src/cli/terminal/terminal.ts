import type { CommonOptions } from '@clack/prompts';

/** A terminal with a person at it: keys are read from one end, questions are drawn at the other. */
export interface Terminal {
  readonly input: NonNullable<CommonOptions['input']>;
  readonly output: NonNullable<CommonOptions['output']>;
}
