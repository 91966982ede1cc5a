/*
 * What is done to a stack, phase by phase, as due work: each phase ends with the transaction that begins the next, so
 * that after a crash the operation goes on from where it was.
 */
import type { StackStatus } from '@aws-sdk/client-cloudformation';
import type { Context, DueWork, WaitingContext } from '../../kernel/service.ts';
import { TemplateError } from '../../languages/template/index.ts';
import { type Blueprint, blueprintOf } from './blueprint.ts';
import { attributesIn, creationGraph, deployResource } from './deploy.ts';
import { setResource, setStatus, tell } from './events.ts';
import { putExports } from './exports.ts';
import { Failure, type Step } from './handler.ts';
import { handlerFor } from './handlers.ts';
import { isCustom } from './own-types.ts';
import { type Removable, removalGraph, remove } from './removal.ts';
import {
  type Design,
  keyOf,
  type Leftover,
  leftovers,
  type Made,
  type Operation,
  type Phase,
  resourceKey,
  resourcesOf,
  type Stack,
  type StackOutput,
  type StackResource,
  stackResources,
  stacks,
  templates,
} from './stack.ts';
import { wake } from './waiting.ts';
import { type WaitFor, walk } from './walk.ts';
import { cancel, walks } from './walks.ts';

/** Does what is due of a stack's operation, up to its end. */
export async function operate(ctx: WaitingContext, { id }: DueWork): Promise<void> {
  for (;;) {
    const stack = await ctx.transact((tx) => tx.rows(stacks).get(id));
    if (!stack?.operation || !stack.status.endsWith('_IN_PROGRESS')) return;
    await PHASES[stack.operation.phase](ctx, stack);
  }
}

const PHASES: Readonly<Record<Phase, (ctx: WaitingContext, stack: Stack) => Promise<void>>> = {
  deploy,
  rollback,
  cleanup,
  delete: removeAll,
};

/** Walks a graph, until it is through, is stopped, or the operation's time is over. */
async function through(
  ctx: WaitingContext,
  stack: Stack,
  graph: ReadonlyMap<string, Iterable<string>>,
  step: (id: string, waitFor: WaitFor, stop: () => void) => Promise<boolean>,
): Promise<void> {
  const key = keyOf(stack.id);
  let stop = () => {};
  const under = walk(ctx, graph, (id, waitFor) => step(id, waitFor, () => stop()));
  stop = under.stop;
  ctx.use(walks).set(key, under);
  const { deadline = Number.POSITIVE_INFINITY } = stack.operation!;
  const late = () => {
    void ctx.transact((tx) =>
      cancel(tx, tx.rows(stacks).get(key)!, 'Stack creation time exceeded the specified timeout. '),
    );
  };
  const timer = Number.isFinite(deadline) ? ctx.clock.at(deadline, late) : undefined;
  try {
    await under.done;
  } finally {
    timer?.cancel();
    ctx.use(walks).delete(key);
  }
}

async function blueprintFor(ctx: WaitingContext, stack: Stack, design: Design): Promise<Blueprint> {
  const template = await ctx.transact((tx) => tx.rows(templates).get(design.template)!);
  return blueprintOf(ctx, stack, design, template);
}

async function deploy(ctx: WaitingContext, stack: Stack): Promise<void> {
  const blueprint = await blueprintFor(ctx, stack, stack.operation!.target);
  const graph = creationGraph(blueprint);
  if (!stack.operation!.cancelled) {
    await through(ctx, stack, graph, async (id, waitFor, stop) => {
      const done = await deployResource(ctx, stack, blueprint, graph, id, waitFor);
      if (!done) stop();
      return done;
    });
  }
  await ctx.transact((tx) => deployed(tx, tx.rows(stacks).get(keyOf(stack.id))!, blueprint));
}

/** Ends a deployment: the stack is as it was to be, or why not. */
function deployed(ctx: Context, stack: Stack, blueprint: Blueprint): void {
  const operation = stack.operation!;
  const resources = resourcesOf(ctx, stack.id);
  const reason = failureIn(operation, resources);
  const outputs = reason === undefined ? outputsOf(ctx, stack, blueprint, resources) : undefined;
  if (typeof outputs !== 'object') {
    fail(ctx, stack, reason ?? `${outputs}. `);
    return;
  }
  for (const resource of resources.values()) {
    if (!blueprint.plan.resources.has(resource.logicalId)) leave(ctx, stack, resource);
    else if (resource.operation === operation.id) accept(ctx, stack, resource);
  }
  const { statusReason: _reason, ...rest } = stack;
  const complete: Stack = { ...rest, design: operation.target, outputs };
  if (operation.kind === 'create') {
    end(ctx, complete, 'CREATE_COMPLETE');
    return;
  }
  setStatus(ctx, { ...complete, operation: { ...operation, phase: 'cleanup' } }, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
}

/** What failed, in the words of the stack's status. */
function failureIn({ id, cancelled }: Operation, resources: ReadonlyMap<string, StackResource>): string | undefined {
  const failed = [...resources.values()].filter(
    ({ operation, status }) => operation === id && status.endsWith('_FAILED'),
  );
  const told = (status: string, verb: string) => {
    const ids = failed.filter((resource) => resource.status === status).map(({ logicalId }) => logicalId);
    return ids.length > 0 ? [`The following resource(s) failed to ${verb}: [${ids.join(', ')}]. `] : [];
  };
  if (cancelled !== undefined) return cancelled;
  return failed.length > 0
    ? [...told('CREATE_FAILED', 'create'), ...told('UPDATE_FAILED', 'update')].join('')
    : undefined;
}

/** What the outputs come to, exported; or why they can't. */
function outputsOf(
  ctx: Context,
  stack: Stack,
  { plan }: Blueprint,
  resources: ReadonlyMap<string, StackResource>,
): readonly StackOutput[] | string {
  try {
    const outputs = plan.resolveOutputs(attributesIn(resources, stack, ctx.scope.region)).map((output): StackOutput => {
      const { key: OutputKey, value: OutputValue, description, exportName } = output;
      const described = description === undefined ? {} : { Description: description };
      return { OutputKey, OutputValue, ...described, ...(exportName !== undefined && { ExportName: exportName }) };
    });
    return putExports(ctx, stack, outputs) ?? outputs;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

/** What an update leaves out is no part of the stack any more, and goes in the cleanup. */
function leave(ctx: Context, stack: Stack, { logicalId, made }: StackResource, isNew = false): void {
  ctx.rows(stackResources).delete(resourceKey(stack.id, logicalId));
  const policy = made?.deletionPolicy === 'RetainExceptOnCreate' && !isNew ? 'Retain' : made?.deletionPolicy;
  if (made) leaveOver(ctx, stack, logicalId, made, policy);
}

function leaveOver(ctx: Context, stack: Stack, logicalId: string, made: Made, policy: string | undefined): void {
  const clientToken = ctx.ids.uuid();
  const leftover: Leftover = { logicalId, made, retain: policy === 'Retain', clientToken };
  ctx.rows(leftovers).put(`${resourceKey(stack.id, logicalId)}/${clientToken}`, leftover);
}

/** What an update made is the stack's now; what it took the place of goes in the cleanup. */
function accept(ctx: Context, stack: Stack, resource: StackResource): void {
  const { before, making: _making, ...rest } = resource;
  if (before && before.physicalId !== rest.made?.physicalId) {
    leaveOver(ctx, stack, rest.logicalId, before, before.updateReplacePolicy);
  }
  ctx.rows(stackResources).put(resourceKey(stack.id, rest.logicalId), rest);
}

/** What is done when a deployment failed, as its operation says. */
function fail(ctx: Context, stack: Stack, reason: string): void {
  const operation = stack.operation!;
  const next = (phase: Phase) => ({ ...stack, operation: { ...operation, phase } });
  if (operation.kind === 'update') {
    if (operation.onFailure === 'DO_NOTHING') end(ctx, { ...stack, design: operation.target }, 'UPDATE_FAILED', reason);
    else setStatus(ctx, next('rollback'), 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
  } else if (operation.onFailure === 'DO_NOTHING') {
    end(ctx, { ...stack, design: operation.target }, 'CREATE_FAILED', reason);
  } else if (operation.onFailure === 'DELETE') {
    setStatus(ctx, next('delete'), 'DELETE_IN_PROGRESS', `${reason}Delete requested by user.`);
  } else {
    setStatus(ctx, next('delete'), 'ROLLBACK_IN_PROGRESS', `${reason}Rollback requested by user.`);
  }
}

/** Brings back what an update changed. */
async function rollback(ctx: WaitingContext, stack: Stack): Promise<void> {
  const operation = stack.operation!;
  const touched = await ctx.transact((tx) => {
    const all = [...resourcesOf(tx, stack.id).values()];
    return new Map(
      all.filter((one) => one.operation === operation.id && one.before).map((one) => [one.logicalId, one]),
    );
  });
  const graph = new Map([...touched].map(([id, { before }]) => [id, before!.dependsOn]));
  await through(ctx, stack, graph, async (id, waitFor) => bringBack(ctx, stack, id, waitFor));
  await ctx.transact((tx) => {
    const now = tx.rows(stacks).get(keyOf(stack.id))!;
    const left = [...resourcesOf(tx, stack.id).values()].filter((one) => one.operation === operation.id && one.before);
    if (left.length > 0) {
      const ids = left.map(({ logicalId }) => logicalId).join(', ');
      setStatus(tx, now, 'UPDATE_ROLLBACK_FAILED', `The following resource(s) failed to update: [${ids}]. `);
      wake(tx, `stack ${stack.id}`);
      return;
    }
    for (const resource of resourcesOf(tx, stack.id).values()) {
      if (resource.operation === operation.id && !resource.status.startsWith('UPDATE'))
        leave(tx, stack, resource, true);
    }
    const next = { ...now, operation: { ...operation, phase: 'cleanup' as const } };
    setStatus(tx, next, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  });
}

async function bringBack(ctx: WaitingContext, stack: Stack, id: string, waitFor: WaitFor): Promise<boolean> {
  const key = resourceKey(stack.id, id);
  const held = await ctx.transact((tx) => tx.rows(stackResources).get(key)!);
  const { before, made, making } = held;
  const settleAs = (tx: Context, kept: Made) => {
    const { before: _before, making: _making, reason: _reason, clientToken: _token, ...rest } = held;
    if (made && made.physicalId !== kept.physicalId) leaveOver(tx, stack, id, made, undefined);
    setResource(tx, stack, { ...rest, type: kept.type, made: kept, status: 'UPDATE_COMPLETE' });
  };
  const inPlace = made?.physicalId === before!.physicalId && making !== undefined;
  const changedInPlace = made?.physicalId === before!.physicalId && (inPlace || made.properties !== before!.properties);
  const skipped = stack.operation!.skip?.includes(id);
  if (!changedInPlace || skipped) {
    await ctx.transact((tx) => settleAs(tx, before!));
    return true;
  }
  const resumed = held.status === 'UPDATE_IN_PROGRESS' && held.reason === undefined && held.clientToken !== undefined;
  const clientToken = ctx.ids.uuid();
  await ctx.transact((tx) => {
    const { reason: _reason, ...rest } = held;
    setResource(tx, stack, { ...rest, status: 'UPDATE_IN_PROGRESS', clientToken });
  });
  const step: Step = {
    ...{ ctx, stack, logicalId: id, type: before!.type, waitFor, clientToken, resumed },
    begunAt: ctx.clock.now(),
  };
  try {
    const current = { physicalId: made.physicalId, properties: making?.properties ?? made.properties };
    const outcome = await handlerFor(ctx.host, before!.type).update(step, current, before!.properties);
    await ctx.transact((tx) => settleAs(tx, { ...before!, ...outcome }));
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const reason = error.message;
    await ctx.transact((tx) => setResource(tx, stack, { ...held, status: 'UPDATE_FAILED', reason }));
    return false;
  }
}

/** Removes what an update replaced or left out; what resists stays behind. */
async function cleanup(ctx: WaitingContext, stack: Stack): Promise<void> {
  const prefix = `${keyOf(stack.id)}/`;
  const left = new Map(await ctx.transact((tx) => tx.rows(leftovers).list({ prefix })));
  await through(ctx, stack, removalGraph(left), async (key, waitFor) => {
    const leftover = left.get(key)!;
    const { logicalId, made, retain, clientToken } = leftover;
    const about = { logicalId, type: made.type, made };
    const say = (status: StackResource['status'], reason?: string) =>
      ctx.transact((tx) => {
        const why = reason === undefined ? {} : { reason };
        tell(tx, stack, { ...about, status, ...why }, { physicalId: made.physicalId });
        if (!status.endsWith('_IN_PROGRESS')) tx.rows(leftovers).delete(key);
      });
    if (retain) await say('DELETE_SKIPPED');
    else {
      await say('DELETE_IN_PROGRESS');
      const begunAt = ctx.clock.now();
      const reason = await remove(ctx, stack, leftover, { clientToken, begunAt, resumed: false, waitFor });
      await say(reason === undefined ? 'DELETE_COMPLETE' : 'DELETE_FAILED', reason);
    }
    return true;
  });
  await ctx.transact((tx) => {
    const now = tx.rows(stacks).get(keyOf(stack.id))!;
    const back = now.status === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
    const { previous } = stack.operation!;
    if (back) end(tx, { ...now, ...(previous && { design: previous }) }, 'UPDATE_ROLLBACK_COMPLETE');
    else end(tx, now, 'UPDATE_COMPLETE');
  });
}

/** Removes all that a stack has made. */
async function removeAll(ctx: WaitingContext, stack: Stack): Promise<void> {
  const operation = stack.operation!;
  const things = await ctx.transact((tx) => {
    const made = [...resourcesOf(tx, stack.id).values()].flatMap(({ logicalId, made }): [string, Removable][] =>
      made ? [[logicalId, { logicalId, made }]] : [],
    );
    return new Map(made);
  });
  const stuck = new Map<string, string>();
  await through(ctx, stack, removalGraph(things), async (id, waitFor) => {
    const reason = await removeResource(ctx, stack, things.get(id)!, waitFor);
    if (reason !== undefined) stuck.set(id, reason);
    return reason === undefined;
  });
  await tellOfOrphans(ctx, stack, things);
  await ctx.transact((tx) => {
    const now = tx.rows(stacks).get(keyOf(stack.id))!;
    const rolledBack = now.status === 'ROLLBACK_IN_PROGRESS';
    if (stuck.size > 0) {
      const reason = `The following resource(s) failed to delete: [${[...stuck.keys()].join(', ')}]. `;
      end(tx, now, rolledBack ? 'ROLLBACK_FAILED' : 'DELETE_FAILED', reason);
    } else if (rolledBack) end(tx, { ...now, design: operation.target }, 'ROLLBACK_COMPLETE');
    else {
      const kept = putExports(tx, now, []);
      if (kept !== undefined) end(tx, now, 'DELETE_FAILED', kept);
      else end(tx, { ...now, deletedAt: tx.now }, 'DELETE_COMPLETE');
    }
  });
}

/** Custom resources that don't take away what they made leave rules behind, which go on to ring for nothing. */
async function tellOfOrphans(ctx: WaitingContext, stack: Stack, things: ReadonlyMap<string, Removable>): Promise<void> {
  const made = [...things.values()].map((thing) => thing.made);
  if (!made.some(({ type }) => isCustom(type))) return;
  for (const { type, attributes } of made) {
    if (type !== 'AWS::Lambda::Function' || typeof attributes.Arn !== 'string') continue;
    const target = { TargetArn: attributes.Arn };
    const { RuleNames = [] } = await ctx.call('eventbridge', 'ListRuleNamesByTarget', target, { caller: {} });
    if (RuleNames.length === 0) continue;
    const { FunctionName } = attributes;
    ctx.host.warn(
      `The stack ${stack.name} is deleted, but the rules ${RuleNames.join(', ')} still ring its function ${FunctionName}: the stack's custom resource made them and did not remove them when it was asked to.`,
    );
  }
}

/** Removes a resource of the stack; gives the reason where it can't be. */
async function removeResource(
  ctx: WaitingContext,
  stack: Stack,
  thing: Removable,
  waitFor: WaitFor,
): Promise<string | undefined> {
  const operation = stack.operation!;
  const key = resourceKey(stack.id, thing.logicalId);
  const held = await ctx.transact((tx) => tx.rows(stackResources).get(key)!);
  if (held.status === 'DELETE_COMPLETE' || held.status === 'DELETE_SKIPPED') return undefined;
  const { reason: _reason, making: _making, before: _before, ...rest } = held;
  if (isKept(operation, thing)) {
    await ctx.transact((tx) => setResource(tx, stack, { ...rest, status: 'DELETE_SKIPPED' }));
    return undefined;
  }
  const resumed = held.status === 'DELETE_IN_PROGRESS' && held.operation === operation.id;
  const clientToken = resumed ? held.clientToken! : ctx.ids.uuid();
  const begun = { ...rest, status: 'DELETE_IN_PROGRESS', clientToken, operation: operation.id } as const;
  if (!resumed) await ctx.transact((tx) => setResource(tx, stack, begun));
  const begunAt = resumed ? held.at : ctx.clock.now();
  const reason = await remove(ctx, stack, thing, { clientToken, begunAt, resumed, waitFor });
  if (reason !== undefined && operation.force) {
    await ctx.transact((tx) => setResource(tx, stack, { ...begun, status: 'DELETE_SKIPPED', reason }));
    return undefined;
  }
  const ended = reason === undefined ? 'DELETE_COMPLETE' : 'DELETE_FAILED';
  await ctx.transact((tx) =>
    setResource(tx, stack, { ...begun, status: ended, ...(reason !== undefined && { reason }) }),
  );
  return reason;
}

/** Whether a resource's policy, or the client, keeps it from being removed with its stack. */
function isKept({ kind, retain, retainOnCreate }: Operation, { logicalId, made }: Removable): boolean {
  if (retain?.includes(logicalId)) return true;
  const creating = kind === 'create';
  if (made.deletionPolicy === 'RetainExceptOnCreate') return !creating;
  return made.deletionPolicy === 'Retain' && !(creating && retainOnCreate);
}

/** Ends an operation, and lets those know who wait for the stack. */
export function end(ctx: Context, stack: Stack, status: StackStatus, reason?: string): void {
  const { id, kind } = stack.operation!;
  const lastOperations = [{ OperationId: id, OperationType: LAST[kind] }, ...stack.lastOperations].slice(0, 2);
  const ended = setStatus(ctx, { ...stack, lastOperations }, status, reason);
  const { operation, failed: _failed, ...rest } = ended;
  const failed = status === 'CREATE_FAILED' || status === 'UPDATE_FAILED' ? { failed: operation! } : {};
  ctx.rows(stacks).put(keyOf(stack.id), { ...rest, ...failed });
  if (status === 'DELETE_COMPLETE') forget(ctx, stack);
  wake(ctx, `stack ${stack.id}`);
}

const LAST = { create: 'CREATE_STACK', update: 'UPDATE_STACK', delete: 'DELETE_STACK', rollback: 'ROLLBACK' };

/** A stack that is deleted keeps its record, its events and its template. */
function forget(ctx: Context, stack: Stack): void {
  const prefix = `${keyOf(stack.id)}/`;
  for (const [key] of ctx.rows(leftovers).list({ prefix })) ctx.rows(leftovers).delete(key);
}
