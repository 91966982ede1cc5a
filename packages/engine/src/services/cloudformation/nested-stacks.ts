/*
 * Stacks within stacks: a resource that is a stack of its own, with its own events.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
 */

import { AwsError } from '../../kernel/errors.ts';
import type { Properties } from '../../kernel/service.ts';
import { Failure, type Handler, type Outcome, type Step } from './handler.ts';
import { lookUp, type Stack } from './stack.ts';
import { startCreation, startDeletion, startUpdate } from './starting.ts';
import { readBody } from './template-body.ts';
import { waitUntil } from './waiting.ts';

export const nestedStack: Handler = {
  async create(step, properties) {
    const name = `${step.stack.name}-${step.logicalId}-${step.clientToken.replaceAll('-', '').slice(0, 12).toUpperCase()}`;
    const held = await step.ctx.transact((tx) => lookUp(tx, name));
    const { id } = held ?? (await client(async () => startCreation(step.ctx, await requestOf(step, name, properties))));
    const seconds = properties.TimeoutInMinutes === undefined ? undefined : Number(properties.TimeoutInMinutes) * 60;
    const ended = await settled(step, id, seconds);
    if (ended.status === 'CREATE_COMPLETE') return outcomeOf(ended);
    throw new Failure(`Embedded stack ${id} was not successfully created: ${ended.statusReason ?? ''}`, id);
  },
  async update(step, { physicalId }, properties) {
    const held = await step.ctx.transact((tx) => lookUp(tx, physicalId));
    if (!held) throw new Failure(`Stack with id ${physicalId} does not exist`);
    if (!step.resumed || !held.operation) {
      const changed = await client(async () =>
        startUpdate(step.ctx, held, { ...(await requestOf(step, held.name, properties)), whenSame: 'nothing' }),
      );
      if (!changed) return outcomeOf(held);
    }
    const ended = await settled(step, physicalId);
    if (ended.status === 'UPDATE_COMPLETE') return outcomeOf(ended);
    throw new Failure(`Embedded stack ${physicalId} was not successfully updated: ${ended.statusReason ?? ''}`);
  },
  async delete(step, { physicalId }) {
    const held = await step.ctx.transact((tx) => lookUp(tx, physicalId));
    if (!held || held.status === 'DELETE_COMPLETE') return;
    if (held.status !== 'DELETE_IN_PROGRESS') {
      const { caller, roleArn } = step.stack.operation!;
      await step.ctx.transact((tx) =>
        startDeletion(tx, lookUp(tx, physicalId)!, { caller, ...(roleArn && { roleArn }) }),
      );
    }
    const ended = await settled(step, physicalId);
    if (ended.status !== 'DELETE_COMPLETE') {
      throw new Failure(`Embedded stack ${physicalId} was not successfully deleted: ${ended.statusReason ?? ''}`);
    }
  },
};

async function requestOf(step: Step, name: string, properties: Properties) {
  const { ctx, stack } = step;
  const { target, caller, roleArn } = stack.operation!;
  const Parameters = Object.entries(properties.Parameters ?? {}).map(([ParameterKey, value]) => ({
    ParameterKey,
    ParameterValue: Array.isArray(value) ? value.join(',') : String(value),
  }));
  const own = (properties.Tags ?? []) as { Key: string; Value: string }[];
  const keys = new Set(own.map(({ Key }) => Key));
  return {
    name,
    body: (await readBody(ctx, { TemplateURL: String(properties.TemplateURL) }))!,
    parameters: Parameters,
    capabilities: target.capabilities,
    tags: [...own, ...target.tags.filter(({ Key }) => !keys.has(Key!))],
    notificationArns: (properties.NotificationARNs ?? []) as string[],
    onFailure: 'DO_NOTHING' as const,
    caller,
    ...(roleArn && { roleArn }),
    parentId: stack.id,
    rootId: stack.rootId ?? stack.id,
    disableRollback: false,
  };
}

/** What the client of the outer stack did wrong is why the inner one fails. */
async function client<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AwsError) throw new Failure(error.message);
    throw error;
  }
}

/** Waits for a stack's operation to end. */
async function settled(
  { ctx, waitFor, begunAt }: Step,
  id: string,
  seconds = Number.POSITIVE_INFINITY,
): Promise<Stack> {
  const waited = await waitUntil(ctx, waitFor, `stack ${id}`, begunAt + seconds * 1_000, (tx) => {
    const stack = lookUp(tx, id);
    return stack && !stack.status.endsWith('_IN_PROGRESS') ? stack : undefined;
  });
  if (waited === 'stopped') throw new Failure('Resource creation cancelled', id);
  if (waited === 'late') throw new Failure(`Embedded stack ${id} was not successfully created: timed out`, id);
  return waited.found;
}

function outcomeOf({ id, outputs }: Stack): Outcome {
  const Outputs = Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  return { physicalId: id, attributes: { Outputs } };
}
