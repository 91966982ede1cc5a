/*
 * The resources of stacks, as they are told.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResourceDetail.html
 */
import type {
  DescribeStackResourceInput,
  DescribeStackResourceOutput,
  DescribeStackResourcesInput,
  DescribeStackResourcesOutput,
  ListStackResourcesInput,
  ListStackResourcesOutput,
} from '@aws-sdk/client-cloudformation';
import { dateOf } from '../../kernel/clock.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { invalid } from './errors.ts';
import { findStack, keyOf, resourcesOf, type Stack, type StackResource, stackResources, stacks } from './stack.ts';

const PAGE = 100;
const NOT_CHECKED = { StackResourceDriftStatus: 'NOT_CHECKED' } as const;

function common({ logicalId, type, status, reason, made }: StackResource) {
  return {
    LogicalResourceId: logicalId,
    ...(made && { PhysicalResourceId: made.physicalId }),
    ResourceType: type,
    ResourceStatus: status,
    ...(reason !== undefined && { ResourceStatusReason: reason }),
    DriftInformation: NOT_CHECKED,
  };
}

const ofStack = ({ id, name }: Stack) => ({ StackId: id, StackName: name });

export function describeStackResource(ctx: Context, input: DescribeStackResourceInput): DescribeStackResourceOutput {
  const stack = findStack(ctx, input.StackName!, (name) => invalid(`Stack '${name}' does not exist`));
  const resource = resourcesOf(ctx, stack.id).get(input.LogicalResourceId!);
  if (!resource) throw invalid(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
  return {
    StackResourceDetail: {
      ...ofStack(stack),
      ...common(resource),
      LastUpdatedTimestamp: dateOf(resource.at),
      Metadata: resource.metadata ?? '{}',
    },
  };
}

export function describeStackResources(ctx: Context, input: DescribeStackResourcesInput): DescribeStackResourcesOutput {
  const { StackName, PhysicalResourceId, LogicalResourceId } = input;
  if ((StackName === undefined) === (PhysicalResourceId === undefined)) {
    throw invalid('Either stack name or physical resource ID must be specified, but not both.');
  }
  const stack = StackName === undefined ? ownerOf(ctx, PhysicalResourceId!) : findStack(ctx, StackName);
  const found = [...resourcesOf(ctx, stack.id).values()].filter(
    ({ logicalId }) => LogicalResourceId === undefined || logicalId === LogicalResourceId,
  );
  return {
    StackResources: found.slice(0, PAGE).map((resource) => ({
      ...ofStack(stack),
      ...common(resource),
      Timestamp: dateOf(resource.at),
    })),
  };
}

/** The stack that a resource belongs to. */
function ownerOf(ctx: Context, physicalId: string): Stack {
  const found = ctx
    .rows(stackResources)
    .list()
    .find(([, { made }]) => made?.physicalId === physicalId);
  const stack = found && ctx.rows(stacks).get(found[0].split('/')[0]!);
  if (!stack) throw invalid(`Stack for ${physicalId} does not exist`);
  return stack;
}

export function listStackResources(ctx: Context, input: ListStackResourcesInput): ListStackResourcesOutput {
  const stack = findStack(ctx, input.StackName!);
  const prefix = `${keyOf(stack.id)}/`;
  const { items, nextToken } = page(
    (after, limit) => ctx.rows(stackResources).list({ prefix, limit, ...(after !== undefined && { after }) }),
    { token: input.NextToken, most: PAGE, invalid: () => invalid('NextToken is invalid') },
  );
  return {
    StackResourceSummaries: items.map(([, resource]) => ({
      ...common(resource),
      LastUpdatedTimestamp: dateOf(resource.at),
    })),
    ...(nextToken && { NextToken: nextToken }),
  };
}
