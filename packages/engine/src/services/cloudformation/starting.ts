/* How operations on stacks begin, whoever asks for them: a client, a change set, an outer stack. */

import { isDeepStrictEqual } from 'node:util';
import type { Parameter, RollbackConfiguration, StackStatus, Tag } from '@aws-sdk/client-cloudformation';
import type { Caller } from '../../kernel/access.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { type Blueprint, type Prepared, prepare } from './blueprint.ts';
import { alreadyExists, invalid } from './errors.ts';
import { setStatus } from './events.ts';
import {
  type Design,
  findStack,
  keyOf,
  lookUp,
  type Operation,
  resourcesOf,
  type Stack,
  stackArn,
  templates,
} from './stack.ts';

/** What is asked of a stack. */
export interface Request {
  readonly name: string;
  readonly body: string;
  readonly parameters: readonly Parameter[] | undefined;
  readonly capabilities: readonly string[];
  readonly tags: readonly Tag[];
  readonly notificationArns: readonly string[];
  readonly onFailure: Operation['onFailure'];
  readonly disableRollback: boolean;
  readonly caller: Caller;
  readonly roleArn?: string;
  readonly token?: string;
  readonly timeoutMinutes?: number;
  readonly terminationProtection?: boolean;
  readonly rollbackConfiguration?: RollbackConfiguration;
  readonly retainExceptOnCreate?: boolean;
  readonly policy?: string;
  readonly parentId?: string;
  readonly rootId?: string;
}

/** Begins an operation on a stack. */
export function begin(ctx: Context, stack: Stack, operation: Operation, status: StackStatus, reason?: string): Stack {
  const begun = setStatus(ctx, { ...stack, operation }, status, reason);
  ctx.schedule({ kind: 'cloudformation.operation', id: keyOf(stack.id), due: ctx.now });
  return begun;
}

const USER = 'User Initiated';

/** A stack that is not yet made of anything. */
export function newStack(ctx: Context, request: Pick<Request, 'name'> & Partial<Request>, id: string): Stack {
  return {
    id,
    name: request.name,
    status: 'REVIEW_IN_PROGRESS',
    createdAt: ctx.now,
    outputs: [],
    lastOperations: [],
    disableRollback: request.disableRollback || request.onFailure === 'DO_NOTHING',
    terminationProtection: request.terminationProtection ?? false,
    ...kept(request),
    ...(request.policy !== undefined && { policy: request.policy }),
    ...(request.parentId !== undefined && { parentId: request.parentId }),
    ...(request.rootId !== undefined && { rootId: request.rootId }),
  };
}

/** What a stack keeps of the last request. */
function kept({ roleArn, timeoutMinutes, rollbackConfiguration }: Partial<Request>) {
  return {
    ...(roleArn !== undefined && { roleArn }),
    ...(timeoutMinutes !== undefined && { timeoutMinutes }),
    ...(rollbackConfiguration && { rollbackConfiguration }),
  };
}

/** A new stack's id, which its template may refer to. */
export function newStackId(ctx: WaitingContext, name: string): string {
  return stackArn(ctx.scope, name, ctx.ids.uuid());
}

export async function startCreation(ctx: WaitingContext, request: Request): Promise<Stack> {
  const absent = (tx: Context) => {
    const held = lookUp(tx, request.name);
    if (held && request.token !== undefined && held.operation?.token === request.token) return held;
    if (held) throw alreadyExists(request.name);
    return undefined;
  };
  const same = await ctx.transact(absent);
  if (same) return same;
  const id = newStackId(ctx, request.name);
  const prepared = await prepare(ctx, { id, name: request.name }, request);
  return ctx.transact((tx) => {
    const again = absent(tx);
    if (again) return again;
    return create(tx, newStack(tx, request, id), keepDesign(tx, id, prepared), request);
  });
}

/** Begins to create a stack that is there in name. */
export function create(
  tx: Context,
  stack: Stack,
  target: Design,
  request: Partial<Request> & Pick<Request, 'caller' | 'onFailure'>,
): Stack {
  const { timeoutMinutes } = request;
  const operation: Operation = {
    ...operationOf(tx, 'create', target, request),
    ...(timeoutMinutes !== undefined && { deadline: tx.now + timeoutMinutes * 60_000 }),
    ...(request.retainExceptOnCreate && { retainOnCreate: true }),
  };
  return begin(tx, { ...stack, ...kept(request) }, operation, 'CREATE_IN_PROGRESS', USER);
}

function operationOf(
  tx: Context,
  kind: Operation['kind'],
  target: Design,
  { caller, roleArn, token, onFailure = 'ROLLBACK' }: Partial<Request>,
): Operation {
  return {
    id: tx.ids.uuid(),
    kind,
    phase: kind === 'delete' ? 'delete' : 'deploy',
    startedAt: tx.now,
    target,
    onFailure,
    caller: caller ?? {},
    ...(roleArn !== undefined && { roleArn }),
    ...(token !== undefined && { token }),
  };
}

/** Keeps a template that has passed, under a name of its own. */
export function keepDesign(tx: Context, stackId: string, { design, template }: Prepared): Design {
  const key = `${keyOf(stackId)}/${tx.ids.ordered(tx.now)}`;
  tx.rows(templates).put(key, template);
  return { ...design, template: key };
}

/** Where a stack has to be for an update. */
const UPDATABLE: ReadonlySet<string> = new Set([
  ...['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE', 'IMPORT_ROLLBACK_COMPLETE'],
  ...['CREATE_FAILED', 'UPDATE_FAILED'],
]);

export function checkUpdatable({ id, status }: Stack): void {
  if (UPDATABLE.has(status)) return;
  throw invalid(`Stack:${id} is in ${status} state and can not be updated.`);
}

export const NO_UPDATES = 'No updates are to be performed.';

/** Begins an update; gives undefined where nothing would change and that is no fault. */
export async function startUpdate(
  ctx: WaitingContext,
  stack: Stack,
  request: Request & { readonly whenSame: 'fault' | 'nothing' },
): Promise<Stack | undefined> {
  const prepared = await prepare(ctx, stack, { ...request, previous: stack.design });
  return ctx.transact((tx) => {
    const held = findStack(tx, stack.id);
    checkUpdatable(held);
    checkTypes(tx, held, prepared.blueprint);
    if (isSameDesign(tx, held, prepared)) {
      if (request.whenSame === 'nothing') return undefined;
      throw invalid(NO_UPDATES);
    }
    return update(tx, held, keepDesign(tx, held.id, prepared), request);
  });
}

/** Begins to bring a stack to another design. */
export function update(
  tx: Context,
  stack: Stack,
  target: Design,
  request: Partial<Request> & Pick<Request, 'caller'>,
): Stack {
  const operation: Operation = {
    ...operationOf(tx, 'update', target, { ...request, ...roleOf(stack, request) }),
    ...(stack.design && { previous: stack.design }),
  };
  const next = { ...stack, ...kept(request), updatedAt: tx.now };
  return begin(tx, next, operation, 'UPDATE_IN_PROGRESS', USER);
}

const roleOf = (stack: Stack, { roleArn = stack.roleArn }: Partial<Request>) =>
  roleArn === undefined ? {} : { roleArn };

/** Whether what is asked for is what there is. */
export function isSameDesign(tx: Context, { design, status }: Stack, { design: wished, template }: Prepared): boolean {
  if (!design || status.endsWith('_FAILED')) return false;
  const { template: key, capabilities: _has, description: _was, imports: _imports, ...before } = design;
  const { capabilities: _asks, description: _is, imports: _uses, ...after } = wished;
  const held = tx.rows(templates).get(key);
  const text = (one: typeof template) => one.processed ?? one.original;
  return isDeepStrictEqual(before, after) && held !== undefined && sameText(text(held), text(template));
}

/** Texts that differ in their layout alone are the same JSON. */
function sameText(before: string, after: string): boolean {
  if (before === after) return true;
  try {
    return isDeepStrictEqual(JSON.parse(before), JSON.parse(after));
  } catch {
    return false;
  }
}

/** A resource's type can't change under its logical id. */
export function checkTypes(tx: Context, stack: Stack, { plan }: Blueprint): void {
  const held = resourcesOf(tx, stack.id);
  const changed = [...plan.resources]
    .filter(([id, { type }]) => (held.get(id)?.type ?? type) !== type)
    .map(([id]) => id);
  if (changed.length === 0) return;
  throw invalid(
    `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${changed.join(', ')}]`,
  );
}

export interface DeletionRequest {
  readonly caller: Caller;
  readonly roleArn?: string;
  readonly token?: string;
  readonly retain?: readonly string[];
  readonly force?: boolean;
}

/** Begins to delete a stack. */
export function startDeletion(tx: Context, stack: Stack, request: DeletionRequest): Stack {
  if (stack.terminationProtection && !stack.parentId) {
    throw invalid(`Stack [${stack.id}] cannot be deleted while TerminationProtection is enabled`);
  }
  if (request.retain?.length && stack.status !== 'DELETE_FAILED') {
    throw invalid(
      `Invalid operation on stack [${stack.id}]. When you delete a stack, you can specify which resources to retain only if the stack is in the DELETE_FAILED state.`,
    );
  }
  const target = stack.design ?? stack.operation?.target ?? NOTHING;
  const operation: Operation = {
    ...operationOf(tx, 'delete', target, { ...request, ...roleOf(stack, request) }),
    ...(request.retain && { retain: request.retain }),
    ...(request.force && { force: true }),
  };
  return begin(tx, stack, operation, 'DELETE_IN_PROGRESS', USER);
}

const NOTHING: Design = { template: '', parameters: [], tags: [], capabilities: [], notificationArns: [], imports: [] };
