/* Log events: written in batches to a stream, read back stream by stream or searched across a group. */
import { createHash } from 'node:crypto';
import type {
  FilteredLogEvent,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
  InputLogEvent,
  PutLogEventsRequest,
  PutLogEventsResponse,
  RejectedLogEventsInfo,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Arn } from '../../kernel/arn.ts';
import { parseMoment } from '../../kernel/clock.ts';
import type { Context, Delivery, WaitingContext } from '../../kernel/service.ts';
import { FilterPatternError, parseFilterPattern } from '../../languages/filter-pattern/index.ts';
import { invalidParameter } from './errors.ts';
import { formatPageToken, formatPosition, parsePageToken, parsePosition } from './positions.ts';
import { encodeEvent, eventBytes, mergeEvents, readEvents, type StoredEvent } from './reading.ts';
import { retainedFrom } from './retention.ts';
import { sequenceToken } from './streams.ts';
import {
  addStream,
  findGroup,
  findStream,
  type Group,
  groupArn,
  listStreams,
  type NamedStream,
  type Stream,
  streamKey,
  streams,
} from './tables.ts';

/** AWS's bounds of a batch (API reference, PutLogEvents). */
const BATCH = { bytes: 1_048_576, spanMs: 86_400_000 };
const DAY_MS = 86_400_000;
/** How far from now an event may be. */
const ACCEPTED_MS = { past: 14 * 86_400_000, future: 2 * 3_600_000 };
/** The most that one page of events answers with. */
const PAGE = { events: 10_000, bytes: 1_048_576 };
/** How many bytes of messages a search reads for one page; the page then ends short, as AWS's do. */
const SEARCHED_BYTES = 8 * 1_048_576;

export function putLogEvents(ctx: Context, input: PutLogEventsRequest): PutLogEventsResponse {
  const { name, group } = findGroup(ctx, { logGroupName: input.logGroupName });
  const stream = findStream(ctx, name, input.logStreamName!);
  const batch = input.logEvents!;
  checkOrder(batch);
  const sizes = batch.map(eventBytes);
  checkSizes(sizes);
  const { first, end, rejected } = acceptable(batch, group, ctx.now);
  const accepted = batch.slice(first, end);
  if (accepted.length > 0) {
    checkSpan(accepted);
    write(
      ctx,
      { name, group },
      { key: streamKey(name, input.logStreamName!), stream },
      accepted,
      sum(sizes.slice(first, end)),
    );
  }
  return {
    nextSequenceToken: sequenceToken(ctx.now),
    ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
  };
}

/**
 * Takes a delivery, e.g. from a rule: the payload becomes an event in a stream with a name of its own, as on AWS, for
 * each day of each sender. What is made of a timestamp and a message alone is taken apart (EventBridge User Guide,
 * "Input transformation": targets that are log groups).
 */
export function acceptDelivery(ctx: Context, { payload, sourceArn }: Delivery, { resource }: Arn): void {
  const logGroupName = resource.replace(/^log-group:/, '').replace(/:\*$/, '');
  const { name, group } = findGroup(ctx, { logGroupName });
  const streamName = nameAfter(`${sourceArn}/${Math.floor(ctx.now / DAY_MS)}`);
  const key = streamKey(name, streamName);
  const stream = ctx.rows(streams).get(key) ?? addStream(ctx, name, streamName);
  const event = readDelivered(payload, ctx.now);
  write(ctx, { name, group }, { key, stream }, [event], eventBytes(event));
}

/** A name in the form of a UUID, always the same for the same text. */
function nameAfter(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

function readDelivered(payload: string, now: number): { timestamp: number; message: string } {
  if (!/^\s*\{\s*"(?:timestamp|message)"/.test(payload)) return { timestamp: now, message: payload };
  const { timestamp, message, ...rest } = JSON.parse(payload) as Record<string, unknown>;
  const at = momentOf(timestamp);
  if (at === undefined || message === undefined || Object.keys(rest).length > 0)
    return { timestamp: now, message: payload };
  return { timestamp: at, message: typeof message === 'string' ? message : JSON.stringify(message) };
}

/** Epoch milliseconds, or ISO 8601; undefined for anything else. */
function momentOf(timestamp: unknown): number | undefined {
  try {
    const isMoment = typeof timestamp === 'string' || typeof timestamp === 'number';
    return isMoment ? parseMoment(timestamp) : undefined;
  } catch {
    return undefined;
  }
}

/** Appends events, which are in order, tells of them in the stream's row, and notes how much was taken in. */
function write(
  ctx: Context,
  { name, group: { retentionInDays } }: { name: string; group: Group },
  { key, stream }: { key: string; stream: Stream },
  events: readonly InputLogEvent[],
  bytes: number,
): void {
  for (const { timestamp, message } of events) ctx.append(stream.log, timestamp!, encodeEvent(ctx.now, message!));
  const first = events[0]!.timestamp!;
  const last = events.at(-1)!.timestamp!;
  ctx.rows(streams).put(key, {
    ...stream,
    events: stream.events + events.length,
    bytes: stream.bytes + bytes,
    firstEventAt: Math.min(stream.firstEventAt ?? first, first),
    lastEventAt: Math.max(stream.lastEventAt ?? last, last),
    lastIngestionAt: ctx.now,
  });
  const logStreamName = key.slice(name.length + 1);
  const detail = {
    events: events.length,
    bytes,
    logStreamName,
    first,
    last,
    ...(retentionInDays !== undefined && { retentionInDays }),
  };
  ctx.note({ kind: 'ingestion', subject: groupArn(ctx.scope, name), outcome: 'ok', detail });
}

function checkOrder(batch: readonly InputLogEvent[]): void {
  if (batch.some((event, index) => index > 0 && event.timestamp! < batch[index - 1]!.timestamp!)) {
    throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
  }
}

function checkSizes(sizes: readonly number[]): void {
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  if (largest > BATCH.bytes) {
    throw invalidParameter(`Log event too large: ${largest} bytes exceeds limit of ${BATCH.bytes}`);
  }
  const total = sum(sizes);
  if (total > BATCH.bytes) throw invalidParameter(`Upload too large: ${total} bytes exceeds limit of ${BATCH.bytes}`);
}

function checkSpan(events: readonly InputLogEvent[]): void {
  if (events.at(-1)!.timestamp! - events[0]!.timestamp! > BATCH.spanMs) {
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
}

/** Which events of a batch are neither too old nor too new, and what AWS says of the others. */
function acceptable(batch: readonly InputLogEvent[], group: Group, now: number) {
  const countBefore = (moment: number) => {
    const index = batch.findIndex((event) => event.timestamp! >= moment);
    return index < 0 ? batch.length : index;
  };
  const tooOld = countBefore(now - ACCEPTED_MS.past);
  const expired = countBefore(retainedFrom(group, now));
  const end = countBefore(now + ACCEPTED_MS.future + 1);
  const rejected: RejectedLogEventsInfo = {
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
    ...(end < batch.length && { tooNewLogEventStartIndex: end }),
  };
  return { first: Math.max(tooOld, expired), end, rejected };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Pages are in chronological order in both directions. At a stream's end, its token leads to the same place again. */
export async function getLogEvents(ctx: WaitingContext, input: GetLogEventsRequest): Promise<GetLogEventsResponse> {
  const token = input.nextToken === undefined ? undefined : parsePageToken(input.nextToken);
  const { stream, retained } = await ctx.transact((tx) => {
    const { name, group } = findGroup(tx, input);
    return { stream: findStream(tx, name, input.logStreamName!), retained: retainedFrom(group, tx.now) };
  });
  const from = Math.max(input.startTime ?? 0, retained);
  const backward = token?.backward ?? !input.startFromHead;
  const range = { from, ...(input.endTime !== undefined && { until: input.endTime }), gap: token?.gap, backward };
  const page: StoredEvent[] = [];
  let bytes = 0;
  for await (const event of readEvents(ctx, stream, range)) {
    bytes += eventBytes(event);
    if (page.length > 0 && bytes > PAGE.bytes) break;
    page.push(event);
    if (page.length === (input.limit ?? PAGE.events)) break;
  }
  if (backward) page.reverse();
  const here = token?.gap ?? { at: from, sequence: 0 };
  const last = page.at(-1);
  const after = last ? { at: last.at, sequence: last.sequence + 1 } : here;
  return {
    events: page.map(({ at, message, ingestedAt }) => ({ timestamp: at, message, ingestionTime: ingestedAt })),
    nextForwardToken: formatPageToken({ backward: false, gap: after }),
    nextBackwardToken: formatPageToken({ backward: true, gap: page[0] ?? here }),
  };
}

/** Searches the events of a group. A page ends when it is full or enough was read; its token tells where to go on. */
export async function filterLogEvents(
  ctx: WaitingContext,
  input: FilterLogEventsRequest,
): Promise<FilterLogEventsResponse> {
  const gap = input.nextToken === undefined ? undefined : parsePosition(input.nextToken);
  const pattern = parsePattern(input.filterPattern ?? '');
  const { searched, retained } = await ctx.transact((tx) => {
    const { name, group } = findGroup(tx, input);
    return { searched: streamsToSearch(tx, name, input), retained: retainedFrom(group, tx.now) };
  });
  const from = Math.max(input.startTime ?? 0, retained);
  const range = { from, ...(input.endTime !== undefined && { until: input.endTime + 1 }), gap };
  const events: FilteredLogEvent[] = [];
  let [answered, read] = [0, 0];
  for await (const [stream, event] of mergeEvents(ctx, searched, range)) {
    const size = eventBytes(event);
    const full = events.length === (input.limit ?? PAGE.events) || (answered > 0 && answered + size > PAGE.bytes);
    if (full || read > SEARCHED_BYTES) return { events, searchedLogStreams: [], nextToken: formatPosition(event) };
    read += size;
    if (!pattern.matches(event.message)) continue;
    answered += size;
    events.push(found(stream, event));
  }
  return { events, searchedLogStreams: [] };
}

function found(stream: string, event: StoredEvent): FilteredLogEvent {
  const { at, ingestedAt, message } = event;
  return {
    logStreamName: stream,
    timestamp: at,
    message,
    ingestionTime: ingestedAt,
    eventId: formatPosition(event),
  };
}

function parsePattern(text: string) {
  try {
    return parseFilterPattern(text);
  } catch (error) {
    if (error instanceof FilterPatternError) throw invalidParameter(error.message);
    throw error;
  }
}

function streamsToSearch(ctx: Context, group: string, input: FilterLogEventsRequest): NamedStream[] {
  const { logStreamNames, logStreamNamePrefix } = input;
  if (!logStreamNames) return listStreams(ctx, group, logStreamNamePrefix);
  if (logStreamNamePrefix !== undefined) {
    throw invalidParameter('LogStream names and LogStream name prefix are mutually exclusive parameters.');
  }
  return [...new Set(logStreamNames)].map((name) => [name, findStream(ctx, group, name)]);
}
