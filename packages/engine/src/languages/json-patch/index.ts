/*
 * JSON Patch: a list of changes to a document, which give another document.
 * https://www.rfc-editor.org/rfc/rfc6902, https://www.rfc-editor.org/rfc/rfc6901 for its paths
 */

/** A patch that is none, or that the document does not take. */
export class PatchError extends Error {}

/** Operations in a patch, and values that all its copies together may add. */
const MOST_OPERATIONS = 1_000;
const MOST_COPIED = 100_000;

type Json = unknown;
type Path = readonly string[];

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** The document that a patch makes of another, which stays as it is. Throws PatchError. */
export function applyPatch(document: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw new PatchError('a patch is a list of operations');
  if (patch.length > MOST_OPERATIONS) throw new PatchError(`a patch has ${MOST_OPERATIONS} operations at most`);
  let copied = 0;
  return patch.reduce((before: Json, given: Json) => {
    const operation = readOperation(given);
    if (operation.op === 'copy') copied += sizeOf(at(before, readPath(operation.from!)), MOST_COPIED);
    if (copied > MOST_COPIED) throw new PatchError('a patch cannot copy that much');
    return apply(before, operation);
  }, document);
}

/** The paths that a patch changes, as it writes them. Throws PatchError for what is no patch. */
export function changedPaths(patch: Json): string[] {
  if (!Array.isArray(patch)) throw new PatchError('a patch is a list of operations');
  return patch.map(readOperation).flatMap(({ op, path, from }) => {
    if (op === 'test') return [];
    return op === 'move' ? [from!, path] : [path];
  });
}

/** The names in a path: `/a/b~1c` leads to `b/c` in `a`. Throws PatchError. */
export function readPath(pointer: string): Path {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) throw new PatchError(`${pointer} is not a path`);
  return pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const NEEDS_VALUE = ['add', 'replace', 'test'];
const NEEDS_FROM = ['copy', 'move'];

function readOperation(given: Json): Operation {
  const operation = (isObject(given) ? given : {}) as Partial<Operation>;
  const { op, path, from } = operation;
  if (typeof op !== 'string' || ![...NEEDS_VALUE, ...NEEDS_FROM, 'remove'].includes(op)) {
    throw new PatchError(`there is no operation ${JSON.stringify(op)}`);
  }
  if (typeof path !== 'string') throw new PatchError(`the operation ${op} needs a path`);
  if (NEEDS_FROM.includes(op) && typeof from !== 'string') throw new PatchError(`the operation ${op} needs from`);
  if (NEEDS_VALUE.includes(op) && !Object.hasOwn(operation, 'value')) {
    throw new PatchError(`the operation ${op} needs a value`);
  }
  return operation as Operation;
}

function apply(document: Json, { op, path: pointer, from, value }: Operation): Json {
  const path = readPath(pointer);
  switch (op) {
    case 'add':
      return put(document, path, value, true);
    case 'replace':
      at(document, path);
      return put(document, path, value, false);
    case 'remove':
      return remove(document, path);
    case 'copy':
      return put(document, path, at(document, readPath(from!)), true);
    case 'move': {
      if (pointer.startsWith(`${from}/`)) throw new PatchError(`${from} cannot be moved into itself`);
      const moved = at(document, readPath(from!));
      return put(remove(document, readPath(from!)), path, moved, true);
    }
    default:
      if (isSame(at(document, path), value)) return document;
      throw new PatchError(`the value at ${pointer} is another one`);
  }
}

/** The value at a path. */
function at(document: Json, path: Path): Json {
  return path.reduce((value: Json, name) => {
    const found = Array.isArray(value)
      ? value[indexIn(value, name, value.length - 1)]
      : isObject(value) && Object.hasOwn(value, name)
        ? value[name]
        : undefined;
    if (found === undefined) throw new PatchError(`there is nothing at /${path.join('/')}`);
    return found;
  }, document);
}

/** The document with something at a path: put between what is in a list there, or in the place of what is. */
function put(document: Json, path: Path, value: Json, insert: boolean): Json {
  return within(document, path, value, (parent, name) => {
    if (!Array.isArray(parent)) return { ...parent, [name]: value };
    const index =
      name === '-' && insert ? parent.length : indexIn(parent, name, insert ? parent.length : parent.length - 1);
    return parent.toSpliced(index, insert ? 0 : 1, value);
  });
}

function remove(document: Json, path: Path): Json {
  at(document, path);
  return within(document, path, undefined, (parent, name) => {
    if (Array.isArray(parent)) return parent.toSpliced(indexIn(parent, name, parent.length - 1), 1);
    return Object.fromEntries(Object.entries(parent).filter(([key]) => key !== name));
  });
}

type Parent = Json[] | Record<string, Json>;

/** Changes what holds the last name of a path; without names, the whole document becomes another. */
function within(document: Json, path: Path, whole: Json, change: (parent: Parent, name: string) => Parent): Json {
  if (path.length === 0) return whole;
  const parents = path.slice(0, -1).map((_, index) => at(document, path.slice(0, index + 1)));
  const parent = parents.at(-1) ?? document;
  if (!Array.isArray(parent) && !isObject(parent)) throw new PatchError(`nothing can be at /${path.join('/')}`);
  let changed: Json = change(parent, path.at(-1)!);
  for (let depth = path.length - 2; depth >= 0; depth--) {
    const holder = (depth === 0 ? document : parents[depth - 1]) as Parent;
    const name = path[depth]!;
    changed = Array.isArray(holder) ? holder.with(Number(name), changed) : { ...holder, [name]: changed };
  }
  return changed;
}

function indexIn(list: readonly Json[], name: string, last: number): number {
  const index = /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : Number.NaN;
  if (!(index <= last)) throw new PatchError(`a list of ${list.length} has no place ${name}`);
  return index;
}

/** How many values there are in one, up to a bound. */
function sizeOf(value: Json, most: number): number {
  const left = [value];
  let size = 0;
  while (left.length > 0 && size <= most) {
    const next = left.pop();
    size++;
    if (typeof next === 'object' && next !== null) left.push(...Object.values(next));
  }
  return size;
}

function isSame(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, n) => isSame(item, b[n]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  );
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
