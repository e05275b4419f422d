import { BackstepError } from '../../fault/backstep-error.ts';
import type { CarriedCount, Place } from '../place.ts';
import { changesBetween, countChanges } from './diff.ts';
import { readDocument } from './document.ts';
import { parsePath, placeOf, valueAt, withValueAt, type Path } from './path.ts';
import type { DocumentStates, RolledBackDocument } from './rollback.ts';
import type { Json } from './value.ts';
import { writeLike } from './write.ts';

export interface PartOfDocument {
  readonly name: string;
  readonly states: DocumentStates;
  /** As the reversal file writes them: `ui.theme`. */
  readonly paths: readonly string[];
}

/**
 * Of a document that was rolled back the named paths alone: everything else stays as it is now. What is parked, and what
 * is counted, is that of these paths. Throws `law/part` where neither release has a path, or it cannot be put in place.
 */
export function partOfDocument(
  rolledBack: RolledBackDocument,
  { name, states, paths }: PartOfDocument,
): RolledBackDocument {
  const { before, now } = states;
  if (rolledBack.bytes === null || now === null) {
    throw refused(name, 'is a file of one release alone', 'name the whole file');
  }
  const [old, latest] = [
    before === null ? undefined : readDocument(before, name).root,
    readDocument(now, name),
  ];
  const wanted = readDocument(rolledBack.bytes, name).root;
  const parsed = paths.map((text) => pathOf(name, text));
  let root: Json | undefined = latest.root;
  for (const path of parsed) root = placed(name, path, { root, wanted });
  if (root === undefined) throw refused(name, 'would be empty', 'name the whole file');
  const isTaken = (place: Place): boolean =>
    parsed.some((path) => isIn(place, placeOf(name, path)));
  return {
    ...rolledBack,
    bytes: writeLike(latest, root),
    outcome: {
      ...rolledBack.outcome,
      carried: sum(
        parsed.map((path) =>
          countChanges(changesBetween(valueAt(old, path), valueAt(wanted, path))),
        ),
      ),
      parked: rolledBack.outcome.parked.filter(({ what }) => isTaken(what)),
      decisions: rolledBack.outcome.decisions.filter(({ place }) => isTaken(place)),
    },
    parked: rolledBack.parked.filter(({ place }) => isTaken(place)),
    oneWay: rolledBack.oneWay.filter(isTaken),
    unproven: rolledBack.unproven.filter(isTaken),
  };
}

function pathOf(name: string, text: string): Path {
  const path = parsePath(text);
  if (path !== null) return path;
  throw refused(name, `has no ${text}: that is no path`, 'write it as `ui.theme`, or `["a.b"].c`');
}

function placed(
  name: string,
  path: Path,
  { root, wanted }: { readonly root: Json | undefined; readonly wanted: Json },
): Json | undefined {
  const value = valueAt(wanted, path);
  if (value === undefined && valueAt(root, path) === undefined) {
    throw refused(
      placeOf(name, path),
      'is there neither before the upgrade nor now',
      'see the file',
    );
  }
  const changed = withValueAt(root, path, value);
  if (changed !== null) return changed.root;
  throw refused(
    placeOf(name, path),
    'cannot be put where a value stands now',
    'name what is around it',
  );
}

/** True where a place lies within another, or is it. */
function isIn(place: Place, outer: Place): boolean {
  return place.startsWith(outer) && ['', '.', '[', '#'].includes(place.charAt(outer.length));
}

function sum(counts: readonly CarriedCount[]): CarriedCount {
  const total = (what: keyof CarriedCount): number =>
    counts.reduce((all, count) => all + count[what], 0);
  return { inserted: total('inserted'), updated: total('updated'), deleted: total('deleted') };
}

function refused(what: string, why: string, hint: string): BackstepError {
  return new BackstepError('law/part', { message: `${what} ${why}`, hint });
}
