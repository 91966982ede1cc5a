/*
 * Brings a stack to its design, resource by resource, each after those that it waits for.
 *
 * What is begun is written down before the call that makes it, and what came of it after; so an engine that starts again
 * takes up an operation where it was. What an update replaces or leaves out goes last, once all else is there.
 */
import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, KnownType, Properties, WaitingContext } from '../../kernel/service.ts';
import { changesOf } from '../../languages/resource-schema/index.ts';
import {
  type Attributes,
  dynamicReferences,
  type JsonObject,
  type PlannedResource,
  putDynamicReferences,
  type ResolvedResource,
  TemplateError,
  type Value,
} from '../../languages/template/index.ts';
import type { Blueprint } from './blueprint.ts';
import { missingAttribute } from './custom-resources.ts';
import { setResource, tell } from './events.ts';
import { Failure, type Outcome, type Step } from './handler.ts';
import { handlerFor } from './handlers.ts';
import { named } from './names.ts';
import { isCustom, METADATA } from './own-types.ts';
import { shaped } from './service-types.ts';
import {
  type Made,
  type Making,
  resourceKey,
  resourcesOf,
  type Stack,
  type StackResource,
  stackResources,
} from './stack.ts';
import { awaitSignals } from './wait-conditions.ts';
import type { WaitFor } from './walk.ts';

/** What each resource waits for: what it refers to, and, where it is somebody else's work, that they may do it. */
export function creationGraph({ plan }: Blueprint): Map<string, readonly string[]> {
  const graph = new Map([...plan.resources].map(([id, { dependsOn }]) => [id, [...dependsOn]]));
  const permits = [...plan.resources.values()].filter(({ type }) => PERMITS.has(type)).map(({ id }) => id);
  for (const [id, { type }] of plan.resources) {
    if (!isCustom(type) || permits.length === 0) continue;
    const after = dependentsOf(graph, id);
    graph.get(id)!.push(...permits.filter((permit) => !after.has(permit)));
  }
  return graph;
}

/** What lets a custom resource's function be called, and do its work: it may stand anywhere in a template. */
const PERMITS = new Set([
  'AWS::IAM::Policy',
  'AWS::IAM::RolePolicy',
  'AWS::Lambda::Permission',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
]);

function dependentsOf(graph: ReadonlyMap<string, readonly string[]>, id: string): Set<string> {
  const found = new Set([id]);
  let size = 0;
  while (size !== found.size) {
    size = found.size;
    for (const [other, before] of graph) if (before.some((one) => found.has(one))) found.add(other);
  }
  return found;
}

/** Gives what is known of a stack's resources. */
export function attributesIn(resources: ReadonlyMap<string, StackResource>, stack: Stack, region: string): Attributes {
  return (id, attribute) => {
    const made = resources.get(id)?.made;
    if (!made) return undefined;
    if (attribute === undefined) return made.physicalId;
    const value = attributeAt(made.attributes, attribute);
    if (value === undefined && isCustom(made.type)) {
      throw new TemplateError(missingAttribute(stack.id, id, attribute, region));
    }
    return value;
  };
}

function attributeAt(attributes: Properties, path: string): Value | undefined {
  if (Object.hasOwn(attributes, path)) return attributes[path];
  let value: unknown = attributes;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value as Value;
}

/** What a resource is to be, as far as the template and the resources before it say. */
interface Goal {
  readonly planned: PlannedResource;
  readonly resolved: ResolvedResource;
  readonly making: Making;
}

/** Brings one resource to the design; false when it can't be. */
export async function deployResource(
  ctx: WaitingContext,
  stack: Stack,
  blueprint: Blueprint,
  graph: ReadonlyMap<string, readonly string[]>,
  id: string,
  waitFor: WaitFor,
): Promise<boolean> {
  const operation = stack.operation!;
  const held = await ctx.transact((tx) => tx.rows(stackResources).get(resourceKey(stack.id, id)));
  if (held?.operation === operation.id && !held.status.endsWith('_IN_PROGRESS'))
    return !held.status.endsWith('_FAILED');
  const planned = blueprint.plan.resources.get(id)!;
  const resumed = held?.operation === operation.id && held.making !== undefined;
  let goal: Goal;
  try {
    goal = await goalOf(ctx, stack, blueprint, planned, graph.get(id)!, held);
  } catch (error) {
    return refuse(ctx, stack, planned, held, error);
  }
  const before = resumed ? held.before : held?.made;
  if (before && isSame(before, goal.making) && !held!.status.endsWith('_FAILED'))
    return keepAsIs(ctx, stack, held!, goal);
  const replaced = before !== undefined && replaces(ctx.host.resourceType(planned.type), before, goal.making);
  const making = goal.making;
  const step: Step = await ctx.transact((tx) => {
    const base = { ctx, stack, logicalId: id, type: planned.type, waitFor, resumed };
    if (resumed) return { ...base, clientToken: held.clientToken!, begunAt: held.at };
    const begun: StackResource = {
      ...(held?.made && { made: held.made, before: held.made }),
      ...metadataOf(goal),
      logicalId: id,
      type: planned.type,
      status: before ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS',
      ...(replaced && { reason: REPLACING }),
      at: tx.now,
      making,
      operation: operation.id,
      clientToken: tx.ids.uuid(),
    };
    setResource(tx, stack, begun, before?.physicalId);
    return { ...base, clientToken: begun.clientToken!, begunAt: tx.now };
  });
  const creating = before === undefined || replaced;
  try {
    const handler = handlerFor(ctx.host, planned.type);
    const outcome = creating
      ? await handler.create(step, making.properties)
      : await handler.update(step, before, making.properties);
    if (creating) await awaitSignals(step, goal.resolved.creationPolicy);
    await ctx.transact((tx) => settle(tx, stack, id, outcome, creating));
    return true;
  } catch (error) {
    return failed(ctx, stack, id, error);
  }
}

const REPLACING = 'Requested update requires the creation of a new physical resource; hence creating one.';

async function goalOf(
  ctx: WaitingContext,
  stack: Stack,
  { plan }: Blueprint,
  planned: PlannedResource,
  dependsOn: readonly string[],
  held: StackResource | undefined,
): Promise<Goal> {
  const resources = await ctx.transact((tx) => resourcesOf(tx, stack.id));
  const resolved = plan.resolveResource(planned.id, attributesIn(resources, stack, ctx.scope.region));
  const given = await withDynamicReferences(ctx, resolved.properties);
  const known = ctx.host.resourceType(planned.type);
  const before = held?.making ?? held?.made;
  const fitting = known ? shaped(known, { logicalId: planned.id, stack }, given, stack.operation!.target.tags) : given;
  const { properties, autoNamed } = nameIn(ctx, stack, planned, known, fitting, before);
  const { type, deletionPolicy, updateReplacePolicy } = planned;
  const making: Making = {
    ...{ type, properties, autoNamed, dependsOn },
    ...(deletionPolicy !== undefined && { deletionPolicy }),
    ...(updateReplacePolicy !== undefined && { updateReplacePolicy }),
  };
  return { planned, resolved, making };
}

/** The name that a resource has already, where it was made up; else one is made up, unless the template gives it. */
function nameIn(
  ctx: WaitingContext,
  stack: Stack,
  { id }: PlannedResource,
  known: KnownType | undefined,
  properties: Properties,
  before: Making | Made | undefined,
): { properties: Properties; autoNamed: boolean } {
  const name = known?.type.name;
  if (!name || properties[name.property] !== undefined) return { properties, autoNamed: false };
  if (!before?.autoNamed) return { properties: named(ctx.ids, stack.name, id, name, properties), autoNamed: true };
  const kept = { ...properties, [name.property]: before.properties[name.property] };
  const replaced = 'physicalId' in before && replaces(known, before, { ...before, properties: kept });
  return { properties: replaced ? named(ctx.ids, stack.name, id, name, properties) : kept, autoNamed: true };
}

/** Whether one has to be made anew. Throws Failure where it could not be, for its name. */
function replaces(known: KnownType | undefined, before: Made, after: Making): boolean {
  if (!known) return after.type === METADATA ? false : !isCustom(after.type) && MADE_ANEW.has(after.type);
  const changes = changesOf(known.schema, before.properties, after.properties);
  if (changes.length === 0) return false;
  return !known.type.update || changes.some(({ replaces }) => replaces === 'yes');
}

const MADE_ANEW = new Set(['AWS::CloudFormation::Macro']);

function isSame(before: Made, after: Making): boolean {
  return before.type === after.type && isDeepStrictEqual(before.properties, after.properties);
}

async function withDynamicReferences(ctx: WaitingContext, properties: JsonObject): Promise<Properties> {
  const values = new Map<string, string>();
  for (const reference of dynamicReferences(properties)) {
    if (reference.service === 'secretsmanager') throw new Failure('Carillon has no Secrets Manager yet.');
    const Name = reference.version === undefined ? reference.name : `${reference.name}:${reference.version}`;
    const WithDecryption = reference.service === 'ssm-secure';
    try {
      const { Parameter } = await ctx.call('ssm', 'GetParameter', { Name, WithDecryption });
      values.set(reference.text, Parameter?.Value ?? '');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new Failure(`Unable to fetch parameters [${reference.name}] from parameter store for this account.`);
    }
  }
  return putDynamicReferences(properties as Value, values) as Properties;
}

const metadataOf = ({ resolved }: Goal) => (resolved.metadata ? { metadata: JSON.stringify(resolved.metadata) } : {});

/** Nothing changes but what is written down of it. */
async function keepAsIs(ctx: WaitingContext, stack: Stack, held: StackResource, goal: Goal): Promise<boolean> {
  const { made, metadata: _metadata, ...rest } = held;
  const next: StackResource = { ...rest, made: { ...made!, ...goal.making }, ...metadataOf(goal) };
  if (isDeepStrictEqual(next, held)) return true;
  await ctx.transact((tx) => tx.rows(stackResources).put(resourceKey(stack.id, held.logicalId), next));
  return true;
}

/** What came of a resource is written down. */
function settle(tx: Context, stack: Stack, id: string, { physicalId, attributes }: Outcome, creating: boolean): void {
  const {
    making,
    clientToken: _token,
    reason: _reason,
    ...held
  } = tx.rows(stackResources).get(resourceKey(stack.id, id))!;
  const verb = held.before ? 'UPDATE' : 'CREATE';
  const made: Made = { ...making!, physicalId, attributes };
  const about = { ...held, making: making! };
  if (creating) {
    const status = `${verb}_IN_PROGRESS` as const;
    tell(tx, stack, { ...about, made, status, reason: 'Resource creation Initiated' }, { physicalId });
  } else if (held.made?.physicalId !== physicalId) {
    tell(tx, stack, { ...about, made, status: 'UPDATE_IN_PROGRESS', reason: REPLACED }, { physicalId });
  }
  setResource(tx, stack, { ...held, made, status: `${verb}_COMPLETE` });
}

const REPLACED = 'Requested update required the provider to create a new physical resource';

/** What can't be resolved or does not fit never begins. */
async function refuse(
  ctx: WaitingContext,
  stack: Stack,
  { id, type }: PlannedResource,
  held: StackResource | undefined,
  error: unknown,
): Promise<false> {
  if (!(error instanceof Failure) && !(error instanceof TemplateError)) throw error;
  await ctx.transact((tx) => {
    const verb = held?.made ? 'UPDATE' : 'CREATE';
    const operation = stack.operation!.id;
    const before = held?.made && { made: held.made, before: held.made };
    const base = { ...before, logicalId: id, type, at: tx.now, operation };
    setResource(tx, stack, { ...base, status: `${verb}_IN_PROGRESS` });
    setResource(tx, stack, { ...base, status: `${verb}_FAILED`, reason: error.message });
  });
  return false;
}

/** Writes down why a resource failed, and what there is of it all the same. */
async function failed(ctx: WaitingContext, stack: Stack, id: string, error: unknown): Promise<false> {
  if (!(error instanceof Failure)) throw error;
  const { physicalId, message } = error;
  await ctx.transact((tx) => {
    const { clientToken: _token, reason: _reason, ...held } = tx.rows(stackResources).get(resourceKey(stack.id, id))!;
    const partly = physicalId !== undefined && held.made?.physicalId !== physicalId;
    const made = partly ? { ...held.making!, physicalId, attributes: {} } : held.made;
    const status = held.before ? 'UPDATE_FAILED' : 'CREATE_FAILED';
    setResource(tx, stack, { ...held, ...(made && { made }), status, reason: message });
  });
  return false;
}
