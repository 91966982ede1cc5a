/*
 * The fields that patterns name, as a tree of their names: what a scanner must look for in an event, and by what
 * omission it may skip the rest. A name with dots is as many names, as on AWS.
 */
import { ByteTable, HASH_START, hashWith } from './byte-table.ts';

const DOT = 0x2e;

/** A place in the tree; `T` is what is kept of a field, where a pattern names one here. */
export class PathNode<T> {
  readonly name: Buffer;
  readonly parent: PathNode<T> | undefined;
  children: ByteTable<PathNode<T>> | undefined;
  field: T | undefined;

  constructor(name = '', parent?: PathNode<T>) {
    this.name = Buffer.from(name);
    this.parent = parent;
  }

  /** The node at the end of a path from this one, which is made where it is not there yet. */
  make(path: string): PathNode<T> {
    return path.split('.').reduce<PathNode<T>>((node, name) => node.#makeChild(name), this);
  }

  #makeChild(name: string): PathNode<T> {
    this.children ??= new ByteTable();
    const there = this.children.find(Buffer.from(name));
    if (there) return there;
    const child = new PathNode<T>(name, this);
    this.children.add(child.name, child);
    return child;
  }

  /** Takes this node out of the tree, and those above it, as far as they lead nowhere any more. */
  prune(): void {
    if (this.field || this.children || !this.parent) return;
    const siblings = this.parent.children!;
    siblings.delete(this.name);
    if (siblings.size === 0) this.parent.children = undefined;
    this.parent.prune();
  }

  /** The node that a key with dots leads to. */
  walk(bytes: Uint8Array, start: number, end: number): PathNode<T> | undefined {
    let node: PathNode<T> | undefined = this;
    let hash = HASH_START;
    let from = start;
    for (let at = start; node && at < end; at++) {
      const byte = bytes[at]!;
      if (byte !== DOT) {
        hash = hashWith(hash, byte);
        continue;
      }
      node = node.children?.get(hash, bytes, from, at);
      hash = HASH_START;
      from = at + 1;
    }
    return node?.children?.get(hash, bytes, from, end);
  }
}
