/*
 * Drift: what has become of a stack's resources behind its back.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
 *
 * What can be read of a resource now is held against what could be read of it when it was made: so what a service never
 * tells, such as a function's code, is no difference, as on AWS.
 */
import { isDeepStrictEqual } from 'node:util';
import type {
  DescribeStackDriftDetectionStatusInput,
  DescribeStackDriftDetectionStatusOutput,
  DescribeStackResourceDriftsInput,
  DescribeStackResourceDriftsOutput,
  DetectStackDriftInput,
  DetectStackDriftOutput,
  DetectStackResourceDriftInput,
  DetectStackResourceDriftOutput,
  PropertyDifference,
  StackDriftStatus,
  StackResourceDrift,
  StackResourceDriftStatus,
} from '@aws-sdk/client-cloudformation';
import { dateOf } from '../../kernel/clock.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, Properties, ResourceContext, WaitingContext } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { invalid } from './errors.ts';
import {
  findStack,
  isBusy,
  keyOf,
  type Made,
  resourceKey,
  resourcesOf,
  type Stack,
  type StackResource,
} from './stack.ts';

interface Drift {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly status: StackResourceDriftStatus;
  readonly expected: string;
  readonly actual?: string;
  readonly differences: readonly PropertyDifference[];
  readonly at: number;
}

interface Detection {
  readonly stackId: string;
  readonly status: StackDriftStatus;
  readonly drifted: number;
  readonly at: number;
}

/** By stack and logical id. */
const drifts = table<Drift>('cloudformation.drifts');
/** By their ids. */
const detections = table<Detection>('cloudformation.driftDetections');

const PAGE = 100;

export async function detectStackDrift(
  ctx: WaitingContext,
  input: DetectStackDriftInput,
): Promise<DetectStackDriftOutput> {
  const { stack, resources } = await ctx.transact((tx) => found(tx, input.StackName!));
  const wanted = input.LogicalResourceIds ?? [...resources.keys()];
  const results = await Promise.all(wanted.map((id) => detect(ctx, resources.get(id) ?? missing(stack, id))));
  const id = ctx.ids.uuid();
  await ctx.transact((tx) => {
    const drifted = keep(tx, stack, results);
    const status = drifted > 0 ? 'DRIFTED' : 'IN_SYNC';
    tx.rows(detections).put(id, { stackId: stack.id, status, drifted, at: tx.now });
  });
  return { StackDriftDetectionId: id };
}

export async function detectStackResourceDrift(
  ctx: WaitingContext,
  input: DetectStackResourceDriftInput,
): Promise<DetectStackResourceDriftOutput> {
  const { stack, resources } = await ctx.transact((tx) => found(tx, input.StackName!));
  const id = input.LogicalResourceId!;
  const drift = await detect(ctx, resources.get(id) ?? missing(stack, id));
  if (!drift) throw invalid(`Drift detection is not supported for resource ${id}`);
  await ctx.transact((tx) => keep(tx, stack, [drift]));
  return { StackResourceDrift: described(stack, drift) };
}

function found(tx: Context, name: string): { stack: Stack; resources: ReadonlyMap<string, StackResource> } {
  const stack = findStack(tx, name);
  if (isBusy(stack)) throw invalid(`Drift detection cannot be performed on stack ${stack.id} in ${stack.status} state`);
  return { stack, resources: resourcesOf(tx, stack.id) };
}

function missing(stack: Stack, id: string): never {
  throw invalid(`Resource ${id} does not exist for stack ${stack.name}`);
}

/** Writes down what was found; gives how many have drifted. */
function keep(tx: Context, stack: Stack, results: readonly (Drift | undefined)[]): number {
  const known = results.filter((drift) => drift !== undefined);
  for (const drift of known) tx.rows(drifts).put(resourceKey(stack.id, drift.logicalId), drift);
  return known.filter(({ status }) => status !== 'IN_SYNC').length;
}

/** What has become of one; undefined for a type that can't be read. */
async function detect(ctx: WaitingContext, { made, logicalId }: StackResource): Promise<Drift | undefined> {
  const known = made && ctx.host.resourceType(made.type);
  if (!known) return undefined;
  const { scope, ids, host, call } = ctx;
  const around: ResourceContext = { scope, ids, host, call, clientToken: ids.uuid() };
  const actual = await known.type.read(around, made);
  const base = { logicalId, type: made.type, physicalId: made.physicalId, at: ctx.clock.now() };
  const expected = JSON.stringify(comparable(made, made.properties));
  if (!actual) return { ...base, status: 'DELETED', expected, differences: [] };
  const differences = differencesOf(made, actual);
  const status = differences.length > 0 ? 'MODIFIED' : 'IN_SYNC';
  return { ...base, status, expected, actual: JSON.stringify(comparable(made, actual)), differences };
}

/** The properties that were given and can be read. */
function comparable({ properties, attributes }: Made, from: Properties): Properties {
  const names = Object.keys(properties).filter((name) => attributes[name] !== undefined && from[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}

function differencesOf({ properties, attributes }: Made, actual: Properties): PropertyDifference[] {
  const text = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null'));
  return Object.keys(properties)
    .filter((name) => attributes[name] !== undefined && !isDeepStrictEqual(attributes[name], actual[name]))
    .map((name) => ({
      PropertyPath: `/${name}`,
      ExpectedValue: text(properties[name]),
      ActualValue: text(actual[name]),
      DifferenceType: actual[name] === undefined ? 'REMOVE' : 'NOT_EQUAL',
    }));
}

export function describeStackDriftDetectionStatus(
  ctx: Context,
  { StackDriftDetectionId }: DescribeStackDriftDetectionStatusInput,
): DescribeStackDriftDetectionStatusOutput {
  const detection = ctx.rows(detections).get(StackDriftDetectionId!);
  if (!detection) throw invalid(`Drift detection id ${StackDriftDetectionId} does not exist`);
  return {
    StackId: detection.stackId,
    StackDriftDetectionId,
    StackDriftStatus: detection.status,
    DetectionStatus: 'DETECTION_COMPLETE',
    DriftedStackResourceCount: detection.drifted,
    Timestamp: dateOf(detection.at),
  };
}

export function describeStackResourceDrifts(
  ctx: Context,
  input: DescribeStackResourceDriftsInput,
): DescribeStackResourceDriftsOutput {
  const stack = findStack(ctx, input.StackName!);
  const statuses = new Set<string>(input.StackResourceDriftStatusFilters ?? []);
  const wanted = ({ status }: Drift) => statuses.size === 0 || statuses.has(status);
  const { items, nextToken } = page(
    (after, limit) =>
      ctx
        .rows(drifts)
        .list({ prefix: `${keyOf(stack.id)}/`, ...(after !== undefined && { after }) })
        .filter(([, drift]) => wanted(drift))
        .slice(0, limit),
    { token: input.NextToken, limit: input.MaxResults, most: PAGE, invalid: () => invalid('NextToken is invalid') },
  );
  return {
    StackResourceDrifts: items.map(([, drift]) => described(stack, drift)),
    ...(nextToken && { NextToken: nextToken }),
  };
}

function described(stack: Stack, drift: Drift): StackResourceDrift {
  return {
    StackId: stack.id,
    LogicalResourceId: drift.logicalId,
    PhysicalResourceId: drift.physicalId,
    ResourceType: drift.type,
    ExpectedProperties: drift.expected,
    ...(drift.actual !== undefined && { ActualProperties: drift.actual }),
    PropertyDifferences: [...drift.differences],
    StackResourceDriftStatus: drift.status,
    Timestamp: dateOf(drift.at),
  };
}
