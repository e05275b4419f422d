import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Scalar,
} from 'yaml';
import type { Path } from './problem.ts';

/** Where one value was written. */
export interface Entry {
  readonly keyOffset: number;
  readonly valueOffset: number;
  readonly source: string | null;
}

export interface Complaint {
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
}

export interface Nodes {
  readonly value: unknown;
  /** By `JSON.stringify(path)`. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly complaints: readonly Complaint[];
}

const valueLimit = 20_000;
const depthLimit = 64;

/**
 * Turns the parser's tree into plain data. Aliases are followed, each use counting anew, so that
 * nested aliases reach the limit on values instead of filling the memory.
 */
export function readNodes(document: Document.Parsed): Nodes {
  const reader = new NodeReader();
  const value = reader.read(document.contents, [], 0);
  return { value, entries: reader.entries, complaints: reader.complaints };
}

class NodeReader {
  readonly entries = new Map<string, Entry>();
  readonly complaints: Complaint[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #valueCount = 0;

  read(node: Node | null, path: Path, keyOffset: number): unknown {
    const offset = node?.range?.[0] ?? keyOffset;
    const source = isScalar(node) ? sourceOf(node) : null;
    this.entries.set(JSON.stringify(path), { keyOffset, valueOffset: offset, source });
    if (node === null || !this.#hasRoom(path, offset)) return null;
    if (isAlias(node)) return this.#readAlias(node.source, path, offset);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#readScalar(node, path, offset);
    this.#open.add(node);
    const value = isMap(node)
      ? this.#readMap(node.items, path, offset)
      : this.#readList(isSeq(node) ? node.items : [], path, offset);
    this.#open.delete(node);
    return value;
  }

  #readList(items: readonly unknown[], path: Path, offset: number): unknown[] {
    return items.map((item, index) => this.read(asNode(item), [...path, index], offset));
  }

  #readMap(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    path: Path,
    offset: number,
  ): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const item of items) {
      const keyNode = asNode(item.key);
      const keyOffset = keyNode?.range?.[0] ?? offset;
      const key = isScalar(keyNode) ? keyText(keyNode) : null;
      if (key === null || key === '__proto__') {
        this.#complain({
          offset: keyOffset,
          path,
          message: 'a key must be a plain word',
          hint: 'write `word: value`',
        });
      } else if (key === '<<') {
        const hint = 'merge keys are of YAML 1.1; write the keys out';
        this.#complain({ offset: keyOffset, path, message: '`<<` does not merge here', hint });
      } else {
        value[key] = this.read(asNode(item.value), [...path, key], keyOffset);
      }
    }
    return value;
  }

  #readAlias(name: string, path: Path, offset: number): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined || this.#open.has(target)) {
      const message = target ? `&${name} contains itself` : `no anchor is called &${name}`;
      this.#complain({ offset, path, message, hint: 'write the value out' });
      return null;
    }
    return this.read(target, path, offset);
  }

  #readScalar(node: Scalar, path: Path, offset: number): unknown {
    const { value } = node;
    const source = sourceOf(node);
    const isPlain = node.type === undefined || node.type === 'PLAIN';
    if (isPlain && typeof value === 'number' && /^[-+]?0[0-9o]/.test(source)) {
      const hint = `write ${value} for the number, '${source}' for the text`;
      this.#complain({ offset, path, message: `\`${source}\` can be read in two ways`, hint });
    }
    if (typeof value === 'string' && value.includes('\0')) {
      this.#complain({ offset, path, message: 'the text holds a NUL byte', hint: 'remove `\\0`' });
    }
    return typeof value === 'bigint' ? Number(value) : value;
  }

  /** Complains once and answers false from the value on that goes over a limit. */
  #hasRoom(path: Path, offset: number): boolean {
    if (path.length > depthLimit) {
      this.#complain({
        offset,
        path: path.slice(0, 3),
        message: 'nested too deeply',
        hint: `at most ${depthLimit} levels`,
      });
      return false;
    }
    this.#valueCount += 1;
    if (this.#valueCount === valueLimit + 1) {
      const hint = 'aliases count at each use; write a smaller file';
      this.#complain({
        offset,
        path: path.slice(0, 3),
        message: `more than ${valueLimit} values`,
        hint,
      });
    }
    return this.#valueCount <= valueLimit;
  }

  #complain(complaint: Complaint): void {
    this.complaints.push(complaint);
  }
}

function asNode(item: unknown): Node | null {
  return isNode(item) ? item : null;
}

/** The scalar's letters as they stand in the file. */
function sourceOf(node: Scalar): string {
  return node.source ?? String(node.value);
}

/** A key as text: `404: x` is the key '404'. Null for a mapping, a list, an alias or nothing. */
function keyText(node: Scalar): string | null {
  if (typeof node.value === 'string') return node.value;
  return node.value === null ? null : sourceOf(node);
}
