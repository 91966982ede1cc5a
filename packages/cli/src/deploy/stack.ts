/* A stack as the commands know it, before it is deployed and while it is. */
import {
  type CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  type StackEvent,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { machinePause } from '../engine.ts';
import { CommandError } from '../options.ts';

/** A stack to deploy. */
export interface PlannedStack {
  readonly name: string;
  /** The template's text, or where the engine finds it. */
  readonly template: { readonly body: string } | { readonly url: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** How an operation on a stack ended. */
export interface Ending {
  readonly stack: Stack | undefined;
  readonly ok: boolean;
  /** The resource at fault, and why. */
  readonly fault: { readonly resource: string; readonly reason: string } | undefined;
}

/** What is told of a stack while it is being worked on. */
export interface Follower {
  event(event: StackEvent): void;
}

/** How often events are asked for, in milliseconds of the machine's time. */
const POLL_MS = 200;

const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'] as const;
/** States that nothing but a deletion gets a stack out of. */
const BROKEN = ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED', 'REVIEW_IN_PROGRESS', 'DELETE_FAILED'];

export async function describeStack(client: CloudFormationClient, StackName: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0];
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** Creates or updates a stack, and follows it to its end; undefined where there was nothing to change. */
export async function deployStack(
  client: CloudFormationClient,
  { name, template, parameters, tags }: PlannedStack,
  follower: Follower,
): Promise<Ending | undefined> {
  let existing = await describeStack(client, name);
  if (existing && BROKEN.includes(existing.StackStatus!)) {
    await deleteStack(client, name, follower);
    existing = undefined;
  }
  const input = {
    StackName: name,
    ...('body' in template ? { TemplateBody: template.body } : { TemplateURL: template.url }),
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: [...CAPABILITIES],
  };
  const known = existing ? await newestEvent(client, existing.StackId!) : undefined;
  try {
    const { StackId } = existing
      ? await client.send(new UpdateStackCommand(input))
      : await client.send(new CreateStackCommand(input));
    return await follow(client, StackId!, known, follower);
  } catch (error) {
    if (error instanceof Error && /^No updates are to be performed/.test(error.message)) return undefined;
    throw error;
  }
}

/** Deletes a stack, and follows it to its end; undefined where there is none. */
export async function deleteStack(
  client: CloudFormationClient,
  name: string,
  follower: Follower,
): Promise<Ending | undefined> {
  const stack = await describeStack(client, name);
  if (!stack) return undefined;
  const known = await newestEvent(client, stack.StackId!);
  await client.send(new DeleteStackCommand({ StackName: stack.StackId }));
  return follow(client, stack.StackId!, known, follower);
}

async function newestEvent(client: CloudFormationClient, StackName: string): Promise<string | undefined> {
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents?.[0]?.EventId;
}

async function follow(
  client: CloudFormationClient,
  stackId: string,
  known: string | undefined,
  follower: Follower,
): Promise<Ending> {
  let last = known;
  const seen: StackEvent[] = [];
  for (;;) {
    const fresh = await eventsSince(client, stackId, last);
    last = fresh.at(-1)?.EventId ?? last;
    for (const event of fresh) follower.event(event);
    seen.push(...fresh);
    const stack = await describeStack(client, stackId);
    if (!stack || !stack.StackStatus!.endsWith('_IN_PROGRESS')) {
      for (const event of await eventsSince(client, stackId, last)) {
        follower.event(event);
        seen.push(event);
      }
      return endingOf(stack, seen);
    }
    await machinePause(POLL_MS);
  }
}

/** Events after one, oldest first. */
async function eventsSince(client: CloudFormationClient, StackName: string, last: string | undefined) {
  const fresh: StackEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName, NextToken }));
    const events = page.StackEvents ?? [];
    const end = events.findIndex(({ EventId }) => EventId === last);
    fresh.push(...(end === -1 ? events : events.slice(0, end)));
    NextToken = end === -1 ? page.NextToken : undefined;
  } while (NextToken !== undefined);
  return fresh.reverse();
}

function endingOf(stack: Stack | undefined, events: readonly StackEvent[]): Ending {
  const ok = stack === undefined || /^(CREATE|UPDATE|DELETE)_COMPLETE$/.test(stack.StackStatus!);
  const failed = events.find(
    ({ ResourceStatus: status = '', ResourceStatusReason: reason = '', PhysicalResourceId, StackId }) =>
      status.endsWith('_FAILED') && PhysicalResourceId !== StackId && !/cancelled/i.test(reason),
  );
  const root = events.find(({ ResourceStatusReason }) => ResourceStatusReason !== undefined);
  const at = failed ?? root;
  return {
    ...{ stack, ok },
    fault: ok || !at ? undefined : { resource: nameOf(at), reason: at.ResourceStatusReason ?? stack!.StackStatus! },
  };
}

function nameOf({ LogicalResourceId, ResourceType }: StackEvent): string {
  return `${LogicalResourceId} (${ResourceType})`;
}

/** Throws a CommandError that tells the resource at fault. */
export function checkEnding(name: string, { ok, fault, stack }: Ending): void {
  if (ok) return;
  const where = fault ? `: ${fault.resource}\n  ${fault.reason}` : '.';
  throw new CommandError(`${name} ended in ${stack?.StackStatus}${where}`);
}
