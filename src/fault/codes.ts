/** How a failure of one kind ends the process and whether trying again can help. */
export interface CodeEntry {
  readonly exitCode: ExitCode;
  readonly retryable: boolean;
  /** One line for `docs/errors.md`. */
  readonly text: string;
}

/**
 * 0 done and verified · 2 usage · 3 refused, nothing touched · 4 undone or abandoned, the application
 * runs as before · 5 inconsistent · 6 waits for approval · 7 a check failed · 130 interrupted.
 */
export type ExitCode = 0 | 2 | 3 | 4 | 5 | 6 | 7 | 130;

/** Every code that Backstep can end with; `docs/errors.md` is made from this table. */
export const codes = {
  'disk/full': {
    exitCode: 4,
    retryable: true,
    text: 'the disk has no room for what must be written',
  },
  interrupted: { exitCode: 130, retryable: true, text: 'a signal ended the command' },
} satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof codes;
