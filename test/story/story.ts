/** Stories as data: releases, what users do, where the application is led; fast-check makes them smaller. */
import { awkwardKeys } from '../../src/law/json/arbitrary.ts';
import { fc } from '../chance.ts';

/** What is drawn is a number; which table or row that is shows when it is told, by what there is then. */
export interface Draw {
  readonly table: number;
  readonly column: number;
}

export interface TreeAct {
  readonly what: 'write' | 'move' | 'delete' | 'add';
  readonly at: number;
  readonly path: string;
  readonly text: string;
}

/** One change of an upgrade. */
export type Change =
  | ({ readonly what: 'add' | 'drop' | 'rename' | 'rewrite' | 'index' | 'drop-table' } & Draw)
  | ({ readonly what: 'table' | 'row' } & Draw)
  | ({ readonly what: 'words'; readonly isTold: boolean } & Draw)
  | {
      readonly what: 'document';
      readonly at: number;
      readonly key: string;
      readonly put: string | null;
    }
  | { readonly what: 'tree'; readonly act: TreeAct };

/** One thing that a user does. */
export type Edit =
  | ({
      readonly on: 'rows';
      readonly what: 'insert' | 'update' | 'delete';
      readonly row: number;
      readonly value: number;
    } & Draw)
  | {
      readonly on: 'document';
      readonly what: 'put' | 'delete';
      readonly at: number;
      readonly key: string;
      readonly form: number;
    }
  | {
      readonly on: 'tree';
      readonly what: 'write' | 'move' | 'delete';
      readonly at: number;
      readonly path: string;
    };

/** A switch, chosen among those that are possible then, and what users do after it. */
export interface Step {
  readonly move: number;
  readonly edits: readonly Edit[];
}

export interface Story {
  /** What there is before the first upgrade. */
  readonly beginning: readonly Edit[];
  /** Upgrades, and what users do after each. */
  readonly upgrades: readonly {
    readonly changes: readonly Change[];
    readonly edits: readonly Edit[];
  }[];
  readonly steps: readonly Step[];
}

const draw = fc.nat(30);
const path = fc
  .array(fc.constantFrom('a', 'b', 'c', 'A', 'd.txt', 'é', ' x'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const key = fc.constantFrom(...awkwardKeys.filter((each) => !each.includes('\ud800')));

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      what: fc.constantFrom(
        'add',
        'drop',
        'rename',
        'rewrite',
        'index',
        'drop-table',
        'table',
        'row',
      ),
      table: draw,
      column: draw,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('words'),
      isTold: fc.boolean(),
      table: draw,
      column: draw,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('document'),
      at: draw,
      key,
      put: fc.constantFrom('null', '1.0', '"new"', '{"a":1,"b":{}}', '[1,2]', null),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('tree'),
      act: fc.record({
        what: fc.constantFrom('write', 'move', 'delete', 'add'),
        at: draw,
        path,
        text: fc.constantFrom('', 'by the upgrade\n', 'x'),
      }),
    }),
  },
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      on: fc.constant('rows'),
      what: fc.constantFrom('insert', 'insert', 'update', 'update', 'update', 'delete'),
      table: draw,
      row: draw,
      column: draw,
      value: draw,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      on: fc.constant('document'),
      what: fc.constantFrom('put', 'put', 'put', 'delete'),
      at: draw,
      key,
      form: draw,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      on: fc.constant('tree'),
      what: fc.constantFrom('write', 'write', 'move', 'delete'),
      at: draw,
      path,
    }),
  },
);

/** Nothing at all as well: then a switch back is the identity. */
const edits = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 4, arbitrary: fc.array(edit, { maxLength: 8, size: 'max' }) },
);

/** Switches follow the upgrades: at most so many, at least `atLeast`. */
export function stories(steps: number, atLeast = 1): fc.Arbitrary<Story> {
  return fc.record({
    beginning: fc.array(edit, { minLength: 4, maxLength: 24, size: 'max' }),
    upgrades: fc.array(
      fc.record({ changes: fc.array(change, { maxLength: 6, size: 'max' }), edits }),
      { minLength: 2, maxLength: 3 },
    ),
    steps: fc.array(fc.record({ move: draw, edits }), {
      minLength: atLeast,
      maxLength: steps,
      size: 'max',
    }),
  });
}
