/*
 * What event patterns mean, said as naively as possible, for tests to compare with: events are parsed and laid out
 * flat, and every choice of values is tried.
 */

type Values = readonly unknown[];
/** The fields of an alternative: paths, and the arrays of what they may be. */
type Rule = ReadonlyMap<string, Values>;

interface Occurrence {
  readonly value: unknown;
  /** The elements that it stands in, by the number of their array. */
  readonly elements: ReadonlyMap<number, number>;
}

/** Whether an event, as JSON text, matches a valid pattern. Throws SyntaxError where JSON.parse does, and on what is no object. */
export function referenceMatches(pattern: unknown, event: string): boolean {
  const parsed: unknown = JSON.parse(event);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new SyntaxError('not an object');
  const occurrences = flatten(parsed);
  return expand(pattern as object, '', [new Map()]).some((rule) =>
    tryFields(
      [...rule].sort(([one], [other]) => (one < other ? -1 : 1)),
      occurrences,
      new Map(),
    ),
  );
}

function expand(object: object, prefix: string, before: Rule[]): Rule[] {
  let rules = before;
  for (const [name, value] of Object.entries(object)) {
    if (name === '$or') rules = (value as object[]).flatMap((branch) => expand(branch, prefix, rules));
    else if (Array.isArray(value)) rules = rules.map((rule) => new Map([...rule, [prefix + name, value]]));
    else rules = expand(value as object, `${prefix}${name}.`, rules);
  }
  return rules;
}

function flatten(event: object): Map<string, Occurrence[]> {
  const occurrences = new Map<string, Occurrence[]>();
  let arrays = 0;
  function visit(value: unknown, names: readonly string[], elements: ReadonlyMap<number, number>): void {
    if (Array.isArray(value)) {
      const array = arrays++;
      for (const [index, element] of value.entries()) {
        const isScalar = typeof element !== 'object' || element === null;
        visit(element, names, isScalar ? elements : new Map([...elements, [array, index]]));
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) visit(member, [...names, name], elements);
    } else {
      const path = names.join('.');
      occurrences.set(path, [...(occurrences.get(path) ?? []), { value, elements }]);
    }
  }
  visit(event, [], new Map());
  return occurrences;
}

function tryFields(
  fields: readonly (readonly [string, Values])[],
  occurrences: ReadonlyMap<string, readonly Occurrence[]>,
  chosen: ReadonlyMap<number, number>,
): boolean {
  const [field, ...rest] = fields;
  if (!field) return true;
  const [path, wanted] = field;
  const possible = (occurrences.get(path) ?? []).filter(({ elements }) =>
    [...elements].every(([array, index]) => (chosen.get(array) ?? index) === index),
  );
  const isAbsent = possible.length === 0 && wanted.some((one) => isExpression(one) && one.exists === false);
  if (isAbsent && tryFields(rest, occurrences, chosen)) return true;
  return possible.some(
    ({ value, elements }) =>
      wanted.some((one) => suits(one, value)) && tryFields(rest, occurrences, new Map([...chosen, ...elements])),
  );
}

type Expression = Record<string, unknown>;

function isExpression(wanted: unknown): wanted is Expression {
  return typeof wanted === 'object' && wanted !== null;
}

function suits(wanted: unknown, value: unknown): boolean {
  if (!isExpression(wanted)) {
    const both = [addressOf(wanted), addressOf(value)];
    return both[0] && both[1] ? both[0] === both[1] : wanted === value;
  }
  const [[operator, operand]] = Object.entries(wanted) as [[string, unknown]];
  switch (operator) {
    case 'exists':
      return operand === true;
    case 'numeric':
      return typeof value === 'number' && inRange(operand as (string | number)[], value);
    case 'cidr':
      return inBlock(operand as string, value);
    case 'anything-but':
      return exceptions(operand).every((exception) => !suits(exception, value));
    default:
      return typeof value === 'string' && suitsText(operator, operand, value);
  }
}

function suitsText(operator: string, operand: unknown, value: string): boolean {
  if (isExpression(operand)) {
    return suitsText(operator, (operand['equals-ignore-case'] as string).toLowerCase(), value.toLowerCase());
  }
  const text = operand as string;
  switch (operator) {
    case 'exactly':
      return value === text;
    case 'prefix':
      return value.startsWith(text);
    case 'suffix':
      return value.endsWith(text);
    case 'equals-ignore-case':
      return value.toLowerCase() === text.toLowerCase();
    case 'wildcard': {
      const source = text.replaceAll(/\\([*\\])|./gs, (all, escaped: string | undefined) =>
        all === '*' ? '.*' : RegExp.escape(escaped ?? all),
      );
      return new RegExp(`^${source}$`, 's').test(value);
    }
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}

/** The comparisons that must all fail. */
function exceptions(operand: unknown): unknown[] {
  if (!isExpression(operand) || Array.isArray(operand)) {
    return [operand].flat().map((one) => (typeof one === 'number' ? one : { exactly: one }));
  }
  return Object.entries(operand).flatMap(([operator, texts]) => [texts].flat().map((text) => ({ [operator]: text })));
}

function inRange(range: readonly (string | number)[], value: number): boolean {
  if (Math.abs(value) > 5e9) return false;
  for (let index = 0; index < range.length; index += 2) {
    const bound = range[index + 1] as number;
    const holds = {
      '=': value === bound,
      '<': value < bound,
      '<=': value <= bound,
      '>': value > bound,
      '>=': value >= bound,
    }[range[index] as string];
    if (!holds) return false;
  }
  return true;
}

/** An address as bits. */
function addressOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(value)) {
    return value
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  }
  if (!/^[0-9a-f:]*::[0-9a-f:]*$/.test(value)) return undefined;
  const [head = '', tail = ''] = value.split('::');
  const [before, after] = [head, tail].map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - before!.length - after!.length).fill('0');
  return [...before!, ...zeros, ...after!]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}

function inBlock(block: string, value: unknown): boolean {
  const [base, bits] = block.split('/');
  const [one, other] = [addressOf(base), addressOf(value)];
  return (
    one !== undefined && one.length === other?.length && one.slice(0, Number(bits)) === other.slice(0, Number(bits))
  );
}
