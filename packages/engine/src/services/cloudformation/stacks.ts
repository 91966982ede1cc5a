/*
 * Stacks: created, updated, deleted, described.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
 */
import type {
  CancelUpdateStackInput,
  ContinueUpdateRollbackInput,
  CreateStackInput,
  CreateStackOutput,
  DeleteStackInput,
  DescribeStacksInput,
  DescribeStacksOutput,
  GetStackPolicyInput,
  GetStackPolicyOutput,
  ListStacksInput,
  ListStacksOutput,
  RollbackStackInput,
  RollbackStackOutput,
  SetStackPolicyInput,
  Stack as StackDescription,
  StackSummary,
  UpdateStackInput,
  UpdateStackOutput,
  UpdateTerminationProtectionInput,
  UpdateTerminationProtectionOutput,
} from '@aws-sdk/client-cloudformation';
import { dateOf } from '../../kernel/clock.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { invalid } from './errors.ts';
import { findStack, isBusy, lookUp, type Operation, type Stack, saveStack, stacks, templates } from './stack.ts';
import { begin, type Request, startCreation, startDeletion, startUpdate } from './starting.ts';
import { readBody } from './template-body.ts';
import { cancel } from './walks.ts';

const PAGE = 100;
const NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;

export function checkName(name: string): void {
  if (NAME.test(name)) return;
  const constraint = 'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*';
  throw invalid(
    `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: ${constraint}`,
  );
}

/** The members that requests for stacks share. */
export function requestFrom(
  ctx: Pick<WaitingContext, 'caller'>,
  input: Partial<Omit<CreateStackInput, 'OnFailure'>> & { readonly StackName: string | undefined },
  body: string,
): Request {
  const { RoleARN, ClientRequestToken, TimeoutInMinutes, RollbackConfiguration, StackPolicyBody } = input;
  checkTags(input.Tags ?? []);
  return {
    name: input.StackName!,
    body,
    parameters: input.Parameters,
    capabilities: input.Capabilities ?? [],
    tags: input.Tags ?? [],
    notificationArns: input.NotificationARNs ?? [],
    onFailure: 'ROLLBACK',
    disableRollback: input.DisableRollback ?? false,
    caller: ctx.caller,
    terminationProtection: input.EnableTerminationProtection ?? false,
    ...(RoleARN !== undefined && { roleArn: RoleARN }),
    ...(ClientRequestToken !== undefined && { token: ClientRequestToken }),
    ...(TimeoutInMinutes !== undefined && { timeoutMinutes: TimeoutInMinutes }),
    ...(RollbackConfiguration && { rollbackConfiguration: RollbackConfiguration }),
    ...(StackPolicyBody !== undefined && { policy: StackPolicyBody }),
    ...(input.RetainExceptOnCreate && { retainExceptOnCreate: true }),
  };
}

function checkTags(tags: NonNullable<CreateStackInput['Tags']>): void {
  const reserved = tags.find(({ Key }) => Key!.startsWith('aws:'));
  if (reserved) throw invalid(`aws: prefixed tag key names are not allowed for external use.`);
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) throw invalid('Duplicate tag keys found.');
}

export async function createStack(ctx: WaitingContext, input: CreateStackInput): Promise<CreateStackOutput> {
  checkName(input.StackName!);
  if (input.OnFailure !== undefined && input.DisableRollback !== undefined) {
    throw invalid('Either DisableRollback or OnFailure can be specified, not both.');
  }
  const body = await readBody(ctx, input);
  if (body === undefined) throw invalid('Either Template URL or Template Body must be specified.');
  const policy = await policyOf(ctx, input);
  const onFailure = input.OnFailure ?? (input.DisableRollback ? 'DO_NOTHING' : 'ROLLBACK');
  const request = { ...requestFrom(ctx, input, body), ...(policy !== undefined && { policy }), onFailure };
  const { id, operation } = await startCreation(ctx, request);
  return { StackId: id, ...(operation && { OperationId: operation.id }) };
}

async function policyOf(ctx: WaitingContext, input: Pick<CreateStackInput, 'StackPolicyBody' | 'StackPolicyURL'>) {
  const { StackPolicyBody: TemplateBody, StackPolicyURL: TemplateURL } = input;
  const policy = await readBody(ctx, { TemplateBody, TemplateURL });
  if (policy !== undefined) checkPolicy(policy);
  return policy;
}

function checkPolicy(text: string): void {
  try {
    if (typeof JSON.parse(text) === 'object') return;
  } catch {
    throw invalid('Error validating stack policy: Invalid stack policy');
  }
  throw invalid('Error validating stack policy: Invalid stack policy');
}

export async function updateStack(ctx: WaitingContext, input: UpdateStackInput): Promise<UpdateStackOutput> {
  const stack = await ctx.transact((tx) => findStack(tx, input.StackName!));
  const body = (await readBody(ctx, input)) ?? (await previousBody(ctx, stack, input.UsePreviousTemplate));
  const policy = await policyOf(ctx, input);
  const request = requestFrom(ctx, { ...input, StackName: stack.name }, body);
  const begun = await startUpdate(ctx, stack, {
    ...request,
    notificationArns: input.NotificationARNs ?? stack.design?.notificationArns ?? [],
    tags: input.Tags ?? stack.design?.tags ?? [],
    ...(policy !== undefined && { policy }),
    onFailure: input.DisableRollback ? 'DO_NOTHING' : 'ROLLBACK',
    whenSame: 'fault',
  });
  return { StackId: stack.id, OperationId: begun!.operation!.id };
}

export async function previousBody(ctx: WaitingContext, { design }: Stack, use: boolean | undefined): Promise<string> {
  const template = design && (await ctx.transact((tx) => tx.rows(templates).get(design.template)));
  if (!use || !template) throw invalid('Either Template URL or Template Body must be specified.');
  return template.original;
}

/** To delete what is not there is no error. */
export function deleteStack(ctx: Context, input: DeleteStackInput): void {
  const stack = lookUp(ctx, input.StackName!);
  if (!stack || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return;
  if (stack.parentId && stack.rootId) {
    const root = lookUp(ctx, stack.rootId);
    if (root?.terminationProtection) {
      throw invalid(`Stack [${stack.id}] cannot be deleted while TerminationProtection is enabled`);
    }
  }
  if (isBusy(stack)) {
    if (stack.operation?.kind !== 'create' || stack.operation.phase !== 'deploy') {
      throw invalid(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`);
    }
    // A creation under way turns into a deletion, as on AWS.
    saveStack(ctx, { ...stack, operation: { ...stack.operation, onFailure: 'DELETE' } });
    cancel(ctx, findStack(ctx, stack.id), '');
    return;
  }
  const { RoleARN, ClientRequestToken, RetainResources, DeletionMode } = input;
  startDeletion(ctx, stack, {
    caller: ctx.caller,
    ...(RoleARN !== undefined && { roleArn: RoleARN }),
    ...(ClientRequestToken !== undefined && { token: ClientRequestToken }),
    ...(RetainResources?.length && { retain: RetainResources }),
    ...(DeletionMode === 'FORCE_DELETE_STACK' && { force: true }),
  });
}

export function describeStacks(ctx: Context, input: DescribeStacksInput): DescribeStacksOutput {
  if (input.StackName !== undefined) return { Stacks: [describe(findStack(ctx, input.StackName))] };
  const { items, nextToken } = page((after, limit) => list(ctx, after, limit, isLive), {
    token: input.NextToken,
    most: PAGE,
    invalid: () => invalid('NextToken is invalid'),
  });
  return { Stacks: items.map(([, stack]) => describe(stack)), ...(nextToken && { NextToken: nextToken }) };
}

const isLive = ({ status }: Stack) => status !== 'DELETE_COMPLETE';

/** Stacks that will do, newest first; a key is their rank among those. */
function list(
  ctx: Context,
  after: string | undefined,
  limit: number,
  will: (stack: Stack) => boolean,
): [string, Stack][] {
  const found = ctx
    .rows(stacks)
    .list()
    .map(([, stack]) => stack)
    .filter(will);
  found.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  const from = after === undefined ? 0 : Number(after) + 1;
  return found.slice(from, from + limit).map((stack, index) => [String(from + index), stack]);
}

/** Deleted stacks are listed for 90 days. */
const DELETED_LISTED_MS = 90 * 86_400_000;

export function listStacks(ctx: Context, input: ListStacksInput): ListStacksOutput {
  const statuses = new Set<string>(input.StackStatusFilter ?? []);
  const will = ({ status, deletedAt = ctx.now }: Stack) =>
    (statuses.size === 0 || statuses.has(status)) && ctx.now - deletedAt < DELETED_LISTED_MS;
  const { items, nextToken } = page((after, limit) => list(ctx, after, limit, will), {
    token: input.NextToken,
    most: PAGE,
    invalid: () => invalid('NextToken is invalid'),
  });
  return { StackSummaries: items.map(([, stack]) => summaryOf(stack)), ...(nextToken && { NextToken: nextToken }) };
}

const NOT_CHECKED = { StackDriftStatus: 'NOT_CHECKED' } as const;

function summaryOf(stack: Stack): StackSummary {
  return { ...common(stack), TemplateDescription: stack.design?.description, DriftInformation: NOT_CHECKED };
}

function common(stack: Stack) {
  const { id, name, status, statusReason, createdAt, updatedAt, deletedAt, parentId, rootId, lastOperations } = stack;
  return {
    StackId: id,
    StackName: name,
    CreationTime: dateOf(createdAt),
    ...(updatedAt !== undefined && { LastUpdatedTime: dateOf(updatedAt) }),
    ...(deletedAt !== undefined && { DeletionTime: dateOf(deletedAt) }),
    StackStatus: status,
    ...(statusReason !== undefined && { StackStatusReason: statusReason }),
    ...(parentId !== undefined && { ParentId: parentId }),
    ...(rootId !== undefined && { RootId: rootId }),
    ...(lastOperations.length > 0 && { LastOperations: lastOperations as StackSummary['LastOperations'] & object }),
  };
}

/** A stack as DescribeStacks tells it. */
export function describe(stack: Stack): StackDescription {
  const design = stack.operation?.target ?? stack.design;
  const { roleArn, timeoutMinutes, changeSetId, outputs } = stack;
  return {
    ...common(stack),
    ...(changeSetId !== undefined && { ChangeSetId: changeSetId }),
    ...(design?.description !== undefined && { Description: design.description }),
    ...(design?.parameters.length && { Parameters: parametersOf(design.parameters) }),
    RollbackConfiguration: stack.rollbackConfiguration ?? {},
    DisableRollback: stack.disableRollback,
    NotificationARNs: [...(design?.notificationArns ?? [])],
    ...(timeoutMinutes !== undefined && { TimeoutInMinutes: timeoutMinutes }),
    ...(design?.capabilities.length && {
      Capabilities: design.capabilities as StackDescription['Capabilities'] & object,
    }),
    ...(outputs.length > 0 && { Outputs: [...outputs] }),
    ...(roleArn !== undefined && { RoleARN: roleArn }),
    Tags: [...(design?.tags ?? [])],
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: NOT_CHECKED,
  };
}

const HIDDEN = '****';

/** Parameters as they are told: secrets are not. */
export function parametersOf(parameters: NonNullable<Stack['design']>['parameters']) {
  return parameters.map(({ key, value, resolved, noEcho }) => ({
    ParameterKey: key,
    ParameterValue: noEcho ? HIDDEN : value,
    ...(resolved !== undefined && { ResolvedValue: noEcho ? HIDDEN : resolved }),
  }));
}

export function updateTerminationProtection(
  ctx: Context,
  input: UpdateTerminationProtectionInput,
): UpdateTerminationProtectionOutput {
  const stack = findStack(ctx, input.StackName!);
  if (stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') {
    throw invalid(`Termination protection can not be updated for stack ${stack.id} in ${stack.status} state`);
  }
  if (stack.parentId) throw invalid('Termination protection on a nested stack is inherited from its root stack.');
  saveStack(ctx, { ...stack, terminationProtection: input.EnableTerminationProtection! });
  return { StackId: stack.id };
}

export async function setStackPolicy(ctx: WaitingContext, input: SetStackPolicyInput): Promise<void> {
  const policy = await policyOf(ctx, input);
  if (policy === undefined) throw invalid('You must specify either StackPolicyBody or StackPolicyURL.');
  await ctx.transact((tx) => saveStack(tx, { ...findStack(tx, input.StackName!), policy }));
}

export function getStackPolicy(ctx: Context, input: GetStackPolicyInput): GetStackPolicyOutput {
  const { policy } = findStack(ctx, input.StackName!);
  return policy === undefined ? {} : { StackPolicyBody: policy };
}

export function cancelUpdateStack(ctx: Context, input: CancelUpdateStackInput): void {
  const stack = findStack(ctx, input.StackName!);
  if (stack.status !== 'UPDATE_IN_PROGRESS') {
    throw invalid('CancelUpdateStack cannot be called from current stack status');
  }
  cancel(ctx, stack, 'Stack update cancelled by user. ');
}

export function continueUpdateRollback(ctx: Context, input: ContinueUpdateRollbackInput): object {
  const stack = findStack(ctx, input.StackName!);
  if (stack.status !== 'UPDATE_ROLLBACK_FAILED' || !stack.operation) {
    throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not continue update rollback.`);
  }
  const skip = input.ResourcesToSkip ?? [];
  begin(ctx, stack, { ...stack.operation, skip }, 'UPDATE_ROLLBACK_IN_PROGRESS', 'User Initiated');
  return {};
}

/** Rolls back what failed and was left as it was. */
export function rollbackStack(ctx: Context, input: RollbackStackInput): RollbackStackOutput {
  const stack = findStack(ctx, input.StackName!);
  if (stack.status !== 'CREATE_FAILED' && stack.status !== 'UPDATE_FAILED') {
    throw invalid(`RollbackStack cannot be called from current stack status ${stack.status}`);
  }
  const { failed } = stack;
  if (!failed) throw invalid(`There is nothing to roll back in stack ${stack.id}`);
  const { roleArn = failed.roleArn, token = failed.token } = {
    roleArn: input.RoleARN,
    token: input.ClientRequestToken,
  };
  const operation: Operation = {
    ...failed,
    phase: failed.kind === 'create' ? 'delete' : 'rollback',
    caller: ctx.caller,
    ...(roleArn !== undefined && { roleArn }),
    ...(token !== undefined && { token }),
    ...(input.RetainExceptOnCreate && { retainOnCreate: true }),
  };
  const status = failed.kind === 'create' ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS';
  begin(ctx, stack, operation, status, 'User Initiated');
  return { StackId: stack.id };
}
