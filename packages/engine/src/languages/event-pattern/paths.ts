/*
 * The fields that patterns name, as a tree of their names: what a scanner must look for in an event, and by what
 * omission it may skip the rest. A name with dots is as many names, as on AWS.
 */
import { ByteTable, HASH_START, hashBytes } from './byte-table.ts';

/** A place in the tree; `T` is what is kept of a field, where a pattern names one here. */
export class PathNode<T> {
  readonly name: Buffer;
  readonly parent: PathNode<T> | undefined;
  children: ByteTable<PathNode<T>> | undefined;
  field: T | undefined;
  /** The lengths of the children's names, modulo 32, as bits; a child that goes leaves its own. */
  #lengths = 0;

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
    this.#lengths |= 1 << child.name.length;
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

  /** The node of a name without dots, as it stands in bytes. */
  child(bytes: Uint8Array, start: number, end: number): PathNode<T> | undefined {
    // Most names of an event are looked for in vain: their lengths tell of many.
    if ((this.#lengths & (1 << (end - start))) === 0) return undefined;
    return this.children?.get(hashBytes(HASH_START, bytes, start, end), bytes, start, end);
  }

  /** The node at the end of a path from this one. */
  find(path: string): PathNode<T> | undefined {
    return path
      .split('.')
      .reduce<PathNode<T> | undefined>((node, name) => node?.children?.find(Buffer.from(name)), this);
  }
}
