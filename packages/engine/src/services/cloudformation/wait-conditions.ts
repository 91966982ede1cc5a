/*
 * Wait conditions, and resources that wait for signals by their CreationPolicy: others say when they are done.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html
 */
import type { SignalResourceInput } from '@aws-sdk/client-cloudformation';
import { parseDuration } from '../../kernel/clock.ts';
import type { Context, Properties } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { invalid } from './errors.ts';
import { Failure, type Handler, type Step } from './handler.ts';
import { generatedId } from './names.ts';
import { expectResponses, responses, responseUrl } from './responses.ts';
import { findStack, resourceKey, stackResources } from './stack.ts';
import { waitUntil, wake } from './waiting.ts';

interface Signal {
  readonly id: string;
  readonly failed: boolean;
  readonly reason: string;
  readonly data: string;
}

/** What SignalResource said, by stack and logical id. */
const signals = table<readonly Signal[]>('cloudformation.signals');

/** A condition waits so long at most, in seconds. */
const LONGEST_S = 43_200;

/** A handle is a URL; `Ref` gives it. */
export const waitHandle: Handler = {
  async create({ ctx, clientToken }) {
    await ctx.transact((tx) => expectResponses(tx, clientToken));
    return { physicalId: responseUrl(ctx.host, ctx.scope, clientToken), attributes: {} };
  },
  update: async (_step, { physicalId }) => ({ physicalId, attributes: {} }),
  async delete({ ctx }, { physicalId }) {
    await ctx.transact((tx) => tx.rows(responses).delete(tokenOf(physicalId)));
  },
};

const tokenOf = (url: string) => URL.parse(url)?.pathname.split('/').at(-1) ?? '';

export const waitCondition: Handler = {
  async create(step, properties) {
    const { Handle, Timeout = LONGEST_S, Count = 1 } = properties;
    const token = tokenOf(String(Handle));
    const data = await collect(step, `response ${token}`, Number(Count), Number(Timeout) * 1_000, (tx) =>
      (tx.rows(responses).get(token)?.bodies ?? []).flatMap(readSignal),
    );
    return {
      physicalId: generatedId(step.ctx.ids, step.stack.name, step.logicalId),
      attributes: { Data: JSON.stringify(data) },
    };
  },
  async update() {
    throw new Failure('Update to resource type AWS::CloudFormation::WaitCondition is not supported.');
  },
  async delete() {},
};

function readSignal(text: string): Signal[] {
  try {
    const { Status, UniqueId, Reason = '', Data = '' } = JSON.parse(text);
    return [{ id: String(UniqueId), failed: Status !== 'SUCCESS', reason: String(Reason), data: String(Data) }];
  } catch {
    return [];
  }
}

/** Waits for so many signals that differ, and gives their data. */
async function collect(
  step: Step,
  what: string,
  count: number,
  withinMs: number,
  look: (tx: Context) => readonly Signal[],
  noun = 'WaitCondition',
): Promise<Record<string, string>> {
  const seen = new Map<string, Signal>();
  const waited = await waitUntil(step.ctx, step.waitFor, what, step.begunAt + withinMs, (tx) => {
    for (const signal of look(tx)) if (!seen.has(signal.id)) seen.set(signal.id, signal);
    const failed = [...seen.values()].find((signal) => signal.failed);
    return failed || seen.size >= count ? { failed } : undefined;
  });
  if (waited === 'stopped') throw new Failure('Resource creation cancelled');
  if (waited === 'late') {
    throw new Failure(`${noun} timed out. Received ${seen.size} conditions when expecting ${count}`);
  }
  const { failed } = waited.found;
  if (failed) throw new Failure(`${noun} received failed message: '${failed.reason}' for uniqueId: ${failed.id}`);
  return Object.fromEntries([...seen].map(([id, { data }]) => [id, data]));
}

/** Waits for the signals that a resource's CreationPolicy asks for. */
export async function awaitSignals(step: Step, policy: Properties | undefined): Promise<void> {
  const wanted = policy?.ResourceSignal;
  if (!wanted) return;
  const key = resourceKey(step.stack.id, step.logicalId);
  const { Count = 1, Timeout = 'PT5M' } = wanted;
  const take = (tx: Context) => tx.rows(signals).get(key) ?? [];
  await collect(step, `signal ${key}`, Number(Count), isoDurationMs(String(Timeout)), take, 'Resource signal');
  await step.ctx.transact((tx) => tx.rows(signals).delete(key));
}

/** Milliseconds of `PT1H30M`. */
function isoDurationMs(text: string): number {
  const match = /^PT(?=\d)(\d+H)?(\d+M)?(\d+S)?$/.exec(text);
  if (!match) throw new Failure(`Invalid duration: ${text}`);
  return parseDuration(text.slice(2).toLowerCase());
}

export function signalResource(ctx: Context, input: SignalResourceInput): void {
  const stack = findStack(ctx, input.StackName!);
  const key = resourceKey(stack.id, input.LogicalResourceId!);
  const resource = ctx.rows(stackResources).get(key);
  if (!resource) throw invalid(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
  if (!resource.status.endsWith('_IN_PROGRESS')) {
    throw invalid(
      `Signal for resource ${input.LogicalResourceId} failed: Resource is in ${resource.status} state and cannot be signaled`,
    );
  }
  const held = ctx.rows(signals).get(key) ?? [];
  if (held.some(({ id }) => id === input.UniqueId)) return;
  const failed = input.Status === 'FAILURE';
  ctx.rows(signals).put(key, [...held, { id: input.UniqueId!, failed, reason: '', data: '' }]);
  wake(ctx, `signal ${key}`);
}
