/*
 * Takes from AWS's public API models (botocore's `service-2.json`) what the SDK's schemas leave out: lengths,
 * ranges, patterns and enums of what goes in, and the facts that tell one service's requests from another's.
 * Run by hand when the clients move on (`node tools/models.ts`); what it writes is committed.
 *
 * It walks both descriptions of an operation's input side by side, so that the tables are keyed by the names
 * that the schemas use.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import {
  type Constraint,
  type ConstraintTable,
  readSchemas,
  type ServiceMetadata,
  type Shape,
} from '../packages/engine/src/wire/model.ts';
import { type Client, clients } from './clients.ts';
import { regexpOf } from './patterns.ts';

const wire = fileURLToPath(new URL('../packages/engine/src/wire/', import.meta.url));

interface BotocoreShape {
  readonly type: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[] | undefined;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
}

interface BotocoreModel {
  readonly metadata: {
    readonly apiVersion: string;
    readonly endpointPrefix: string;
    readonly jsonVersion?: '1.0' | '1.1';
    readonly protocols: readonly string[];
    readonly serviceId: string;
    readonly signingName?: string;
    readonly targetPrefix?: string;
    readonly xmlNamespace?: string;
    readonly awsQueryCompatible?: object;
  };
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, BotocoreShape>>;
}

/** What the newest models no longer say of services that have moved on from the query protocol. */
const KEPT: Readonly<Record<string, Partial<ServiceMetadata>>> = {
  sqs: { xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/', protocols: ['json', 'query'] },
  s3: { xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/' },
};

/** Enums that a service checks itself, in words of its own: "… or be a valid ARN" (Lambda), "Unknown Attribute …" (SQS). */
const CHECKED_BY_SERVICE: ReadonlySet<string> = new Set([
  'lambda Runtime',
  'sqs MessageSystemAttributeName',
  'sqs MessageSystemAttributeNameForSends',
  'sqs QueueAttributeName',
]);

function metadataOf({ service }: Client, { metadata }: BotocoreModel): ServiceMetadata {
  return {
    serviceId: metadata.serviceId,
    signingName: metadata.signingName ?? metadata.endpointPrefix,
    apiVersion: metadata.apiVersion,
    ...(metadata.targetPrefix !== undefined && { targetPrefix: metadata.targetPrefix }),
    ...(metadata.jsonVersion !== undefined && { jsonVersion: metadata.jsonVersion }),
    protocols: metadata.protocols,
    ...(metadata.xmlNamespace !== undefined && { xmlNamespace: metadata.xmlNamespace }),
    ...(metadata.awsQueryCompatible !== undefined && { queryCompatible: true }),
    ...KEPT[service],
  };
}

/** Constraints of all structures that can be reached from an operation's input. */
function constraintsOf(
  shapes: readonly [Shape, BotocoreShape][],
  model: BotocoreModel,
  regexps: ReadonlyMap<string, string | undefined>,
  service: string,
): ConstraintTable {
  const list: Constraint[] = [];
  const positions = new Map<string, number>();
  const members: Record<string, Record<string, number>> = {};
  const seen = new Set<Shape>();

  function target(ref: { readonly shape: string } | undefined): BotocoreShape | undefined {
    const shape = ref && model.shapes[ref.shape];
    if (!shape || !CHECKED_BY_SERVICE.has(`${service} ${ref.shape}`)) return shape;
    return { ...shape, enum: undefined };
  }

  function constraintOf(shape: BotocoreShape | undefined): Constraint | undefined {
    if (!shape || shape.type === 'structure') return undefined;
    const [key, value] = [constraintOf(target(shape.key)), constraintOf(target(shape.member ?? shape.value))];
    const wide = shape.type === 'long' || shape.type === 'float' || shape.type === 'double';
    const regexp = shape.pattern === undefined ? undefined : regexps.get(shape.pattern);
    const constraint = {
      ...(wide && { type: shape.type }),
      ...(shape.min !== undefined && { min: Number(shape.min) }),
      ...(shape.max !== undefined && { max: Number(shape.max) }),
      ...(regexp !== undefined && { pattern: shape.pattern }),
      ...(regexp !== undefined && regexp !== shape.pattern && { regexp }),
      ...(shape.enum && { enum: shape.enum }),
      ...(key && { key }),
      ...(value && { value }),
    } as Constraint;
    return Object.keys(constraint).length > 0 ? constraint : undefined;
  }

  function note(structure: string, member: string, constraint: Constraint): void {
    const text = JSON.stringify(constraint);
    let position = positions.get(text);
    if (position === undefined) {
      position = list.push(constraint) - 1;
      positions.set(text, position);
    }
    members[structure] ??= {};
    members[structure][member] = position;
  }

  function walk(shape: Shape, botocore: BotocoreShape | undefined): void {
    if (!botocore || seen.has(shape)) return;
    seen.add(shape);
    for (const member of shape.members) {
      const described = target(botocore.members?.[member.name]);
      const constraint = constraintOf(described);
      if (constraint) note(shape.name, member.name, constraint);
      walk(member.shape, described);
    }
    if (shape.kind === 'list' || shape.kind === 'map')
      walk(shape.value.shape, target(botocore.member ?? botocore.value));
  }

  for (const [shape, botocore] of shapes) walk(shape, botocore);
  return { constraints: list, members };
}

/** One item a line, so that a change of the model reads as one. */
function writeTable(path: string, table: ConstraintTable): void {
  const lines = (items: readonly string[]) => items.map((item) => `    ${item}`).join(',\n');
  const constraints = table.constraints.map((constraint) => JSON.stringify(constraint));
  const members = Object.entries(table.members)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, indices]) => `${JSON.stringify(name)}: ${JSON.stringify(indices)}`);
  writeFileSync(
    path,
    `{\n  "constraints": [\n${lines(constraints)}\n  ],\n  "members": {\n${lines(members)}\n  }\n}\n`,
  );
}

async function describe(client: Client, data: string): Promise<ServiceMetadata> {
  const home = join(data, client.botocore);
  const version = readdirSync(home).sort().at(-1)!;
  const model: BotocoreModel = JSON.parse(
    gunzipSync(readFileSync(join(home, version, 'service-2.json.gz'))).toString(),
  );
  const schemas = await import(join(wire, 'schemas', `${client.service}.js`));
  const { operations } = readSchemas(Object.values(schemas), { constraints: [], members: {} });
  const inputs = [...operations.values()].flatMap(({ name, input }): [Shape, BotocoreShape][] => {
    const described = model.shapes[model.operations[name]?.input?.shape ?? ''];
    return described ? [[input, described]] : [];
  });
  const patterns = [...new Set(Object.values(model.shapes).flatMap(({ pattern }) => pattern ?? []))];
  const regexps = new Map(
    await Promise.all(patterns.map(async (pattern) => [pattern, await regexpOf(pattern)] as const)),
  );
  writeTable(
    join(wire, 'models', `${client.service}.generated.json`),
    constraintsOf(inputs, model, regexps, client.service),
  );
  return metadataOf(client, model);
}

const scratch = mkdtempSync(join(tmpdir(), 'models-'));
try {
  execFileSync('pip', ['install', '--quiet', '--no-deps', '--target', scratch, 'botocore'], { stdio: 'inherit' });
  const data = join(scratch, 'botocore/data');
  const index: Record<string, ServiceMetadata> = {};
  for (const client of clients) index[client.service] = await describe(client, data);
  writeFileSync(join(wire, 'models/index.generated.json'), `${JSON.stringify(index, undefined, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
