/*
 * What a service's API looks like: operations and shapes, read from the SDK's runtime schemas (bundled by
 * `tools/schemas.ts`), and the facts that those leave out, read from AWS's public API models by
 * `tools/models.ts` (lengths, ranges, patterns, enums; target prefixes and versions).
 *
 * The rest of the wire layer is written against these types alone. A service's model is loaded when it is
 * first called and is plain data after that.
 */
import { readFile } from 'node:fs/promises';
import index from './models/index.generated.json' with { type: 'json' };

export type Kind =
  | 'string'
  | 'boolean'
  | 'number'
  | 'timestamp'
  | 'blob'
  | 'document'
  | 'list'
  | 'map'
  | 'structure'
  | 'union'
  | 'unit';

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

/** Smithy traits as the SDK's schemas spell them; `1` where a trait only has to be there. */
export interface Traits {
  readonly http?: readonly [method: string, path: string, status: number];
  readonly httpLabel?: 1;
  readonly httpQuery?: string;
  readonly httpQueryParams?: 1;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpPayload?: 1;
  readonly httpResponseCode?: 1;
  readonly httpError?: number;
  readonly awsQueryError?: readonly [code: string, status: number];
  readonly error?: 'client' | 'server';
  readonly jsonName?: string;
  readonly xmlName?: string;
  readonly xmlFlattened?: 1;
  readonly xmlAttribute?: 1;
  readonly xmlNamespace?: string | readonly [prefix: string, uri: string];
  readonly sensitive?: 1;
  readonly idempotencyToken?: 1;
  readonly streaming?: 1;
  readonly eventHeader?: 1;
  readonly eventPayload?: 1;
  readonly mediaType?: string;
}

/** What a value must satisfy beside its type; from AWS's API models. */
export interface Constraint {
  /** A number's width where it is not a 32-bit integer. */
  readonly type?: 'long' | 'float' | 'double';
  /** The least length of a string, blob, list or map, or the least number. */
  readonly min?: number;
  readonly max?: number;
  /** AWS's own words for the pattern, as its messages quote it. */
  readonly pattern?: string;
  /** The same pattern for a JavaScript engine, where it has to differ. */
  readonly regexp?: string;
  readonly enum?: readonly string[];
  /** Of a map's keys. */
  readonly key?: Constraint;
  /** Of a list's elements or a map's values. */
  readonly value?: Constraint;
}

export interface Shape {
  readonly kind: Kind;
  /** The shape's name, or `''` for a simple shape that the schema does not name. */
  readonly name: string;
  readonly traits: Traits;
  /** How a timestamp is written, where the shape says so; else the protocol does. */
  readonly format: TimestampFormat | undefined;
  /** Of a structure or union; none for other kinds. */
  readonly members: readonly Member[];
  /** A map's key; only maps have one. */
  readonly key: Member;
  /** A list's element or a map's value; only those have one. */
  readonly value: Member;
}

export interface Member {
  readonly name: string;
  readonly shape: Shape;
  /** The member's own traits over those of its shape. */
  readonly traits: Traits;
  readonly required: boolean;
  readonly constraint: Constraint | undefined;
}

export interface Operation {
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Method, path and success status, for REST protocols. */
  readonly http: Traits['http'];
}

/** What tells a service's requests from another's; known for every service without loading its model. */
export interface ServiceMetadata {
  /** AWS's name for the service, e.g. `CloudWatch Logs`. */
  readonly serviceId: string;
  /** The service's name in a credential scope, e.g. `monitoring`. */
  readonly signingName: string;
  readonly apiVersion: string;
  /** The first part of `X-Amz-Target`, for services that speak JSON. */
  readonly targetPrefix?: string;
  readonly jsonVersion?: '1.0' | '1.1';
  /** Protocols of the model, AWS's preference first. */
  readonly protocols: readonly string[];
  readonly xmlNamespace?: string;
  /** Whether JSON errors carry the code that the query protocol had, in `x-amzn-query-error`. */
  readonly queryCompatible?: boolean;
}

export interface ServiceModel extends ServiceMetadata {
  readonly service: string;
  readonly operations: ReadonlyMap<string, Operation>;
  /** Error shapes by name, and by query code where that differs. */
  readonly errors: ReadonlyMap<string, Shape>;
}

/** Every service whose shapes are known, by its name in Carillon. */
export const metadata: Readonly<Record<string, ServiceMetadata>> = index as unknown as Record<string, ServiceMetadata>;

const loaded = new Map<string, ServiceModel>();
const loading = new Map<string, Promise<ServiceModel>>();

/** The model of a service that has been loaded; undefined before. */
export function model(service: string): ServiceModel | undefined {
  return loaded.get(service);
}

/** Loads a service's model once. Rejects for a service that is not in `metadata`. */
export function loadModel(service: string): Promise<ServiceModel> {
  let pending = loading.get(service);
  if (!pending) {
    pending = load(service);
    loading.set(service, pending);
  }
  return pending;
}

async function load(service: string): Promise<ServiceModel> {
  const facts = Object.hasOwn(metadata, service) ? metadata[service] : undefined;
  if (!facts) throw new RangeError(`No shapes are known for the service "${service}".`);
  const [schemas, table] = await Promise.all([
    import(/* @vite-ignore */ new URL(`./schemas/${service}.js`, import.meta.url).href),
    readFile(new URL(`./models/${service}.generated.json`, import.meta.url), 'utf8'),
  ]);
  const result = { ...facts, service, ...readSchemas(Object.values(schemas), JSON.parse(table)) };
  loaded.set(service, result);
  return result;
}

/** The constraints of a service's members: an index into a list, for each structure and member that has any. */
export interface ConstraintTable {
  readonly constraints: readonly Constraint[];
  readonly members: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/*
 * The SDK's schemas are arrays (`@smithy/types`, schema/static-schemas.d.ts): an id that tells the kind, a
 * namespace, a name, traits, and then what the kind needs. Simple shapes without a name are bare numbers, a
 * member with traits of its own is a pair, and anything may stand behind a function.
 */
type Schema = readonly [id: number, namespace: string, name: string, traits: TraitsRef, ...rest: SchemaRef[]];
// biome-ignore lint/suspicious/noExplicitAny: the SDK's arrays hold many forms, told apart at run time.
type SchemaRef = any;
type TraitsRef = number | Traits;

const LIST = 1;
const MAP = 2;
const STRUCTURE = 3;
const UNION = 4;
const ERROR = -3;
const OPERATION = 9;
const LIST_OF = 64;
const MAP_OF = 128;

const SIMPLE: Readonly<Record<number, { kind: Kind; format?: TimestampFormat; traits?: Traits }>> = {
  0: { kind: 'string' },
  1: { kind: 'number' },
  2: { kind: 'boolean' },
  4: { kind: 'timestamp' },
  5: { kind: 'timestamp', format: 'date-time' },
  6: { kind: 'timestamp', format: 'http-date' },
  7: { kind: 'timestamp', format: 'epoch-seconds' },
  15: { kind: 'document' },
  17: { kind: 'number' },
  19: { kind: 'number' },
  21: { kind: 'blob' },
  42: { kind: 'blob', traits: { streaming: 1 } },
};

/** Traits without a value, packed into a number: one bit each. */
const FLAGS: readonly (keyof Traits | 'idempotent')[] = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
];

const NO_TRAITS: Traits = {};

function traitsOf(ref: TraitsRef): Traits {
  if (typeof ref !== 'number') return ref;
  if (ref === 0) return NO_TRAITS;
  return Object.fromEntries(FLAGS.filter((_, bit) => ((ref >> bit) & 1) === 1).map((flag) => [flag, 1]));
}

/** Operations and errors of a client's exported schemas. */
export function readSchemas(
  exported: readonly unknown[],
  table: ConstraintTable,
): Pick<ServiceModel, 'operations' | 'errors'> {
  const shapes = new Map<unknown, Shape>();
  const operations = new Map<string, Operation>();
  const errors = new Map<string, Shape>();

  /** The shape behind a reference, with the traits that the references on the way add. */
  function resolve(ref: SchemaRef): { shape: Shape; traits: Traits } {
    let target = ref;
    let own: Traits | undefined;
    for (;;) {
      if (typeof target === 'function') target = target();
      else if (Array.isArray(target) && target.length === 2) {
        own = { ...traitsOf(target[1]), ...own };
        target = target[0];
      } else break;
    }
    const shape = shapeOf(target);
    return { shape, traits: own ? { ...shape.traits, ...own } : shape.traits };
  }

  function shapeOf(schema: number | string | Schema): Shape {
    let shape = shapes.get(schema);
    if (!shape) {
      shape = makeShape(schema);
      shapes.set(schema, shape);
    }
    return shape;
  }

  function makeShape(schema: number | string | Schema): Shape {
    if (schema === 'unit') return shapeWith('unit', 'Unit', NO_TRAITS, () => ({}));
    if (typeof schema === 'number') return simpleShape(schema);
    if (typeof schema === 'string') throw new TypeError(`The schema "${schema}" is of no known kind.`);
    const [id, , name, ref] = schema;
    const traits = traitsOf(ref);
    if (id === 0) {
      const { shape, traits: inner } = resolve(schema[4]);
      return shapeWith(shape.kind, name, { ...inner, ...traits }, () => shape, shape.format);
    }
    if (id === LIST) return shapeWith('list', name, traits, () => ({ value: part('member', schema[4]) }));
    if (id === MAP) {
      return shapeWith('map', name, traits, () => ({ key: part('key', schema[4]), value: part('value', schema[5]) }));
    }
    if (id === UNION) return shapeWith('union', name, traits, () => ({ members: membersOf(schema) }));
    if (id === STRUCTURE || id === ERROR) {
      return shapeWith('structure', name, traits, () => ({ members: membersOf(schema) }));
    }
    throw new TypeError(`The schema of ${name} is of no known kind (${id}).`);
  }

  function simpleShape(schema: number): Shape {
    const inner = schema & (LIST_OF - 1);
    if (schema >= MAP_OF) {
      return shapeWith('map', '', NO_TRAITS, () => ({ key: part('key', 0), value: part('value', inner) }));
    }
    if (schema >= LIST_OF) return shapeWith('list', '', NO_TRAITS, () => ({ value: part('member', inner) }));
    const simple = SIMPLE[schema];
    if (!simple) throw new TypeError(`The schema ${schema} is of no known kind.`);
    return shapeWith(simple.kind, '', simple.traits ?? NO_TRAITS, () => ({}), simple.format);
  }

  function membersOf(schema: Schema): Member[] {
    const [, , name, , names, refs, required = 0] = schema;
    const constraints = table.members[name] ?? {};
    return (names as string[]).map((member, position) => ({
      ...part(member, refs[position]),
      required: position < required,
      constraint: table.constraints[constraints[member] ?? -1],
    }));
  }

  function part(name: string, ref: SchemaRef): Member {
    return { name, ...resolve(ref), required: false, constraint: undefined };
  }

  for (const schema of exported) {
    if (!Array.isArray(schema) || typeof schema[0] !== 'number') continue;
    const [id, , name, traits] = schema as unknown as Schema;
    if (id === ERROR) errors.set(name, shapeOf(schema as unknown as Schema));
    if (id !== OPERATION) continue;
    const { http } = traitsOf(traits);
    operations.set(name, { name, input: resolve(schema[4]).shape, output: resolve(schema[5]).shape, http });
  }
  for (const shape of [...errors.values()]) {
    const code = shape.traits.awsQueryError?.[0];
    if (code !== undefined && !errors.has(code)) errors.set(code, shape);
  }
  return { operations, errors };
}

interface Parts {
  readonly members?: readonly Member[];
  readonly key?: Member;
  readonly value?: Member;
}

/** A shape whose parts are made when first asked for, since a shape may hold itself. */
function shapeWith(kind: Kind, name: string, traits: Traits, make: () => Parts, format?: TimestampFormat): Shape {
  let made: Parts | undefined;
  const parts = () => {
    made ??= make();
    return made;
  };
  return {
    kind,
    name,
    traits,
    format,
    get members() {
      return parts().members ?? [];
    },
    get key() {
      return parts().key!;
    },
    get value() {
      return parts().value!;
    },
  };
}
