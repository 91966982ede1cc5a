/*
 * Change sets: what an update would do, told before it is done.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
 */
import type {
  Change,
  CreateChangeSetInput,
  CreateChangeSetOutput,
  DeleteChangeSetInput,
  DescribeChangeSetInput,
  DescribeChangeSetOutput,
  ExecuteChangeSetInput,
  ListChangeSetsInput,
  ListChangeSetsOutput,
  ResourceChangeDetail,
} from '@aws-sdk/client-cloudformation';
import { formatArn } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, Properties, WaitingContext } from '../../kernel/service.ts';
import { changesOf, type Change as PropertyChange } from '../../languages/resource-schema/index.ts';
import { KNOWN_AFTER_APPLY, type Value, visitReferences } from '../../languages/template/index.ts';
import { type Prepared, prepare } from './blueprint.ts';
import { type ChangeSet, changeSetKey, changeSetOf, changeSets } from './change-set.ts';
import { attributesIn } from './deploy.ts';
import { invalid } from './errors.ts';
import { setStatus } from './events.ts';
import { Failure } from './handler.ts';
import { isCustom, STACK } from './own-types.ts';
import { shaped } from './service-types.ts';
import { type Design, findStack, keyOf, lookUp, resourcesOf, type Stack, type StackResource } from './stack.ts';
import { checkName, parametersOf, previousBody, requestFrom } from './stacks.ts';
import {
  checkTypes,
  checkUpdatable,
  create,
  isSameDesign,
  keepDesign,
  newStack,
  newStackId,
  update,
} from './starting.ts';
import { readBody } from './template-body.ts';

const PAGE = 100;
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

export async function createChangeSet(
  ctx: WaitingContext,
  input: CreateChangeSetInput,
): Promise<CreateChangeSetOutput> {
  const { StackName, ChangeSetName: name, ChangeSetType: type = 'UPDATE' } = input;
  if (type === 'IMPORT') throw invalid('Carillon does not import resources into stacks yet.');
  const id = formatArn('cloudformation', ctx.scope, `changeSet/${name}/${ctx.ids.uuid()}`);
  const stack = await ctx.transact((tx) => reviewed(tx, ctx, StackName!, type, name!));
  const given = await readBody(ctx, input);
  const body = given ?? (await previousBody(ctx, stack, input.UsePreviousTemplate));
  const asked = requestFrom(ctx, { ...input, StackName: stack.name } as never, body);
  const previous = stack.design;
  const request = {
    ...asked,
    tags: input.Tags ?? previous?.tags ?? [],
    notificationArns: input.NotificationARNs ?? previous?.notificationArns ?? [],
    previous,
  };
  const base = {
    ...{ id, name: name!, stackId: stack.id, stackName: stack.name, type },
    createdAt: ctx.clock.now(),
    nested: input.IncludeNestedStacks ?? false,
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.RoleARN !== undefined && { roleArn: input.RoleARN }),
    ...(input.OnStackFailure !== undefined && { onFailure: input.OnStackFailure }),
    ...(input.RollbackConfiguration && { rollbackConfiguration: input.RollbackConfiguration }),
  };
  const made = await evaluate(ctx, stack, base, request);
  await ctx.transact((tx) => {
    const { prepared, ...set } = made;
    if (type === 'CREATE' && !lookUp(tx, stack.id)) {
      const status = 'REVIEW_IN_PROGRESS';
      setStatus(tx, { ...stack, status, changeSetId: id }, status, 'User Initiated');
    }
    const kept = { ...set, ...(prepared && { design: keepDesign(tx, stack.id, prepared) }) };
    tx.rows(changeSets).put(changeSetKey(stack.id, name!), kept);
  });
  return { Id: id, StackId: stack.id };
}

/** The stack that a change set is for; one that is not there yet is made up, and kept with the change set. */
function reviewed(tx: Context, ctx: WaitingContext, name: string, type: string, setName: string): Stack {
  const held = lookUp(tx, name);
  if (type === 'CREATE') {
    if (!name.startsWith('arn:')) checkName(name);
    if (held && held.status !== 'REVIEW_IN_PROGRESS') {
      throw invalid(`Stack [${name}] already exists and cannot be created again with the changeSet [${setName}].`);
    }
  } else if (!held) throw invalid(`Stack [${name}] does not exist`);
  else checkUpdatable(held);
  if (held && tx.rows(changeSets).has(changeSetKey(held.id, setName))) {
    throw new AwsError(
      'AlreadyExistsException',
      `ChangeSet ${setName} cannot be created due to a mismatch with existing attribute Template`,
    );
  }
  return held ?? newStack(tx, { name }, newStackId(ctx, name));
}

type Base = Omit<ChangeSet, 'status' | 'execution' | 'changes' | 'design' | 'statusReason'>;

/** What comes of it: what would change, or why it can't be. */
async function evaluate(
  ctx: WaitingContext,
  stack: Stack,
  base: Base,
  request: Parameters<typeof prepare>[2],
): Promise<ChangeSet & { prepared?: Prepared }> {
  const failed = (statusReason: string) =>
    ({ ...base, status: 'FAILED', statusReason, execution: 'UNAVAILABLE', changes: [] }) as const;
  let prepared: Prepared;
  try {
    prepared = await prepare(ctx, stack, request);
    await ctx.transact((tx) => checkTypes(tx, stack, prepared.blueprint));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // What is wrong with the request is told at once; what a macro or another service refuses, by the change set.
    if (error.code !== 'ValidationError' || !/^(Transform|S3 error|No export|Unable to fetch)/.test(error.message))
      throw error;
    return failed(error.message);
  }
  return ctx.transact((tx) => {
    const changes = changesIn(tx, ctx, stack, prepared);
    if (isSameDesign(tx, stack, prepared)) return { ...failed(NO_CHANGES), prepared };
    return { ...base, status: 'CREATE_COMPLETE', execution: 'AVAILABLE', changes, prepared };
  });
}

/** What a design would change of a stack's resources. */
function changesIn(
  tx: Context,
  ctx: WaitingContext,
  stack: Stack,
  { blueprint: { plan, template }, design }: Prepared,
): Change[] {
  const held = resourcesOf(tx, stack.id);
  const known = attributesIn(held, stack, tx.scope.region);
  const replaced = new Set<string>();
  const changes = new Map<string, Change>();
  const order = [...plan.resources.keys()];
  // What is replaced changes what refers to it, whatever the template's order: so until nothing more follows.
  for (let found = -1; found !== replaced.size; ) {
    found = replaced.size;
    for (const id of order) {
      const { type, declaration } = plan.resources.get(id)!;
      const attributes = (other: string, attribute?: string): Value =>
        replaced.has(other) || !held.get(other)?.made
          ? KNOWN_AFTER_APPLY
          : (known(other, attribute) ?? KNOWN_AFTER_APPLY);
      const properties = goal(ctx, stack, design, id, type, plan.resolveResource(id, attributes).properties);
      const change = changeOf(ctx, held.get(id), id, type, properties, (name) =>
        causesOf(template, declaration.properties[name], replaced, held),
      );
      if (change) changes.set(id, change);
      if (change?.ResourceChange?.Replacement === 'True') replaced.add(id);
    }
  }
  for (const [id, { type, made }] of held) {
    if (plan.resources.has(id)) continue;
    const PolicyAction = made?.deletionPolicy === 'Retain' ? 'Retain' : 'Delete';
    changes.set(
      id,
      resource('Remove', id, type, {
        PhysicalResourceId: made?.physicalId,
        PolicyAction,
        ...beforeOf(made?.properties),
      }),
    );
  }
  return [...changes.values()].sort((a, b) =>
    compare(a.ResourceChange!.LogicalResourceId!, b.ResourceChange!.LogicalResourceId!),
  );
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function goal(
  ctx: WaitingContext,
  stack: Stack,
  design: Omit<Design, 'template'>,
  id: string,
  type: string,
  given: Properties,
): Properties {
  const known = ctx.host.resourceType(type);
  try {
    return known ? shaped(known, { logicalId: id, stack }, given, design.tags) : given;
  } catch (error) {
    if (error instanceof Failure) return given;
    throw error;
  }
}

function resource(Action: 'Add' | 'Modify' | 'Remove', id: string, type: string, more: object): Change {
  return {
    Type: 'Resource',
    ResourceChange: { Action, LogicalResourceId: id, ResourceType: type, Scope: [], Details: [], ...more },
  };
}

const contextOf = (properties: Properties) => JSON.stringify({ Properties: properties });
const beforeOf = (properties: Properties | undefined) => (properties ? { BeforeContext: contextOf(properties) } : {});

type Cause = Pick<ResourceChangeDetail, 'ChangeSource' | 'CausingEntity' | 'Evaluation'>;

function changeOf(
  ctx: WaitingContext,
  held: StackResource | undefined,
  id: string,
  type: string,
  properties: Properties,
  causes: (property: string) => readonly Cause[],
): Change | undefined {
  const made = held?.made;
  if (!made) return resource('Add', id, type, { AfterContext: contextOf(properties) });
  const known = ctx.host.resourceType(type);
  const name = known?.type.name?.property;
  const after =
    made.autoNamed && name && properties[name] === undefined
      ? { ...properties, [name]: made.properties[name] }
      : properties;
  const schema = known?.schema ?? { properties: {}, definitions: {} };
  const changes = changesOf(schema, made.properties, after);
  if (changes.length === 0) return type === STACK ? nestedChange(id, made.physicalId) : undefined;
  const details = changes.flatMap((change) =>
    detailsOf(change, known?.type.update === undefined && !isOwn(type), causes(change.name)),
  );
  const needs = details.map(({ Target }) => Target!.RequiresRecreation);
  const sure = details.some(
    ({ Target, Evaluation }) => Target!.RequiresRecreation === 'Always' && Evaluation === 'Static',
  );
  const Replacement = sure ? 'True' : needs.some((need) => need !== 'Never') ? 'Conditional' : 'False';
  const Scope = [...new Set(details.map(({ Target }) => Target!.Attribute!))];
  return resource('Modify', id, type, {
    PhysicalResourceId: made.physicalId,
    ...{ Replacement, Scope, Details: details },
    ...(Replacement === 'True' && {
      PolicyAction: made.updateReplacePolicy === 'Retain' ? 'ReplaceAndRetain' : 'ReplaceAndDelete',
    }),
    BeforeContext: contextOf(made.properties),
    AfterContext: contextOf(after),
  });
}

const isOwn = (type: string) =>
  isCustom(type) || type.startsWith('AWS::CloudFormation::') || type === 'AWS::CDK::Metadata';

/** What a nested stack would change is only known when its own template has been read. */
function nestedChange(id: string, PhysicalResourceId: string): Change {
  const Details: ResourceChangeDetail[] = [
    {
      Target: { Attribute: 'Properties', RequiresRecreation: 'Never' },
      Evaluation: 'Dynamic',
      ChangeSource: 'Automatic',
    },
  ];
  return resource('Modify', id, STACK, { PhysicalResourceId, Replacement: 'False', Scope: ['Properties'], Details });
}

function detailsOf({ name, replaces, before, after }: PropertyChange, immutable: boolean, causes: readonly Cause[]) {
  const RequiresRecreation =
    immutable || replaces === 'yes' ? 'Always' : replaces === 'maybe' ? 'Conditionally' : 'Never';
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const isTags = name === 'Tags';
  const Target = {
    Attribute: isTags ? 'Tags' : 'Properties',
    ...(!isTags && { Name: name }),
    RequiresRecreation,
    Path: `/Properties/${name}`,
    ...(before !== undefined && { BeforeValue: text(before) }),
    ...(after !== undefined && { AfterValue: text(after) }),
    AttributeChangeType: before === undefined ? 'Add' : after === undefined ? 'Remove' : 'Modify',
  } as const;
  return causes.map((cause): ResourceChangeDetail => ({ Target, ...cause }));
}

/** What makes a property change: the template, a parameter, or a resource that it refers to. */
function causesOf(
  template: Prepared['blueprint']['template'],
  value: Value | undefined,
  replaced: ReadonlySet<string>,
  held: ReadonlyMap<string, StackResource>,
): Cause[] {
  const causes: Cause[] = [];
  const direct: Cause = { Evaluation: 'Static', ChangeSource: 'DirectModification' };
  if (value !== undefined) {
    visitReferences(
      value,
      ({ id, attribute }) => {
        if (template.parameters.has(id))
          causes.push({ Evaluation: 'Static', ChangeSource: 'ParameterReference', CausingEntity: id });
        else if (template.resources.has(id) && (replaced.has(id) || !held.has(id))) {
          const ChangeSource = attribute === undefined ? 'ResourceReference' : 'ResourceAttribute';
          const CausingEntity = attribute === undefined ? id : `${id}.${attribute}`;
          causes.push({ Evaluation: 'Dynamic', ChangeSource, CausingEntity });
        }
      },
      () => true,
    );
  }
  return causes.length > 0 ? causes : [direct];
}

export function describeChangeSet(ctx: Context, input: DescribeChangeSetInput): DescribeChangeSetOutput {
  const set = changeSetOf(ctx, input.ChangeSetName!, input.StackName);
  const from = (after: string | undefined) => (after === undefined ? 0 : Number(after) + 1);
  const { items, nextToken } = page(
    (after, limit) =>
      set.changes.slice(from(after), from(after) + limit).map((change, index) => [String(from(after) + index), change]),
    { token: input.NextToken, most: PAGE, invalid: () => invalid('NextToken is invalid') },
  );
  const { design } = set;
  return {
    ...summaryOf(set),
    ...(design?.parameters.length && { Parameters: parametersOf(design.parameters) }),
    NotificationARNs: [...(design?.notificationArns ?? [])],
    RollbackConfiguration: set.rollbackConfiguration ?? {},
    ...(design?.capabilities.length && {
      Capabilities: design.capabilities as DescribeChangeSetOutput['Capabilities'] & object,
    }),
    Tags: [...(design?.tags ?? [])],
    Changes: items.map(([, change]) => (input.IncludePropertyValues ? change : withoutValues(change))),
    ...(nextToken && { NextToken: nextToken }),
    ...(set.onFailure && { OnStackFailure: set.onFailure }),
  };
}

/** Values are told only to who asks for them. */
function withoutValues({ ResourceChange, ...change }: Change): Change {
  const { BeforeContext: _before, AfterContext: _after, Details = [], ...rest } = ResourceChange!;
  const details = Details.map(({ Target, ...detail }) => {
    const { BeforeValue: _from, AfterValue: _to, Path: _path, AttributeChangeType: _type, ...target } = Target!;
    return { ...detail, Target: target };
  });
  return { ...change, ResourceChange: { ...rest, Details: details } };
}

function summaryOf(set: ChangeSet) {
  const { id, name, stackId, stackName, createdAt, status, statusReason, execution, description, nested } = set;
  return {
    ChangeSetName: name,
    ChangeSetId: id,
    StackId: stackId,
    StackName: stackName,
    ...(description !== undefined && { Description: description }),
    CreationTime: dateOf(createdAt),
    ExecutionStatus: execution,
    Status: status,
    ...(statusReason !== undefined && { StatusReason: statusReason }),
    IncludeNestedStacks: nested,
    ImportExistingResources: false,
  };
}

export function listChangeSets(ctx: Context, input: ListChangeSetsInput): ListChangeSetsOutput {
  const stack = findStack(ctx, input.StackName!, (name) => invalid(`Stack [${name}] does not exist`));
  const prefix = `${keyOf(stack.id)}/`;
  const { items, nextToken } = page(
    (after, limit) => ctx.rows(changeSets).list({ prefix, limit, ...(after !== undefined && { after }) }),
    { token: input.NextToken, most: PAGE, invalid: () => invalid('NextToken is invalid') },
  );
  return { Summaries: items.map(([, set]) => summaryOf(set)), ...(nextToken && { NextToken: nextToken }) };
}

export function executeChangeSet(ctx: Context, input: ExecuteChangeSetInput): object {
  const set = changeSetOf(ctx, input.ChangeSetName!, input.StackName);
  const stack = findStack(ctx, set.stackId);
  if (set.execution !== 'AVAILABLE' || !set.design) {
    throw new AwsError(
      'InvalidChangeSetStatus',
      `ChangeSet [${set.id}] cannot be executed in its current status of [${set.status}]`,
    );
  }
  if (input.DisableRollback !== undefined && set.onFailure !== undefined) {
    throw invalid('Cannot specify both DisableRollback and OnStackFailure.');
  }
  const onFailure = set.onFailure ?? (input.DisableRollback ? 'DO_NOTHING' : 'ROLLBACK');
  const request = {
    caller: ctx.caller,
    onFailure,
    ...(set.roleArn !== undefined && { roleArn: set.roleArn }),
    ...(set.rollbackConfiguration && { rollbackConfiguration: set.rollbackConfiguration }),
    ...(input.ClientRequestToken !== undefined && { token: input.ClientRequestToken }),
    ...(input.RetainExceptOnCreate && { retainExceptOnCreate: true }),
  };
  const next = { ...stack, changeSetId: set.id, disableRollback: input.DisableRollback ?? stack.disableRollback };
  // To execute one is to do away with the others, which are no longer about what the stack is.
  for (const [key] of ctx.rows(changeSets).list({ prefix: `${keyOf(stack.id)}/` })) ctx.rows(changeSets).delete(key);
  if (set.type === 'CREATE') create(ctx, next, set.design, request);
  else {
    checkUpdatable(stack);
    update(ctx, next, set.design, request);
  }
  return {};
}

export function deleteChangeSet(ctx: Context, input: DeleteChangeSetInput): object {
  try {
    const set = changeSetOf(ctx, input.ChangeSetName!, input.StackName);
    ctx.rows(changeSets).delete(changeSetKey(set.stackId, set.name));
  } catch (error) {
    // To delete what is not there is no error.
    if (!(error instanceof AwsError) || error.code !== 'ChangeSetNotFound') throw error;
  }
  return {};
}
