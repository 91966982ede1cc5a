/*
 * Targets: what a schedule may reach, and what it sends there. A templated target is named by the ARN of a resource and
 * gets the schedule's input; a universal one is any operation of an API (universal.ts).
 *
 * EventBridge Scheduler User Guide: "Managing targets", "Adding context attributes", "Configuring a dead-letter queue".
 */
import type { Target } from '@aws-sdk/client-scheduler';
import { type Arn, parseArn } from '../../kernel/arn.ts';
import { isoSeconds } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Delivery } from '../../kernel/service.ts';
import { arnOfSchedule, DEFAULT_RETRY } from './schedule.ts';
import { checkUniversal, UNIVERSAL } from './universal.ts';

/** The largest input (API Reference, Target), in bytes. */
const LARGEST_INPUT = 256 * 1_024;
/** What context attributes begin with. */
const ATTRIBUTE = '<aws.scheduler.';
const ATTEMPT_NUMBER = '<aws.scheduler.attempt-number>';

/** What a templated target needs beside its ARN. */
interface Template {
  /** The member of the target that has to be there. */
  readonly needs?: keyof Target;
  /** Whether its input has to be JSON. */
  readonly json?: true;
}

/** By the service's name in ARNs (User Guide, "Using templated targets"); CloudWatch Logs only here. */
const TEMPLATES: Readonly<Record<string, Template>> = {
  codebuild: {},
  codepipeline: {},
  ecs: { needs: 'EcsParameters' },
  events: { needs: 'EventBridgeParameters', json: true },
  firehose: {},
  inspector: {},
  kinesis: { needs: 'KinesisParameters' },
  lambda: { json: true },
  logs: {},
  sagemaker: {},
  sns: {},
  sqs: {},
  states: { json: true },
};

/** Throws AWS's error unless a schedule may have the target. */
export function checkTarget(target: Target): void {
  const arn = parseArn(target.Arn!);
  if (!arn) throw invalid('Provided Arn is not in correct format.');
  if (target.Input !== undefined && Buffer.byteLength(target.Input) > LARGEST_INPUT) {
    throw invalid(`The Input must have at most ${LARGEST_INPUT} bytes.`);
  }
  if (UNIVERSAL.test(target.Arn!)) checkUniversal(target);
  else checkTemplated(target, arn);
}

function checkTemplated(target: Target, { service, resource }: Arn): void {
  const template = Object.hasOwn(TEMPLATES, service) ? TEMPLATES[service] : undefined;
  if (!template) throw invalid(`${service} is not a supported service for a target.`);
  const { needs, json } = template;
  if (needs !== undefined && !target[needs]) throw missing(needs, target);
  if (service === 'sqs' && resource.endsWith('.fifo') && !target.SqsParameters?.MessageGroupId) {
    throw missing('MessageGroupId', target);
  }
  if (json && target.Input !== undefined && !isJson(target.Input)) {
    throw invalid('The Input of this target must be well-formed JSON.');
  }
}

/** Sends a schedule's input on its way. */
export function sendToTarget(ctx: Context, key: string, target: Target, scheduledTime: number): void {
  const scheduleArn = arnOfSchedule(ctx.scope, key);
  const time = isoSeconds(scheduledTime);
  const executionId = ctx.ids.hex(16);
  ctx.sends(executionId);
  const { Input } = target;
  const parameters = parametersOf(target, scheduleArn);
  ctx.deliver({
    targetArn: target.Arn!,
    payload: Input === undefined ? notification(ctx, scheduleArn, time) : render(Input, scheduleArn, time, executionId),
    hop: 'schedule',
    principal: 'scheduler.amazonaws.com',
    sourceArn: scheduleArn,
    roleArn: target.RoleArn!,
    retry: retryOf(target),
    ...(Input?.includes(ATTEMPT_NUMBER) && { attemptMark: ATTEMPT_NUMBER }),
    ...(parameters && { parameters }),
    ...(target.DeadLetterConfig?.Arn && {
      deadLetterArn: target.DeadLetterConfig.Arn,
      deadLetterAttributes: {
        SCHEDULE_ARN: scheduleArn,
        TARGET_ARN: target.Arn!,
        SCHEDULED_TIME: time,
        EXECUTION_ID: executionId,
        IS_PAYLOAD_TRUNCATED: 'false',
      },
    }),
  });
}

/** The input with the context attributes that are the same in each attempt. */
function render(input: string, scheduleArn: string, time: string, executionId: string): string {
  if (!input.includes(ATTRIBUTE)) return input;
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', time)
    .replaceAll('<aws.scheduler.execution-id>', executionId);
}

/** What a target gets where the schedule has no input; its detail is a text (aws/aws-lambda-java-libs#479). */
function notification(ctx: Context, scheduleArn: string, time: string): string {
  return JSON.stringify({
    version: '0',
    id: ctx.ids.uuid(),
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: ctx.scope.account,
    time,
    region: ctx.scope.region,
    resources: [scheduleArn],
    detail: '{}',
  });
}

function parametersOf(target: Target, scheduleArn: string): Delivery['parameters'] {
  const { SqsParameters, EventBridgeParameters } = target;
  if (SqsParameters?.MessageGroupId) return { messageGroupId: SqsParameters.MessageGroupId };
  if (!EventBridgeParameters) return undefined;
  const { Source: source, DetailType: detailType } = EventBridgeParameters;
  return { source, detailType, resources: [scheduleArn] };
}

function retryOf({ RetryPolicy }: Target): NonNullable<Delivery['retry']> {
  if (!RetryPolicy) return RETRY;
  return {
    maximumAttempts: RetryPolicy.MaximumRetryAttempts ?? RETRY.maximumAttempts,
    maximumAgeSeconds: RetryPolicy.MaximumEventAgeInSeconds ?? RETRY.maximumAgeSeconds,
  };
}

const RETRY = {
  maximumAttempts: DEFAULT_RETRY.MaximumRetryAttempts,
  maximumAgeSeconds: DEFAULT_RETRY.MaximumEventAgeInSeconds,
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function missing(member: string, { Arn }: Target): AwsError {
  return invalid(`Parameter ${member} must be specified for target: ${Arn}.`);
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
