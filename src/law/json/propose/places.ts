import { formatPath, type Path } from '../path.ts';
import { isObject, isSame, type Json, type JsonObject } from '../value.ts';

/** One value of a document, at any depth. */
export interface Node {
  readonly path: Path;
  readonly value: Json;
  /** Equal for equal values. */
  readonly identity: string;
}

/** The two states of a document by their places; keys are paths as texts. */
export interface Places {
  /** What the old document had and the new one has not, or has as another kind of thing. */
  readonly vacated: ReadonlyMap<string, Node>;
  /** The same the other way round. */
  readonly appeared: ReadonlyMap<string, Node>;
  /** Every place of the old and of the new document that holds a value. */
  readonly oldHolders: ReadonlyMap<string, ReadonlySet<string>>;
  readonly newHolders: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Every place of both states of a document. */
export function placesOf(before: JsonObject, after: JsonObject): Places {
  const [old, latest] = [nodesOf(before), nodesOf(after)];
  const vacated = keysWithin(partedNodes(before, after));
  const appeared = keysWithin(partedNodes(after, before));
  const nodesIn = (nodes: readonly Node[], among: ReadonlySet<string>): Map<string, Node> =>
    new Map(
      nodes.flatMap((node) => {
        const key = formatPath(node.path);
        return among.has(key) ? [[key, node] as const] : [];
      }),
    );
  return {
    vacated: nodesIn(old, vacated),
    appeared: nodesIn(latest, appeared),
    oldHolders: holdersAmong(old),
    newHolders: holdersAmong(latest),
  };
}

function holdersAmong(nodes: readonly Node[]): Map<string, Set<string>> {
  const holders = new Map<string, Set<string>>();
  for (const { identity, path } of nodes) {
    const known = holders.get(identity) ?? new Set();
    holders.set(identity, known.add(formatPath(path)));
  }
  return holders;
}

function keysWithin(tops: readonly Omit<Node, 'identity'>[]): Set<string> {
  const below = ({ path, value }: Omit<Node, 'identity'>): string[] => [
    formatPath(path),
    ...(isObject(value)
      ? [...value.members].flatMap(([key, member]) =>
          below({ path: [...path, key], value: member }),
        )
      : []),
  ];
  return new Set(tops.flatMap(below));
}

/** What `from` has where `to` has nothing, or an object where the other has none; the topmost of each. */
function partedNodes(from: JsonObject, to: JsonObject, path: Path = []): Omit<Node, 'identity'>[] {
  return [...from.members].flatMap(([key, value]) => {
    const here = [...path, key];
    const other = to.members.get(key);
    if (isObject(value) && isObject(other)) return partedNodes(value, other, here);
    const isParted = other === undefined || isObject(value) !== isObject(other);
    return isParted ? [{ path: here, value }] : [];
  });
}

/** Every value below the root, outermost first. */
function nodesOf(root: JsonObject): Node[] {
  const nodes: Node[] = [];
  const visit = (value: Json, path: Path): string => {
    if (!isObject(value)) {
      const identity = identityOf(value);
      if (path.length > 0) nodes.push({ path, value, identity });
      return identity;
    }
    const at = nodes.length;
    const isInside = path.length > 0;
    if (isInside) nodes.push({ path, value, identity: '' });
    const members = [...value.members]
      .map(([key, member]) => `${JSON.stringify(key)}:${visit(member, [...path, key])}`)
      .toSorted();
    const identity = `{${members.join(',')}}`;
    if (isInside) nodes[at] = { path, value, identity };
    return identity;
  };
  visit(root, []);
  return nodes;
}

function identityOf(value: Json): string {
  if (value.kind === 'null') return 'null';
  if (value.kind === 'number') return value.text;
  if (value.kind === 'array') return `[${value.items.map(identityOf).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value.value);
  const members = [...value.members].map(
    ([key, member]) => `${JSON.stringify(key)}:${identityOf(member)}`,
  );
  return `{${members.toSorted().join(',')}}`;
}

/** True where all that `part` holds stands in `whole` under the same names. */
export function holds(whole: Json | undefined, part: Json): boolean {
  if (!isObject(part) || !isObject(whole)) return isSame(whole, part);
  return [...part.members].every(([key, member]) => holds(whole.members.get(key), member));
}
