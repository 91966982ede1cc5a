/* Log streams: the events of one source, in a group. A stream's row tells of its events what can be told at once. */
import type {
  CreateLogStreamRequest,
  DeleteLogStreamRequest,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  LogStream,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Context } from '../../kernel/service.ts';
import { alreadyExists, invalidParameter, invalidToken } from './errors.ts';
import {
  addStream,
  findGroup,
  findStream,
  groupArn,
  listStreams,
  removeStream,
  type Stream,
  streamKey,
  streams,
} from './tables.ts';

/** How many streams a page holds, unless asked for fewer. */
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

/** A stream's place in the order asked for: by its last event, where that is asked for, and by its name. */
interface Place {
  readonly lastEventAt: number;
  readonly name: string;
}

export function describeLogStreams(ctx: Context, input: DescribeLogStreamsRequest): DescribeLogStreamsResponse {
  const { logStreamNamePrefix: prefix, descending = false, limit = PAGE } = input;
  const byTime = input.orderBy === 'LastEventTime';
  if (byTime && prefix !== undefined) {
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
  }
  const { name: group } = findGroup(ctx, input);
  const placed = listStreams(ctx, group, prefix).map(([name, stream]) => ({
    name,
    lastEventAt: byTime ? (stream.lastEventAt ?? 0) : 0,
    stream,
  }));
  if (byTime) placed.sort(compare);
  if (descending) placed.reverse();
  const after = input.nextToken === undefined ? undefined : parseToken(input.nextToken);
  const beyond = (place: Place) => !after || (descending ? compare(place, after) < 0 : compare(place, after) > 0);
  const start = placed.findIndex(beyond);
  const page = start < 0 ? [] : placed.slice(start, start + limit);
  const more = start >= 0 && start + limit < placed.length;
  return {
    logStreams: page.map(({ name, stream }) => describe(ctx, group, name, stream)),
    ...(more && { nextToken: formatToken(page.at(-1)!) }),
  };
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

function compare(a: Place, b: Place): number {
  if (a.lastEventAt !== b.lastEventAt) return a.lastEventAt - b.lastEventAt;
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

function formatToken({ lastEventAt, name }: Place): string {
  return Buffer.from(`${lastEventAt}:${name}`).toString('base64url');
}

function parseToken(token: string): Place {
  const match = /^(\d{1,15}):(.*)$/s.exec(Buffer.from(token, 'base64url').toString());
  if (!match) throw invalidToken();
  return { lastEventAt: Number(match[1]), name: match[2]! };
}
