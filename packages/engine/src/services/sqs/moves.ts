/*
 * Message move tasks: what is in a dead-letter queue goes back to where it came from, or elsewhere, by due work,
 * slice by slice or at the rate that was asked for.
 *
 * API Reference, StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask; Developer Guide, "Learn how to
 * configure a dead-letter queue redrive": a message that was moved is a new message, with a new id and age.
 */
import type {
  CancelMessageMoveTaskRequest,
  CancelMessageMoveTaskResult,
  ListMessageMoveTasksRequest,
  ListMessageMoveTasksResult,
  ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskRequest,
  StartMessageMoveTaskResult,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { available } from './available.ts';
import { countMessages } from './counts.ts';
import { checkRange, invalidParameter, invalidValue } from './errors.ts';
import { addMessage, removeMessage } from './messages.ts';
import { nameOfArn, type Queue, queues } from './queue.ts';
import { deadLetterQueue, noteRedrive, sourcesOf } from './redrive.ts';
import { inSlices } from './slices.ts';
import { messages, sortable } from './tables.ts';

const MOVE = 'sqs.move';
/** How many messages are moved at once where no rate is asked for. */
const AT_ONCE = 100;
const SECOND_MS = 1_000;
const MOST_PER_SECOND = 500;
/** How many tasks of a queue are told of, and kept. */
const MOST_TASKS = 10;

interface Task {
  readonly id: string;
  readonly sourceArn: string;
  readonly destinationArn?: string;
  readonly perSecond?: number;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  readonly failure?: string;
  readonly moved: number;
  readonly toMove: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** By `<source's id> <order>`. */
const tasks = table<Task>('sqs.moves');

export function startMessageMoveTask(ctx: Context, input: StartMessageMoveTaskRequest): StartMessageMoveTaskResult {
  const { SourceArn: sourceArn, DestinationArn: destinationArn, MaxNumberOfMessagesPerSecond: perSecond } = input;
  const source = findByArn(ctx, sourceArn!);
  const words = `must be an integer between 1 and ${MOST_PER_SECOND}.`;
  checkRange(perSecond, [1, MOST_PER_SECOND], 'MaxNumberOfMessagesPerSecond', words);
  if (sourcesOf(ctx, sourceArn!).length === 0) {
    throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
  }
  if (destinationArn === sourceArn)
    throw invalidParameter('Source queue arn and destination queue arn cannot be the same.');
  if (destinationArn !== undefined && findByArn(ctx, destinationArn).fifo !== source.fifo) {
    throw invalidParameter('Source queue and destination queue must be of the same type.');
  }
  const held = tasksOf(ctx, source);
  if (held.some(([, { status }]) => status === 'RUNNING')) {
    throw invalidParameter(
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    );
  }
  for (const [key] of held.slice(MOST_TASKS - 1)) ctx.rows(tasks).delete(key);
  const order = Number(held[0]?.[0].split(' ')[1] ?? 0) + 1;
  const key = `${source.id} ${sortable(order)}`;
  const task: Task = {
    id: ctx.ids.uuid(),
    sourceArn: sourceArn!,
    ...(destinationArn !== undefined && { destinationArn }),
    ...(perSecond !== undefined && { perSecond }),
    status: 'RUNNING',
    moved: 0,
    toMove: countMessages(ctx, source).visible,
    startedAt: ctx.now,
  };
  ctx.rows(tasks).put(key, task);
  ctx.schedule({ kind: MOVE, id: key, due: ctx.now });
  return { TaskHandle: handleOf(task) };
}

export function listMessageMoveTasks(ctx: Context, input: ListMessageMoveTasksRequest): ListMessageMoveTasksResult {
  const words = `Must be between 1 and ${MOST_TASKS}, if provided.`;
  checkRange(input.MaxResults, [1, MOST_TASKS], 'MaxResults', words);
  const held = tasksOf(ctx, findByArn(ctx, input.SourceArn!)).slice(0, input.MaxResults ?? 1);
  return { Results: held.map(([, task]) => describe(task)) };
}

export function cancelMessageMoveTask(ctx: Context, input: CancelMessageMoveTaskRequest): CancelMessageMoveTaskResult {
  const { taskId, sourceArn } = readHandle(input.TaskHandle!);
  const found = tasksOf(ctx, findByArn(ctx, sourceArn)).find(([, { id }]) => id === taskId);
  if (!found) throw notFound('Task does not exist.');
  const [key, task] = found;
  if (task.status !== 'RUNNING') throw invalidParameter('Only active tasks can be cancelled.');
  ctx.unschedule(MOVE, key);
  ctx.rows(tasks).put(key, { ...task, status: 'CANCELLED' });
  return { ApproximateNumberOfMessagesMoved: task.moved };
}

/** Due work: moves what is there, or what may be moved in a second. */
export const moved = inSlices<true>((ctx, { kind, id: key }) => {
  const task = ctx.rows(tasks).get(key);
  const source = task && deadLetterQueue(ctx, task.sourceArn)?.queue;
  if (!source || task.status !== 'RUNNING') return undefined;
  const { perSecond } = task;
  const slice = available(ctx, source, perSecond ?? AT_ONCE);
  let { moved } = task;
  let failure: string | undefined;
  for (const [message] of slice) {
    failure = moveMessage(ctx, source, message, task);
    if (failure !== undefined) break;
    moved++;
  }
  const ends = failure !== undefined ? { status: 'FAILED' as const, failure } : { status: 'COMPLETED' as const };
  const goesOn = failure === undefined && slice.length > 0;
  ctx.rows(tasks).put(key, { ...task, moved, ...(!goesOn && ends) });
  if (goesOn && perSecond !== undefined) ctx.schedule({ kind, id: key, due: ctx.now + SECOND_MS });
  return goesOn && perSecond === undefined ? true : undefined;
});

/** Moves one message; returns why not, where it can't be moved. */
function moveMessage(
  ctx: Context,
  source: Queue,
  key: string,
  { sourceArn, destinationArn }: Task,
): string | undefined {
  const { sequenceNumber: _, deadLetterSourceArn, ...message } = ctx.rows(messages).get(key)!;
  const arn = destinationArn ?? deadLetterSourceArn;
  if (arn === undefined) return 'CouldNotDetermineMessageSource';
  const target = deadLetterQueue(ctx, arn);
  if (!target) return 'AWS.SimpleQueueService.NonExistentQueue';
  removeMessage(ctx, source, key);
  const moved = addMessage(ctx, target.name, target.queue, { ...message, id: ctx.ids.uuid(), sentAt: ctx.now });
  noteRedrive(ctx, { from: message.id, to: moved.id }, sourceArn, target.name);
  return undefined;
}

/** Forgets the tasks of a queue that goes. */
export function removeTasks(ctx: Context, source: Queue): void {
  for (const [key] of tasksOf(ctx, source)) {
    ctx.unschedule(MOVE, key);
    ctx.rows(tasks).delete(key);
  }
}

/** The tasks of a queue, the latest first. */
function tasksOf(ctx: Context, source: Queue): [key: string, task: Task][] {
  return ctx
    .rows(tasks)
    .list({ prefix: `${source.id} ` })
    .reverse();
}

function findByArn(ctx: Context, arn: string): Queue {
  const name = nameOfArn(arn, ctx.scope);
  const queue = name === undefined ? undefined : ctx.rows(queues).get(name);
  if (!queue) throw notFound("The resource that you specified for the SourceArn parameter doesn't exist.");
  return queue;
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, { status: 404 });
}

function handleOf({ id, sourceArn }: Task): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString('base64');
}

function readHandle(handle: string): { taskId: string; sourceArn: string } {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(handle, 'base64').toString());
    if (typeof taskId === 'string' && typeof sourceArn === 'string') return { taskId, sourceArn };
  } catch {
    throw invalidValue(handle, 'TaskHandle', 'Invalid task handle.');
  }
  throw invalidValue(handle, 'TaskHandle', 'Invalid task handle.');
}

function describe(task: Task): ListMessageMoveTasksResultEntry {
  return {
    ...(task.status === 'RUNNING' && { TaskHandle: handleOf(task) }),
    Status: task.status,
    SourceArn: task.sourceArn,
    ...(task.destinationArn !== undefined && { DestinationArn: task.destinationArn }),
    ...(task.perSecond !== undefined && { MaxNumberOfMessagesPerSecond: task.perSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failure !== undefined && { FailureReason: task.failure }),
    StartedTimestamp: task.startedAt,
  };
}
