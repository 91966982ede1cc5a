/*
 * A sandbox's log stream: takes an invocation's lines and puts them into CloudWatch Logs in few calls, all of
 * them before the invocation ends. As on Lambda, an invocation never fails for its log's sake: what can't be put
 * is told to the user and dropped; at the engine's end there is nobody to tell.
 */

import type { Caller } from '../../kernel/access.ts';
import type { Timer } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { WaitingContext } from '../../kernel/service.ts';
import type { LogLine } from './sandbox/spec.ts';

/** How long lines of a running function wait for company, so that `aws logs tail --follow` sees them soon. */
const GATHER_MS = 100;
/** PutLogEvents takes so many events, and bytes with 26 for each event (API Reference, PutLogEvents). */
const BATCH = { events: 10_000, bytes: 1_048_576, eventBytes: 26 };
/** What LogType Tail shows (API Reference, Invoke). */
const TAIL_BYTES = 4_096;

export interface InvocationLog {
  write(line: LogLine, logStream: string): void;
  /**
   * Puts what there is, unless only the platform has spoken. In virtual time nothing else does until the end: lines
   * come when the machine likes.
   */
  flush(): void;
  /** Puts what is left; the lines can be read once it has resolved. Never rejects. */
  end(): Promise<void>;
  /** The last 4 KB, base64. */
  tail(): string;
}

export function createInvocationLog(ctx: WaitingContext, logGroup: string, caller: Caller): InvocationLog {
  const lines: LogLine[] = [];
  let logStream = '';
  let put = 0;
  let timer: Timer | undefined;
  let putting: Promise<void> = Promise.resolve();

  function flush(): void {
    if (lines.slice(put).some((line) => !line.platform)) putAll();
  }

  function putAll(): void {
    timer?.cancel();
    timer = undefined;
    const fresh = lines.slice(put);
    put = lines.length;
    if (fresh.length > 0) putting = putting.then(() => tryPut(fresh));
  }

  async function tryPut(fresh: readonly LogLine[]): Promise<void> {
    try {
      await putLines(ctx, caller, logGroup, logStream, fresh);
    } catch (error) {
      if (ctx.signal.aborted) return;
      ctx.host.warn(`Lines for the log group ${logGroup} were lost: ${error instanceof Error ? error.message : error}`);
    }
  }

  return {
    flush,
    write({ timestamp, ...line }, stream) {
      // Events are put in order of time, even where the machine's clock was set back meanwhile.
      lines.push({ timestamp: Math.max(timestamp, lines.at(-1)?.timestamp ?? 0), ...line });
      logStream = stream;
      if (!ctx.clock.virtual) timer ??= ctx.clock.at(ctx.clock.now() + GATHER_MS, putAll);
    },
    async end() {
      putAll();
      await putting;
    },
    tail() {
      const text = Buffer.from(lines.map((line) => line.message.replace(/\n?$/, '\n')).join(''));
      return text.subarray(-TAIL_BYTES).toString('base64');
    },
  };
}

async function putLines(
  ctx: WaitingContext,
  caller: Caller,
  logGroupName: string,
  logStreamName: string,
  lines: readonly LogLine[],
) {
  for (const logEvents of batches(lines)) {
    const input = { logGroupName, logStreamName, logEvents };
    try {
      await ctx.call('logs', 'PutLogEvents', input, { caller });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
      await create(() => ctx.call('logs', 'CreateLogGroup', { logGroupName }, { caller }));
      await create(() => ctx.call('logs', 'CreateLogStream', { logGroupName, logStreamName }, { caller }));
      await ctx.call('logs', 'PutLogEvents', input, { caller });
    }
  }
}

async function create(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceAlreadyExistsException') throw error;
  }
}

function* batches(lines: readonly LogLine[]): Generator<{ timestamp: number; message: string }[]> {
  let batch: { timestamp: number; message: string }[] = [];
  let bytes = 0;
  for (const { timestamp, message } of lines) {
    const size = Buffer.byteLength(message) + BATCH.eventBytes;
    if (batch.length > 0 && (bytes + size > BATCH.bytes || batch.length === BATCH.events)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push({ timestamp, message });
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
