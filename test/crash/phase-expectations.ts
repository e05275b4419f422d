import type { Phase } from '../../src/switch/phases.ts';
import type { NotesApplication } from './notes-application.ts';
import { manifestText } from './notes-releases.ts';

/** What one trial comes to: the journal line by line, whose state the application has, and the exit code. */
export interface Expectation {
  readonly states: readonly string[];
  readonly end: 'before' | 'after' | 'undone';
  readonly exitCode: number;
}

/** What a machine may refuse an act with. */
export const refusals = ['EIO', 'ENOSPC', 'EACCES', 'EROFS', 'EMFILE'] as const;

/** How a phase is made to hang, and what comes of it; or why nothing in it can. */
export type Hang =
  | {
      readonly kind: 'hangs';
      readonly spoil: (app: NotesApplication, port: number | null) => void;
      readonly comesTo: Expectation;
    }
  | { readonly kind: 'cannot'; readonly why: string };

const inOrder = [
  'preflight',
  'quiesce',
  'capture',
  'stage',
  'displace',
  'commit',
  'place',
  'start',
  'verify',
  'settle',
] as const;

/** Up to a phase that was begun. */
function upTo(phase: Phase): string[] {
  const done = inOrder.slice(0, inOrder.indexOf(phase));
  return [...through(...done), `begun ${phase}`];
}

function through(...done: readonly Phase[]): string[] {
  return done.flatMap((phase) => [`begun ${phase}`, `done ${phase}`]);
}

/** Nothing live was touched. */
function abandoned(states: readonly string[], exitCode: number): Expectation {
  return { states: [...states, 'ended abandoned'], end: 'before', exitCode };
}

/** The renames were taken back. */
function renamedBack(states: readonly string[]): Expectation {
  return { states: [...states, 'undoing', 'ended undone'], end: 'before', exitCode: 4 };
}

/** The target was in its place and not sound: the opposite switch took it back. */
function takenBack(states: readonly string[]): Expectation {
  return { states: [...states, 'taking-back', 'ended undone'], end: 'undone', exitCode: 4 };
}

function finished(states: readonly string[]): Expectation {
  return { states: [...states, 'ended rolled-back'], end: 'after', exitCode: 0 };
}

const sleeping = ['-e', 'setTimeout(Boolean, 1e9)'];

/** An operator's own command that never ends, at one point. */
function hangingHook(point: string): Extract<Hang, { kind: 'hangs' }>['spoil'] {
  return (app, port) => {
    const run = JSON.stringify(['{node}', ...sleeping]);
    app.write(
      'backstep.yaml',
      manifestText({ port, more: `hooks: { ${point}: { run: ${run}, timeout: 1s } }` }),
    );
  };
}

const ownDisk: Hang = {
  kind: 'cannot',
  why: 'it reads and writes its own disk, and waits for no other program',
};

const renamesOnly: Hang = { kind: 'cannot', why: 'it renames and syncs, and nothing else' };

interface Expected {
  readonly killed: Expectation;
  readonly error: Expectation;
  readonly hang: Hang;
}

/** One entry a phase; a phase without one does not compile. */
export const expectations: Readonly<Record<Phase, Expected>> = {
  preflight: {
    killed: abandoned(upTo('preflight'), 4),
    error: abandoned([...upTo('preflight'), 'failed preflight'], 4),
    hang: {
      kind: 'hangs',
      spoil: hangingHook('before-stop'),
      comesTo: abandoned([...upTo('preflight'), 'failed preflight'], 3),
    },
  },
  quiesce: {
    killed: abandoned(upTo('quiesce'), 4),
    error: abandoned([...upTo('quiesce'), 'failed quiesce'], 4),
    hang: {
      kind: 'hangs',
      // It is ended by force after its stop timeout, and the run goes on.
      spoil: (app) => app.write('stubborn', ''),
      comesTo: finished([...through(...inOrder)]),
    },
  },
  capture: {
    killed: abandoned(upTo('capture'), 4),
    error: abandoned([...upTo('capture'), 'failed capture'], 4),
    hang: ownDisk,
  },
  stage: {
    killed: abandoned(upTo('stage'), 4),
    error: abandoned([...upTo('stage'), 'failed stage'], 4),
    hang: {
      kind: 'hangs',
      spoil: hangingHook('before-commit'),
      comesTo: abandoned([...upTo('stage'), 'failed stage'], 3),
    },
  },
  displace: {
    killed: renamedBack(upTo('displace')),
    error: renamedBack([...upTo('displace'), 'failed displace']),
    hang: renamesOnly,
  },
  commit: {
    killed: finished([...upTo('commit'), ...through('place', 'start', 'verify', 'settle')]),
    error: renamedBack([...upTo('commit'), 'failed commit']),
    hang: { kind: 'cannot', why: 'it is one line of the journal' },
  },
  place: {
    killed: finished([...upTo('place'), ...through('place', 'start', 'verify', 'settle')]),
    error: renamedBack([...upTo('place'), 'failed place']),
    hang: renamesOnly,
  },
  start: {
    killed: finished([...upTo('start'), ...through('start', 'verify', 'settle')]),
    error: takenBack([...upTo('start'), 'failed start']),
    hang: {
      kind: 'hangs',
      spoil: (app, port) => {
        app.write('deaf-1.0.0', '');
        app.write('backstep.yaml', manifestText({ port, within: '15s' }));
      },
      comesTo: takenBack([...upTo('start'), 'failed start']),
    },
  },
  verify: {
    killed: finished([...upTo('verify'), ...through('start', 'verify', 'settle')]),
    error: takenBack([...upTo('verify'), 'failed verify']),
    hang: {
      kind: 'hangs',
      // After the commit record an operator's command can only warn.
      spoil: hangingHook('after-verify'),
      comesTo: finished([...through(...inOrder)]),
    },
  },
  settle: {
    killed: finished([...upTo('settle'), ...through('start', 'verify', 'settle')]),
    error: finished([...upTo('settle'), 'failed settle', ...through('start', 'verify', 'settle')]),
    hang: {
      kind: 'hangs',
      spoil: hangingHook('after-settle'),
      comesTo: finished([...through(...inOrder)]),
    },
  },
};
