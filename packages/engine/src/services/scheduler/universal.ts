/*
 * Universal targets: any operation of any AWS service, named by `arn:aws:scheduler:::aws-sdk:<service>:<action>`, called
 * with the schedule's input as its request on behalf of the schedule's role.
 *
 * EventBridge Scheduler User Guide, "Using universal targets".
 */
import type { Target } from '@aws-sdk/client-scheduler';
import type { Arn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Delivery, WaitingContext } from '../../kernel/service.ts';

/** The ARN of an operation. */
export const UNIVERSAL = /^arn:aws[a-z-]*:scheduler:::aws-sdk:([a-z0-9]+):(\w+)$/;

/** What the actions begin with that only read. */
const UNSUPPORTED =
  /^(?:get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|translateDocument|isAuthorized|invokeModel)(?![a-z])/;

/** Throws AWS's error unless a schedule may call the operation with its input. */
export function checkUniversal({ Arn, Input }: Target): void {
  const action = UNIVERSAL.exec(Arn!)![2]!;
  if (UNSUPPORTED.test(action)) throw new AwsError('ValidationException', `${action} API is not supported`);
  if (Input === undefined) {
    throw new AwsError('ValidationException', 'You must provide an input to set this target for your schedule');
  }
  if (!isObject(Input)) throw new AwsError('ValidationException', 'The Input of this target must be a JSON object.');
}

/** Takes a delivery to an operation: calls it where the schedule is. */
export async function callOperation(ctx: WaitingContext, delivery: Delivery, arn: Arn): Promise<void> {
  const [, sdkService = '', action = ''] = arn.resource.split(':');
  const { service, operation, input } = await ctx.host.readRequest(sdkService, action, delivery.payload);
  const { principal, sourceArn, roleArn } = delivery;
  const caller = { principal, sourceArn, ...(roleArn !== undefined && { roleArn }) };
  // The operation holds the clock by itself, where it has to.
  await ctx.letTimePass(ctx.call(service as never, operation as never, input as never, { caller }));
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
