/*
 * Reads the queues of event source mappings. A mapping is due work that lasts as long as the mapping is enabled: it
 * waits for messages by one long poll, which costs nothing while there are none, gathers them into batches, and begins
 * each. After a restart it is due again.
 *
 * Developer Guide, "Using Lambda with Amazon SQS" and "Batching behavior".
 */

import type { Caller } from '../../kernel/access.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import { getOrMake } from '../../kernel/maps.ts';
import { type Context, type DueWork, resource, type WaitingContext } from '../../kernel/service.ts';
import { deleteRecords, runBatch } from './event-source-batches.ts';
import { type EventSourceMapping, eventSourceMappings, queueUrlOf, readerOf } from './event-source-mapping.ts';
import { Pace, type Progress } from './event-source-pace.ts';
import { pause } from './event-source-pause.ts';
import { EMPTY_EVENT_BYTES, type QueueRecord, recordOf } from './event-source-records.ts';
import { functionNotFound, lookUp } from './function.ts';

/** The largest event of a function, in bytes. */
const MOST_BYTES = 6_291_456;
/** What one call receives. */
const MOST_RECEIVED = 10;
/** The longest that SQS lets a service wait: an empty queue is not asked again for 68 years. */
const PATIENCE_SECONDS = 2 ** 31 - 1;
/** Pauses while the queue can't be read, or there is no such function, in milliseconds. */
const TROUBLE_PAUSE_MS = { first: 1_000, longest: 300_000 };

/** What this process knows of a mapping whose queue it reads. */
class Reader {
  readonly pace = new Pace();
  /** Received, and not in a batch yet: what made the one before too large. */
  readonly backlog: QueueRecord[] = [];
  #reading = new AbortController();
  #ended: (() => void) | undefined;

  /** Ends the reading under way; returns the signal that ends the next. */
  restart(): AbortSignal {
    this.stop();
    this.#reading = new AbortController();
    return this.#reading.signal;
  }

  stop(): void {
    this.#reading.abort();
  }

  batchEnded(progress: Progress): void {
    this.pace.ended(progress);
    this.#ended?.();
  }

  /** Resolves when one more batch may run, or when the signal aborts. */
  async room(clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.pace.hasRoom(clock.now())) {
      await pause(clock, this.pace.nextStepAt, signal, (wake) => {
        this.#ended = wake;
      });
    }
  }
}

/** By UUID. */
const readers = resource<Map<string, Reader>>({
  open: () => new Map(),
  close: (open) => {
    for (const reader of open.values()) reader.stop();
  },
});

/** Due work: takes a mapping to the state that it is to be in, and reads its queue as long as that is Enabled. */
export async function tend(ctx: WaitingContext, { id: uuid }: DueWork): Promise<void> {
  const reader = getOrMake(ctx.use(readers), uuid, () => new Reader());
  const signal = reader.restart();
  const mapping = await ctx.transact((tx) => arrive(tx, uuid));
  if (!mapping?.enabled) {
    ctx.use(readers).delete(uuid);
    return;
  }
  reader.pace.follow(mapping);
  for (let troubles = 0; !signal.aborted; ) {
    try {
      await readBatch(ctx, uuid, mapping, reader, signal);
      troubles = 0;
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (!(error instanceof AwsError)) throw error;
      const pauseMs = Math.min(TROUBLE_PAUSE_MS.first * 2 ** troubles++, TROUBLE_PAUSE_MS.longest);
      await ctx.letTimePass(pause(ctx.clock, ctx.clock.now() + pauseMs, signal));
    }
  }
  // What the engine's end cuts short stays on the agenda.
  ctx.signal.throwIfAborted();
}

/** Brings a mapping to the end of its way; undefined when it is gone. */
function arrive(ctx: Context, uuid: string): EventSourceMapping | undefined {
  const mapping = ctx.rows(eventSourceMappings).get(uuid);
  if (mapping?.state === 'Deleting') ctx.rows(eventSourceMappings).delete(uuid);
  if (!mapping || mapping.state === 'Deleting') return undefined;
  const state = mapping.enabled ? 'Enabled' : 'Disabled';
  if (mapping.state !== state) ctx.rows(eventSourceMappings).put(uuid, { ...mapping, state });
  return mapping;
}

async function readBatch(
  ctx: WaitingContext,
  uuid: string,
  mapping: EventSourceMapping,
  reader: Reader,
  signal: AbortSignal,
): Promise<void> {
  await ctx.letTimePass(reader.room(ctx.clock, signal));
  if (signal.aborted) return;
  const caller = await ctx.transact((tx) => callerFor(tx, mapping));
  const records = await gather(ctx, mapping, caller, reader.backlog, signal);
  if (!records) return;
  const batch = { uuid, mapping, caller, records, ended: (progress: Progress) => reader.batchEnded(progress) };
  reader.pace.began();
  ctx.begin({ kind: 'batch', subject: mapping.queueArn }, (beside) => runBatch(beside, batch));
}

/** Who reads for a function as it is now. Throws AWS's error when there is no such function. */
function callerFor(ctx: Context, mapping: EventSourceMapping): Caller {
  const found = lookUp(ctx, mapping.function);
  if (!found) throw functionNotFound(ctx.scope, mapping.function);
  return readerOf(ctx.scope, found.name, found.record.configuration.Role);
}

/** The next batch: full, as large as an event may be, or as old as the window; undefined when the reading ends. */
async function gather(
  ctx: WaitingContext,
  mapping: EventSourceMapping,
  caller: Caller,
  backlog: QueueRecord[],
  signal: AbortSignal,
): Promise<QueueRecord[] | undefined> {
  const records: QueueRecord[] = [];
  const window = new Window(ctx.clock, signal);
  try {
    for (;;) {
      if (fill(records, backlog, mapping.batchSize)) return records;
      const [first] = records;
      if (first) window.open(first.receivedAt + mapping.windowSeconds * 1000);
      if (window.signal.aborted) return first && records;
      const most = Math.min(mapping.batchSize - records.length, MOST_RECEIVED);
      backlog.push(...(await receive(ctx, mapping, most, caller, window.signal)));
    }
  } finally {
    window.close();
  }
}

/** The time in which a batch is gathered: it has no end until it is opened, save that of the reading. */
class Window {
  signal: AbortSignal;
  #clock: Clock;
  #end: AbortController | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, reading: AbortSignal) {
    this.#clock = clock;
    this.signal = reading;
  }

  /** Has it end at a moment, epoch milliseconds; the first time counts. */
  open(until: number): void {
    if (this.#end) return;
    const end = new AbortController();
    this.#end = end;
    this.signal = AbortSignal.any([this.signal, end.signal]);
    if (until <= this.#clock.now()) end.abort();
    else this.#timer = this.#clock.at(until, () => end.abort());
  }

  close(): void {
    this.#timer?.cancel();
  }
}

/** Moves records into a batch; whether nothing more goes into it. */
function fill(records: QueueRecord[], backlog: QueueRecord[], batchSize: number): boolean {
  let bytes = records.reduce((sum, record) => sum + record.bytes + 1, EMPTY_EVENT_BYTES);
  while (records.length < batchSize) {
    const [next] = backlog;
    if (!next) return false;
    bytes += next.bytes + 1;
    if (records.length > 0 && bytes > MOST_BYTES) return true;
    records.push(next);
    backlog.shift();
  }
  return true;
}

/** What the function is to get, as soon as there are messages; the others are deleted. Nothing when the signal aborts. */
async function receive(
  ctx: WaitingContext,
  mapping: EventSourceMapping,
  MaxNumberOfMessages: number,
  caller: Caller,
  signal: AbortSignal,
): Promise<QueueRecord[]> {
  const input = {
    QueueUrl: queueUrlOf(ctx.host, mapping.queueArn),
    MaxNumberOfMessages,
    WaitTimeSeconds: PATIENCE_SECONDS,
    MessageSystemAttributeNames: ['All' as const],
    MessageAttributeNames: ['All'],
  };
  const { Messages = [] } = await ctx.letTimePass(ctx.call('sqs', 'ReceiveMessage', input, { caller, signal }));
  ctx.signal.throwIfAborted();
  const records = Messages.map((message) => recordOf(message, mapping, ctx.clock.now()));
  const unwanted = records.filter(({ wanted }) => !wanted);
  await deleteRecords(ctx, { mapping, caller }, unwanted);
  return unwanted.length === 0 ? records : records.filter(({ wanted }) => wanted);
}
