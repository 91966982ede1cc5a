/* Log streams: the events of one source, in a group. A stream's row tells of its events what can be told at once. */
import type {
  CreateLogStreamRequest,
  DeleteLogStreamRequest,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  LogStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { alreadyExists, invalidParameter, invalidToken } from './errors.ts';
import {
  addStream,
  findGroup,
  findStream,
  groupArn,
  listStreams,
  type NamedStream,
  removeStream,
  type Stream,
  streamKey,
  streams,
} from './tables.ts';

/** The most streams that a page holds. */
const PAGE = 50;

export function createLogStream(ctx: Context, input: CreateLogStreamRequest): void {
  const { name } = findGroup(ctx, { logGroupName: input.logGroupName });
  if (ctx.rows(streams).has(streamKey(name, input.logStreamName!))) throw alreadyExists('log stream');
  addStream(ctx, name, input.logStreamName!);
}

export function deleteLogStream(ctx: Context, input: DeleteLogStreamRequest): void {
  const { name } = findGroup(ctx, { logGroupName: input.logGroupName });
  const stream = findStream(ctx, name, input.logStreamName!);
  removeStream(ctx, name, input.logStreamName!, stream);
}

export function describeLogStreams(ctx: Context, input: DescribeLogStreamsRequest): DescribeLogStreamsResponse {
  const { logStreamNamePrefix: prefix, descending = false } = input;
  const byTime = input.orderBy === 'LastEventTime';
  if (byTime && prefix !== undefined) {
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
  }
  const { name: group } = findGroup(ctx, input);
  const listed = listStreams(ctx, group, prefix).map((stream): [string, NamedStream] => [
    byTime ? timeKey(stream) : stream[0],
    stream,
  ]);
  if (byTime) listed.sort(([a], [b]) => (a < b ? -1 : 1));
  if (descending) listed.reverse();
  const beyond = (key: string, after: string) => (descending ? key < after : key > after);
  const { items, nextToken } = page(
    (after, limit) => listed.filter(([key]) => after === undefined || beyond(key, after)).slice(0, limit),
    { token: input.nextToken, limit: input.limit, most: PAGE, invalid: invalidToken },
  );
  return {
    logStreams: items.map(([, [name, stream]]) => describe(ctx, group, name, stream)),
    ...(nextToken !== undefined && { nextToken }),
  };
}

/** Sorts by the last event, and by name where that is the same. */
function timeKey([name, { lastEventAt = 0 }]: NamedStream): string {
  return `${String(lastEventAt).padStart(16, '0')}:${name}`;
}

function describe(ctx: Context, group: string, name: string, stream: Stream): LogStream {
  return {
    logStreamName: name,
    creationTime: stream.createdAt,
    ...(stream.firstEventAt !== undefined && { firstEventTimestamp: stream.firstEventAt }),
    ...(stream.lastEventAt !== undefined && { lastEventTimestamp: stream.lastEventAt }),
    ...(stream.lastIngestionAt !== undefined && {
      lastIngestionTime: stream.lastIngestionAt,
      uploadSequenceToken: sequenceToken(stream.lastIngestionAt),
    }),
    arn: `${groupArn(ctx.scope, group)}:log-stream:${name}`,
    storedBytes: 0,
  };
}

/** AWS still answers with sequence tokens, of 56 digits, and takes any. */
export function sequenceToken(ingestedAt: number): string {
  return `49${ingestedAt}`.padEnd(56, '0');
}
