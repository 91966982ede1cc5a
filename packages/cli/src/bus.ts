/* The rules of an event bus and their targets, as the engine that is up tells of them, and whether targets are there. */
import { AwsRefusal, type AwsRequest, type CallAws } from './aws.ts';
import { CommandError } from './options.ts';

/** What is read of a rule. */
export interface Rule {
  readonly Name: string;
  readonly Arn: string;
  readonly State: string;
  readonly EventPattern?: string;
  readonly ScheduleExpression?: string;
  readonly ManagedBy?: string;
}

/** What is read of a target. */
export interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: { readonly InputPathsMap?: Record<string, string>; readonly InputTemplate: string };
}

/** The rules of a bus, or the one of a name. Throws a CommandError that says which there are when there is none such. */
export async function rulesOf(call: CallAws, bus: string, name?: string): Promise<Rule[]> {
  const all = await pages<Rule>(call, 'ListRules', 'Rules', { EventBusName: bus });
  if (name === undefined) return all;
  const found = all.filter((rule) => rule.Name === name);
  if (found.length > 0) return found;
  const names = all.map((rule) => rule.Name).slice(0, NAMED);
  const there =
    names.length > 0 ? `It has ${names.join(', ')}${all.length > NAMED ? ' and others' : ''}.` : 'It has none.';
  throw new CommandError(`The event bus ${bus} has no rule ${name}. ${there}`, 2);
}

export function targetsOf(call: CallAws, bus: string, rule: string): Promise<Target[]> {
  return pages<Target>(call, 'ListTargetsByRule', 'Targets', { EventBusName: bus, Rule: rule });
}

/** Whether what an ARN names is there; undefined where that can't be told. */
export async function isThere(call: CallAws, arn: string): Promise<boolean | undefined> {
  const request = requestFor(arn);
  if (!request) return undefined;
  try {
    const answer = await call(request);
    const groups = answer.logGroups as { logGroupName: string }[] | undefined;
    return groups ? groups.some(({ logGroupName }) => logGroupName === nameOfGroup(arn)) : true;
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    return /NotFound|NonExistent|DoesNotExist/.test(error.code) ? false : undefined;
  }
}

/** How many names an error tells. */
const NAMED = 10;
/** The most pages that are read: a bus has no more rules than that. */
const MAX_PAGES = 10_000;

async function pages<T>(call: CallAws, operation: string, member: string, input: object): Promise<T[]> {
  const found: T[] = [];
  let NextToken: unknown;
  for (let count = 0; count < MAX_PAGES; count++) {
    const target = `AWSEvents.${operation}`;
    const answer = await call({ service: 'events', target, input: { ...input, ...(NextToken ? { NextToken } : {}) } });
    found.push(...((answer[member] ?? []) as T[]));
    NextToken = answer.NextToken;
    if (!NextToken) break;
  }
  return found;
}

/** What to ask in order to know of a target. */
function requestFor(arn: string): AwsRequest | undefined {
  const [, , service, , account, ...rest] = arn.split(':');
  const resource = rest.join(':');
  switch (service) {
    case 'lambda':
      return { service, path: `/2015-03-31/functions/${encodeURIComponent(arn)}/configuration` };
    case 'sqs':
      return {
        service,
        target: 'AmazonSQS.GetQueueUrl',
        input: { QueueName: resource, QueueOwnerAWSAccountId: account },
      };
    case 'logs':
      return { service, target: 'Logs_20140328.DescribeLogGroups', input: { logGroupNamePrefix: nameOfGroup(arn) } };
    case 'events':
      if (!resource.startsWith('event-bus/')) return undefined;
      return { service, target: 'AWSEvents.DescribeEventBus', input: { Name: arn } };
    default:
      return undefined;
  }
}

function nameOfGroup(arn: string): string {
  return arn.split(':').slice(6).join(':').replace(/:\*$/, '');
}
