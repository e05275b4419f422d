import type { Table } from '../../sqlite/schema.ts';
import { spellingOf } from '../../sqlite/spelling.ts';
import { raiseViews, type Bench } from './bench.ts';
import { pagesOf, readShapes, type BenchConnection } from './connection.ts';
import { splitViewsOf } from './lens/split.ts';
import { requireAlone, termsOfPart } from './part/part.ts';
import { requireShapeOfOrigin } from './run-time-shape.ts';
import { spelledTerms } from './spelled-terms.ts';
import type { BroughtFiles, MergeFiles, MergeTerms } from './terms.ts';
import { refuseVirtualTables, viewsOf, type View, type ViewRequest } from './view.ts';

/** A merge under way: its connections and what they work on. */
export interface OpenMerge {
  readonly connection: BenchConnection;
  readonly bench: Bench;
  /** Of the part that is merged. */
  readonly terms: MergeTerms;
  /** Tables of the wanted shape that the other one lacks. */
  readonly unseen: readonly Table[];
  /** Tables that are never merged. */
  readonly skipped: ReadonlySet<string>;
}

export interface Opening {
  readonly terms: MergeTerms;
  /** Without a journal a change that is refused cannot be taken back, and everything else is faster. */
  readonly hasJournal: boolean;
}

/**
 * Reads the shapes of the attached states and raises the views through which they are merged. Throws
 * `law/unsupported-shape`, `law/lens`.
 */
export function openMerge(
  connection: BenchConnection,
  files: MergeFiles | BroughtFiles,
  { terms: whole, hasJournal }: Opening,
): OpenMerge {
  const { db } = connection;
  const shapes = readShapes(db);
  const spelling = spellingOf(shapes.base, shapes.origin, shapes.latest);
  const terms = termsOfPart(spelledTerms(whole, spelling), shapes);
  requireShapeOfOrigin(shapes, terms);
  const skipped = new Set(terms.bookkeeping);
  refuseVirtualTables(shapes.base, new Set([...skipped, ...Object.keys(terms.rebuild)]));
  const request: ViewRequest = {
    db,
    direction: terms.direction,
    wanted: shapes.base,
    other: shapes.origin,
    wantedSchema: 'base',
    otherSchema: 'origin',
    lenses: terms.lenses,
    skipped,
  };
  const { views: seen, loose, unseen } = viewsOf(request);
  const views: readonly View[] = [...seen, ...splitViewsOf(request)];
  requireAlone(connection.plain, [...views, ...loose], { terms, latest: shapes.latest });
  const bench: Bench = {
    db,
    pages: pagesOf(files, terms),
    hasJournal,
    stored: new Map(),
    rows: { told: () => {} },
    confined: null,
    direction: terms.direction,
    ...shapes,
    views,
    loose,
  };
  raiseViews(bench);
  return { connection, bench, terms, unseen, skipped };
}
