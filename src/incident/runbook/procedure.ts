/**
 * A rollback by hand, with a team: four phases, eight steps. An item is done by the machine, which shows its
 * evidence, or ticked by a named person. Ids are those of the manual's lines.
 */
export interface Procedure {
  readonly phases: readonly Phase[];
}

export interface Phase {
  readonly title: string;
  /** How long it usually takes: at least, at most. */
  readonly minutes: readonly [number, number];
  readonly steps: readonly Step[];
}

export interface Step {
  readonly number: number;
  readonly title: string;
  readonly items: readonly Item[];
}

export interface Item {
  readonly id: string;
  /** What is to be done, for the one who does it. */
  readonly text: string;
  /** What the machine can do of it; null where a person has to. */
  readonly machine: MachineAct | null;
}

/** What the machine does or looks at; who composes the program says how. */
export const machineActs = [
  'reason',
  'extent',
  'class',
  'stopped',
  'snapshot',
  'snapshot-sound',
  'snapshot-place',
  'snapshot-restored',
  'install-folder',
  'switch',
  'release-whole',
  'documents',
  'other-assets',
  'service-files',
  'service-commands',
  'service-restart',
  'safety-snapshot',
  'carried',
  'reconciled',
  'databases-merged',
  'integrity',
  'database-path',
  'database-read',
] as const;
export type MachineAct = (typeof machineActs)[number];

type Written = readonly [id: string, text: string, machine: MachineAct | null];

function step(number: number, title: string, items: readonly Written[]): Step {
  return { number, title, items: items.map(([id, text, machine]) => ({ id, text, machine })) };
}

const preparation: Phase = {
  title: 'Prepare',
  minutes: [5, 10],
  steps: [
    step(1, 'Assess and write down', [
      [
        '5.1.P1-2',
        'What is wrong, and why going back is the answer, stands in the record',
        'reason',
      ],
      ['5.1.P1-3', 'Which parts and whose data are concerned', 'extent'],
      ['5.1.P1-4', 'How hard the rollback is, and how long it may take', 'class'],
      ['5.1.P1-5', 'Everybody concerned knows that it is about to begin', null],
      ['5.1.P1-6', 'The team is together, and each knows their part', null],
    ]),
    step(2, 'Secure the state as it is', [
      ['5.1.P1-8', 'No process of the application runs', 'stopped'],
      ['5.1.P1-9', 'A snapshot of every asset is taken', 'snapshot'],
      ['5.1.P1-10', 'The snapshot’s bytes were read back and are whole', 'snapshot-sound'],
      ['5.1.P1-11', 'Where the snapshot lies, and since when, is written down', 'snapshot-place'],
      [
        '5.1.P1-12',
        'The snapshot was restored into an empty folder, as a trial',
        'snapshot-restored',
      ],
    ]),
  ],
};

const program: Phase = {
  title: 'The program',
  minutes: [15, 30],
  steps: [
    step(3, 'Bring the old release back', [
      ['5.1.P2-2', 'Where the program is installed', 'install-folder'],
      ['5.1.P2-3', 'Still no process of the application runs', 'stopped'],
      ['5.1.P2-4', 'The switch: the old release and its state are in their places', 'switch'],
      ['5.1.P2-5', 'Its configuration is what it was, with what users changed', 'documents'],
      ['5.1.P2-6', 'Shortcuts and what no file holds are as they were', 'other-assets'],
    ]),
    step(4, 'The service', [
      ['5.1.P2-8', 'The service’s own files are those of the old release', 'service-files'],
      ['5.1.P2-9', 'Every file of the old release is there and unchanged', 'release-whole'],
      [
        '5.1.P2-10',
        'The command lines that start and stop it are the intended ones',
        'service-commands',
      ],
      ['5.1.P2-11', 'It was stopped and started once, and answered', 'service-restart'],
      ['5.1.P2-12', 'Firewall and access rules fit the old release', null],
    ]),
  ],
};

const data: Phase = {
  title: 'Data and configuration',
  minutes: [20, 45],
  steps: [
    step(5, 'What users did', [
      ['5.1.P3-2', 'What users had before the switch is in the safety snapshot', 'safety-snapshot'],
      ['5.1.P3-3', 'Preferences have the form that the old release reads', 'documents'],
      [
        '5.1.P3-4',
        'Settings made under the new release were carried, or are parked and listed',
        'carried',
      ],
      ['5.1.P3-5', 'Every change since the upgrade is accounted for', 'reconciled'],
      ['5.1.P3-6', 'A user signs in and finds their own data', null],
    ]),
    step(6, 'The database', [
      [
        '5.1.P3-8',
        'The database as it was before the switch is in the safety snapshot',
        'safety-snapshot',
      ],
      [
        '5.1.P3-9',
        'The database has the old release’s schema, with the rows written since',
        'databases-merged',
      ],
      ['5.1.P3-10', 'Its integrity and its foreign keys were checked', 'integrity'],
      ['5.1.P3-11', 'The application reads the database that was checked', 'database-path'],
      ['5.1.P3-12', 'It can be opened and read, in a time that is measured', 'database-read'],
    ]),
  ],
};

const integration: Phase = {
  title: 'What it works with',
  minutes: [15, 25],
  steps: [
    step(7, 'Platforms', [
      ['5.1.P4-2', 'The old release’s way to YouTube is the one in use', 'release-whole'],
      ['5.1.P4-3', 'The old release’s way to TikTok is the one in use', 'release-whole'],
      ['5.1.P4-4', 'Addresses and sign-ins of the platforms are valid', null],
      [
        '5.1.P4-5',
        'The settings of each platform are what they were, with what users changed',
        'documents',
      ],
      ['5.1.P4-6', 'One download from each platform came through', null],
    ]),
    step(8, 'What users see', [
      ['5.1.P4-8', 'The page is the old release’s', 'release-whole'],
      [
        '5.1.P4-9',
        'Themes and styles are the old release’s; users’ own are carried or parked',
        'carried',
      ],
      ['5.1.P4-10', 'The components of the page are the old release’s', 'release-whole'],
      ['5.1.P4-11', 'Each language shows its own words', null],
      ['5.1.P4-12', 'The page answers quickly, from the keyboard as well', null],
    ]),
  ],
};

export const rollbackProcedure: Procedure = {
  phases: [preparation, program, data, integration],
};

/** Every item, in order. */
export function itemsOf(procedure: Procedure): readonly Item[] {
  return procedure.phases.flatMap(({ steps }) => steps.flatMap(({ items }) => items));
}
