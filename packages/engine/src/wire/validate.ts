/*
 * Whether an input satisfies its shape: types, required members, lengths, ranges, patterns and enums, said in
 * AWS's own words, all violations in one error. Calls from the wire and from inside pass here alike. One
 * check is made for each shape, so that a call pays for its values alone.
 *
 * The words, as real services answered them: PutTargets in aws/aws-sdk-js-v3#2240; a missing member and a path
 * into a list of PutLogEvents in amazon-archives/cloudwatch-logs-centralize-logs#5; a list of simple values in
 * zalando-incubator/kube-ingress-aws-controller#248; map values in awslabs/aws-service-catalog-factory#279.
 */
import { AwsError, validationError } from '../kernel/errors.ts';
import { type Constraint, loadModel, type Member, model, type ServiceModel, type Shape, type Traits } from './model.ts';
import { MAX_DEPTH, perShape, serializationError } from './protocol.ts';
import { s3Violation } from './s3-violations.ts';

/**
 * The code that a service answers violations with. Sources: hashicorp/terraform#12601 (Lambda),
 * aws/aws-sdk-js-v3#2240 (EventBridge), amazon-archives/cloudwatch-logs-centralize-logs#5 (Logs),
 * SWO-GS/auto-tag#90 (IAM), tenesys/awsconsole#2 (STS); the others are the codes of their protocols.
 */
const CODES: Readonly<Record<string, string>> = {
  cloudwatch: 'ValidationError',
  ecr: 'InvalidParameterException',
  iam: 'ValidationError',
  logs: 'InvalidParameterException',
  s3: 'InvalidArgument',
  sns: 'ValidationError',
  sqs: 'InvalidParameterValue',
  sts: 'ValidationError',
};
const CODE = 'ValidationException';

/**
 * Services that tell of a missing member alone, before all else, each in words of its own; or not at all, as of a
 * batch's entries, since a batch without any is an empty one.
 */
const MISSING: Readonly<Record<string, (member: string) => AwsError | undefined>> = {
  sns: (member) =>
    member === 'PublishBatchRequestEntries'
      ? undefined
      : new AwsError(
          'InvalidParameterException',
          `Invalid parameter: ${member} Reason: no value for required parameter`,
        ),
  sqs: (member) =>
    member === 'Entries'
      ? undefined
      : new AwsError('MissingParameter', `The request must contain the parameter ${member}.`),
};

/** Services that tell of the first violation alone, by where it is; null for one that their operations tell of. */
const FIRST: Readonly<Record<string, Walk['first']>> = { s3: s3Violation };

/** The most violations that one error tells of. */
const MAX_VIOLATIONS = 100;
/** How much of a value is quoted, in characters. */
const MAX_QUOTED = 1_024;

/** Validates a call's input; a promise only while the service's model is being loaded. Throws or rejects with AwsError. */
export function validateCall(service: string, operation: string, input: unknown): void | Promise<void> {
  const ready = model(service);
  if (ready) return validate(ready, operation, input);
  return loadModel(service).then((loaded) => validate(loaded, operation, input));
}

/**
 * Throws AwsError: SerializationException for what is of the wrong type, the service's validation error for
 * what violates a constraint. An operation that the model lacks has nothing to violate.
 */
export function validate({ service, operations }: ServiceModel, operation: string, input: unknown): void {
  const shape = operations.get(operation)?.input;
  if (!shape || shape.kind === 'unit') return;
  const walk: Walk = { path: [], violations: [], missing: MISSING[service], first: FIRST[service] };
  structureCheck(shape)(input ?? {}, walk);
  if (walk.violations.length > 0) throw validationError(walk.violations, CODES[service] ?? CODE);
}

interface Walk {
  /** Names and positions on the way to the value at hand. */
  readonly path: (string | number)[];
  readonly violations: string[];
  readonly missing: ((member: string) => AwsError | undefined) | undefined;
  readonly first: ((path: readonly (string | number)[]) => AwsError | null | undefined) | undefined;
}

type Check = (value: unknown, walk: Walk) => void;

const structureCheck = perShape<Check>((shape) => {
  let fields: { name: string; label: string; required: boolean; check: Check }[] | undefined;
  return (value, walk) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(walk, 'a structure');
    if (walk.path.length > MAX_DEPTH) throw serializationError(`The input nests deeper than ${MAX_DEPTH} levels.`);
    fields ??= shape.members.map((member) => ({
      name: member.name,
      label: member.name.charAt(0).toLowerCase() + member.name.slice(1),
      required: member.required,
      check: checkOf(member),
    }));
    for (const { name, label, required, check } of fields) {
      const item = (value as Record<string, unknown>)[name];
      const isAbsent = item === undefined || item === null;
      if (isAbsent && !required) continue;
      walk.path.push(label);
      if (isAbsent) missing(shape, name, walk);
      else check(item, walk);
      walk.path.pop();
    }
  };
});

function missing(shape: Shape, name: string, walk: Walk): void {
  if (!walk.missing) violation(walk, 'Value null', 'Member must not be null');
  const error = walk.missing?.(parameterOf(shape, name, walk));
  if (error) throw error;
}

/** A member as a form names it: `QueueUrl`, and within a list `SendMessageBatchRequestEntry.1.Id`. */
function parameterOf(shape: Shape, name: string, { path }: Walk): string {
  const position = path.findLast((part) => typeof part === 'number');
  return position === undefined ? name : `${shape.name}.${position}.${name}`;
}

function checkOf({ shape, traits, constraint }: Member): Check {
  const inner = innerCheck(shape, constraint);
  const rules = constraint ? rulesOf(shape, constraint) : [];
  if (rules.length === 0) return inner;
  return (value, walk) => {
    inner(value, walk);
    for (const { words, holds } of rules) {
      if (!holds(value)) violation(walk, told(value, traits), words);
    }
  };
}

/** Checks types, and what a value holds. */
function innerCheck(shape: Shape, constraint: Constraint | undefined): Check {
  switch (shape.kind) {
    case 'structure':
    case 'union':
      return structureCheck(shape);
    case 'list':
      return listCheck(shape, constraint?.value);
    case 'map':
      return mapCheck(shape, constraint);
    case 'string':
      return typed((value) => typeof value === 'string', 'a String');
    case 'boolean':
      return typed((value) => typeof value === 'boolean', 'a Boolean');
    case 'number':
      return constraint?.type === 'float' || constraint?.type === 'double'
        ? typed((value) => typeof value === 'number', 'a Number')
        : typed(Number.isInteger, 'an Integer');
    case 'timestamp':
      return typed((value) => typeof value === 'object' && 'getTime' in value!, 'a Timestamp');
    case 'blob':
      return typed(shape.traits.streaming ? isStreamable : isBytes, 'a Blob');
    default:
      return () => {};
  }
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || typeof value === 'string';
}

function isStreamable(value: unknown): boolean {
  return isBytes(value) || value instanceof Blob || (typeof value === 'object' && Symbol.asyncIterator in value!);
}

function typed(holds: (value: unknown) => boolean, wanted: string): Check {
  return (value, walk) => {
    if (!holds(value)) throw mismatch(walk, wanted);
  };
}

/** Items that hold others are told of one by one, simple ones as the list that they are in. */
function listCheck({ traits, value: { shape } }: Shape, constraint: Constraint | undefined): Check {
  const inner = innerCheck(shape, constraint);
  const rules = constraint ? rulesOf(shape, constraint) : [];
  const words = `Member must satisfy constraint: ${wordsOf(rules)}`;
  return (value, walk) => {
    if (!Array.isArray(value)) throw mismatch(walk, 'a list');
    const items: readonly unknown[] = value;
    for (let i = 0; i < items.length; i++) {
      walk.path.push(i + 1, 'member');
      if (items[i] !== null && items[i] !== undefined) inner(items[i], walk);
      else violation(walk, 'Value null', 'Member must not be null');
      walk.path.length -= 2;
    }
    const violates = (item: unknown) => item !== null && item !== undefined && !rules.every(({ holds }) => holds(item));
    if (rules.length > 0 && items.some(violates)) violation(walk, told(value, traits), words);
  };
}

function mapCheck({ traits, value: { shape } }: Shape, constraint: Constraint | undefined): Check {
  const inner = innerCheck(shape, constraint?.value);
  const keyRules = constraint?.key ? rulesOf(STRING, constraint.key) : [];
  const valueRules = constraint?.value ? rulesOf(shape, constraint.value) : [];
  return (value, walk) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(walk, 'a map');
    const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
    for (const [key, item] of entries) {
      walk.path.push(key, 'member');
      inner(item, walk);
      walk.path.length -= 2;
    }
    if (entries.some(([key]) => !keyRules.every(({ holds }) => holds(key)))) {
      violation(walk, told(value, traits), `Map keys must satisfy constraint: ${wordsOf(keyRules)}`);
    }
    if (entries.some(([, item]) => !valueRules.every(({ holds }) => holds(item)))) {
      violation(walk, told(value, traits), `Map value must satisfy constraint: ${wordsOf(valueRules)}`);
    }
  };
}

interface Rule {
  readonly words: string;
  readonly holds: (value: unknown) => boolean;
}

const STRING: Pick<Shape, 'kind'> = { kind: 'string' };

/** The rules of a value itself, in the order in which AWS tells of them. */
function rulesOf({ kind }: Pick<Shape, 'kind'>, constraint: Constraint): Rule[] {
  const { min, max, pattern, regexp } = constraint;
  const measured = kind === 'number' ? 'value' : 'length';
  const measure = MEASURES[kind];
  const rules: Rule[] = [];
  if (max !== undefined && measure) {
    const words = `Member must have ${measured} less than or equal to ${max}`;
    rules.push({ words, holds: (value) => measure(value) <= max });
  }
  if (min !== undefined && measure) {
    const words = `Member must have ${measured} greater than or equal to ${min}`;
    rules.push({ words, holds: (value) => measure(value) >= min });
  }
  if (pattern !== undefined && kind === 'string') {
    const words = `Member must satisfy regular expression pattern: ${pattern}`;
    const expression = new RegExp(`^(?:${regexp ?? pattern})$`, 'u');
    rules.push({ words, holds: (value) => expression.test(value as string) });
  }
  if (constraint.enum && kind === 'string') {
    const values = new Set<unknown>(constraint.enum);
    const words = `Member must satisfy enum value set: [${constraint.enum.join(', ')}]`;
    rules.push({ words, holds: (value) => values.has(value) });
  }
  return rules;
}

const lengthOf = (value: unknown) => (value as { length: number }).length;

const MEASURES: Partial<Record<Shape['kind'], (value: unknown) => number>> = {
  number: Number,
  string: lengthOf,
  blob: lengthOf,
  list: lengthOf,
  map: (value) => Object.keys(value as object).length,
};

const wordsOf = (rules: readonly Rule[]) => `[${rules.map(({ words }) => words).join(', ')}]`;

function violation({ path, violations, first }: Walk, what: string, words: string): void {
  const own = first?.(path);
  if (own) throw own;
  if (own === null) return;
  if (violations.length < MAX_VIOLATIONS) {
    violations.push(`${what} at '${path.join('.')}' failed to satisfy constraint: ${words}`);
  }
}

function mismatch({ path }: Walk, wanted: string): AwsError {
  return serializationError(`The value at '${path.join('.')}' can not be converted to ${wanted}`);
}

/** What an error calls a value: by itself, unless nobody else is to see it. */
function told(value: unknown, { sensitive }: Traits): string {
  return sensitive ? 'Value' : `Value ${quote(value)}`;
}

/** A value as AWS's services quote it: as Java prints it. */
function quote(value: unknown): string {
  const text = print(value);
  return `'${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text}'`;
}

function print(value: unknown): string {
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (Array.isArray(value)) return `[${value.slice(0, MAX_QUOTED).map(print).join(', ')}]`;
  if (typeof value !== 'object' || value === null || 'getTime' in value) return String(value);
  const entries = Object.entries(value).slice(0, MAX_QUOTED);
  return `{${entries.map(([key, item]) => `${key}=${print(item)}`).join(', ')}}`;
}
