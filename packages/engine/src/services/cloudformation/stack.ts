/*
 * What is kept of a stack: what it is made of now, and the operation that is bringing it to something else.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html
 */
import type { ResourceStatus, RollbackConfiguration, StackStatus, Tag } from '@aws-sdk/client-cloudformation';
import type { Caller } from '../../kernel/access.ts';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import type { Context, Properties } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { noSuchStack } from './errors.ts';

/** A parameter's value in a stack. */
export interface StackParameter {
  readonly key: string;
  readonly value: string;
  readonly resolved?: string;
  readonly reference: string | readonly string[];
  readonly noEcho: boolean;
}

/** What a stack is made of, or is to be made of. */
export interface Design {
  /** Its row in `templates`. */
  readonly template: string;
  readonly parameters: readonly StackParameter[];
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
  readonly notificationArns: readonly string[];
  readonly description?: string;
  /** The names of other stacks' exports that it uses. */
  readonly imports: readonly string[];
}

export interface StackTemplate {
  /** As it was given, to the byte. */
  readonly original: string;
  /** What its transforms made of it, JSON; absent where it has none. */
  readonly processed?: string;
  /** Whether AWS::LanguageExtensions worked on it. */
  readonly extended: boolean;
}

export type Phase = 'deploy' | 'rollback' | 'cleanup' | 'delete';

/** What is bringing a stack from one design to another. */
export interface Operation {
  /** Of this operation alone. */
  readonly id: string;
  readonly kind: 'create' | 'update' | 'delete' | 'rollback';
  readonly phase: Phase;
  readonly token?: string;
  readonly startedAt: number;
  readonly target: Design;
  /** What to go back to; absent for a stack that is new. */
  readonly previous?: Design;
  readonly onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  readonly caller: Caller;
  readonly roleArn?: string;
  /** Epoch milliseconds; by then it has to be done. */
  readonly deadline?: number;
  readonly cancelled?: string;
  readonly retain?: readonly string[];
  readonly force?: boolean;
  readonly retainOnCreate?: boolean;
  /** Resources whose rollback is passed over. */
  readonly skip?: readonly string[];
}

export interface StackOutput {
  readonly OutputKey: string;
  readonly OutputValue: string;
  readonly Description?: string;
  readonly ExportName?: string;
}

export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly status: StackStatus;
  readonly statusReason?: string;
  readonly createdAt: number;
  readonly updatedAt?: number;
  readonly deletedAt?: number;
  readonly changeSetId?: string;
  /** What it is made of; absent until it has been made. */
  readonly design?: Design;
  readonly operation?: Operation;
  /** What failed and was left as it was, for RollbackStack. */
  readonly failed?: Operation;
  readonly outputs: readonly StackOutput[];
  readonly disableRollback: boolean;
  readonly terminationProtection: boolean;
  readonly timeoutMinutes?: number;
  readonly roleArn?: string;
  readonly rollbackConfiguration?: RollbackConfiguration;
  readonly policy?: string;
  readonly parentId?: string;
  readonly rootId?: string;
  readonly lastOperations: readonly LastOperation[];
}

export interface LastOperation {
  readonly OperationId: string;
  readonly OperationType: string;
}

/** What there is of a resource once it is made. */
export interface Made {
  readonly type: string;
  readonly physicalId: string;
  readonly properties: Properties;
  readonly attributes: Properties;
  /** Whether its name was made up. */
  readonly autoNamed: boolean;
  readonly dependsOn: readonly string[];
  readonly deletionPolicy?: string;
  readonly updateReplacePolicy?: string;
}

export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly reason?: string;
  readonly at: number;
  /** What there is of it; absent until it is made. */
  readonly made?: Made;
  /** What is being made, from before the call that makes it. */
  readonly making?: Making;
  /** The operation that last touched it. */
  readonly operation: string;
  /** What it was before that operation; absent for what is new. */
  readonly before?: Made;
  readonly metadata?: string;
  /** Of what is being done to it: the same when it is tried again after a crash. */
  readonly clientToken?: string;
}

export type Making = Omit<Made, 'physicalId' | 'attributes'>;

/** What is there still, and is to go in the cleanup. */
export interface Leftover {
  readonly logicalId: string;
  readonly made: Made;
  /** Whether it is kept in spite of all, since its policy says so. */
  readonly retain: boolean;
  readonly clientToken: string;
}

/** By `<operation's moment>-<random>`; a live one is found by its name. */
export const stacks = table<Stack>('cloudformation.stacks', {
  index: ({ name, status }) => (status === 'DELETE_COMPLETE' ? undefined : name),
});
export const templates = table<StackTemplate>('cloudformation.templates');
/** By stack and logical id. */
export const stackResources = table<StackResource>('cloudformation.resources');
export const leftovers = table<Leftover>('cloudformation.leftovers');

/** The last part of a stack's id, by which its rows are kept. */
export const keyOf = (stackId: string) => stackId.split('/').at(-1)!;

export const resourceKey = (stackId: string, logicalId: string) => `${keyOf(stackId)}/${logicalId}`;

export function stackArn(scope: Scope, name: string, uuid: string): string {
  return formatArn('cloudformation', scope, `stack/${name}/${uuid}`);
}

/** A stack by its name, if it is live, or by its id, though it be deleted. */
export function lookUp(ctx: Context, nameOrId: string): Stack | undefined {
  if (nameOrId.startsWith('arn:')) {
    const stack = ctx.rows(stacks).get(keyOf(nameOrId));
    return stack?.id === nameOrId ? stack : undefined;
  }
  return ctx.rows(stacks).list({ indexed: true, prefix: `${nameOrId}\n`, limit: 1 })[0]?.[1];
}

export function findStack(ctx: Context, nameOrId: string, words: (name: string) => Error = noSuchStack): Stack {
  const stack = lookUp(ctx, nameOrId);
  if (!stack) throw words(nameOrId);
  return stack;
}

export function saveStack(ctx: Context, stack: Stack): void {
  ctx.rows(stacks).put(keyOf(stack.id), stack);
}

/** A stack's resources, by their logical ids. */
export function resourcesOf(ctx: Context, stackId: string): Map<string, StackResource> {
  const rows = ctx.rows(stackResources).list({ prefix: `${keyOf(stackId)}/` });
  return new Map(rows.map(([, resource]) => [resource.logicalId, resource]));
}

/** Whether an operation is under way. */
export const isBusy = ({ status }: Stack) => status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
