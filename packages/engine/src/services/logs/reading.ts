/*
 * Reading events back: of one stream, forward or backward, or of many at once, merged by their positions. What is
 * held in memory is bounded, however many events and streams there are: events are read in chunks that share a
 * budget of bytes, and a stream is not read before its first event is due.
 */
import type { WaitingContext } from '../../kernel/service.ts';
import type { LogEntry, LogPosition } from '../../kernel/state/backend.ts';
import type { NamedStream, Stream } from './tables.ts';

/** How many bytes of events all readers of a request hold together, about. */
const BUFFERED_BYTES = 4 * 1024 * 1024;
/** How many events are read at once. */
const CHUNK = 1_000;

export interface StoredEvent extends LogPosition {
  readonly ingestedAt: number;
  readonly message: string;
}

/** What an event comes to, as AWS reckons it: its message, and 26 bytes. */
export function eventBytes({ message }: { message?: string | undefined }): number {
  return Buffer.byteLength(message!) + 26;
}

/** How an event is kept: `<ingestion time> <message>`. */
export function encodeEvent(ingestedAt: number, message: string): string {
  return `${ingestedAt} ${message}`;
}

function decodeEvent({ at, sequence, data }: LogEntry): StoredEvent {
  const space = data.indexOf(' ');
  return { at, sequence, ingestedAt: Number(data.slice(0, space)), message: data.slice(space + 1) };
}

/** Which of the events to read. */
export interface EventRange {
  /** At or after this moment. */
  readonly from: number;
  /** Before this moment. */
  readonly until?: number;
  /** After this gap, which is right before a position; or before it, when backward. */
  readonly gap?: LogPosition | undefined;
  readonly backward?: boolean;
}

type Reading = Pick<WaitingContext, 'read'>;

/** A stream's events, one after the other. */
export async function* readEvents(
  ctx: Reading,
  stream: Stream,
  range: EventRange,
  readers = () => 1,
): AsyncGenerator<StoredEvent, void> {
  const { from, until, gap, backward = false } = range;
  let beyond = gap && { at: gap.at, sequence: backward ? gap.sequence : gap.sequence - 1 };
  for (;;) {
    const limit = chunkOf(stream, readers());
    const entries = await ctx.read(stream.log, {
      from,
      ...(until !== undefined && { until }),
      ...(beyond && { beyond }),
      backward,
      limit,
    });
    for (const entry of entries) yield decodeEvent(entry);
    if (entries.length < limit) return;
    beyond = entries.at(-1)!;
  }
}

/** As many events as come to the reader's share of the budget, going by the stream's average. */
function chunkOf(stream: Stream, readers: number): number {
  const average = stream.bytes / Math.max(1, stream.events);
  return Math.max(1, Math.min(CHUNK, Math.floor(BUFFERED_BYTES / readers / Math.max(1, average))));
}

/** An open stream, and its next event. */
interface Head {
  readonly name: string;
  readonly event: StoredEvent;
  readonly rest: AsyncGenerator<StoredEvent, void>;
}

/** The events of several streams in order of their positions. */
export async function* mergeEvents(
  ctx: Reading,
  streams: readonly NamedStream[],
  range: EventRange,
): AsyncGenerator<[stream: string, event: StoredEvent], void> {
  const unopened = streams
    .filter(([, stream]) => overlaps(stream, range))
    .sort(([, a], [, b]) => b.firstEventAt! - a.firstEventAt!);
  const heads: Head[] = [];
  const readers = () => heads.length + 1;
  const advance = async (name: string, rest: Head['rest']) => {
    const next = await rest.next();
    if (!next.done) insert(heads, { name, event: next.value, rest });
  };
  for (;;) {
    while (unopened.length > 0 && !(heads[0] && heads[0].event.at < unopened.at(-1)![1].firstEventAt!)) {
      const [name, stream] = unopened.pop()!;
      await advance(name, readEvents(ctx, stream, range, readers));
    }
    const head = heads.shift();
    if (!head) return;
    yield [head.name, head.event];
    await advance(head.name, head.rest);
  }
}

function overlaps({ firstEventAt, lastEventAt }: Stream, { from, until, gap }: EventRange): boolean {
  if (firstEventAt === undefined || lastEventAt === undefined) return false;
  return lastEventAt >= Math.max(from, gap?.at ?? 0) && firstEventAt < (until ?? Number.POSITIVE_INFINITY);
}

/** Keeps heads in order of their events. */
function insert(heads: Head[], head: Head): void {
  let [low, high] = [0, heads.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(heads[middle]!.event, head.event)) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, head);
}

function isBefore(a: LogPosition, b: LogPosition): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
