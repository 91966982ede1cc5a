/* What is kept of a change set: what a stack would be, and what that would change. */
import type {
  Change,
  ChangeSetStatus,
  ChangeSetType,
  ExecutionStatus,
  RollbackConfiguration,
} from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { invalid } from './errors.ts';
import { type Design, keyOf, lookUp } from './stack.ts';

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly type: ChangeSetType;
  readonly description?: string;
  readonly createdAt: number;
  readonly status: ChangeSetStatus;
  readonly statusReason?: string;
  readonly execution: ExecutionStatus;
  /** Absent where it failed before it came to one. */
  readonly design?: Design;
  readonly changes: readonly Change[];
  readonly nested: boolean;
  readonly onFailure?: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  readonly roleArn?: string;
  readonly rollbackConfiguration?: RollbackConfiguration;
}

/** By stack and name. */
export const changeSets = table<ChangeSet>('cloudformation.changeSets');

export const changeSetKey = (stackId: string, name: string) => `${keyOf(stackId)}/${name}`;

/** A change set by its id, or by its name and its stack's. */
export function changeSetOf(ctx: Context, nameOrId: string, stackName: string | undefined): ChangeSet {
  const gone = () => new AwsError('ChangeSetNotFound', `ChangeSet [${nameOrId}] does not exist`, { status: 404 });
  if (nameOrId.startsWith('arn:')) {
    const found = ctx
      .rows(changeSets)
      .list()
      .find(([, { id }]) => id === nameOrId);
    if (!found) throw gone();
    return found[1];
  }
  if (stackName === undefined)
    throw invalid('StackName must be specified if ChangeSetName is not specified as an ARN.');
  const stack = lookUp(ctx, stackName);
  if (!stack) throw invalid(`Stack [${stackName}] does not exist`);
  const found = ctx.rows(changeSets).get(changeSetKey(stack.id, nameOrId));
  if (!found) throw gone();
  return found;
}
