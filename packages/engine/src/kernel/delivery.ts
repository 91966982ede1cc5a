/*
 * A payload on its way to a resource named by ARN: tried at once, in the transaction that sends it, where the
 * target can take it at once; else, and again after a failure, from the agenda. What can't be delivered goes to
 * the dead-letter queue, by the sender's retry policy.
 *
 * AWS does not publish its pauses between tries, only their bounds (185 times in 24 hours, with exponential
 * backoff and jitter: EventBridge User Guide, "Retrying events"); ours double from a second to eight minutes, unless
 * the sender has pauses of its own, as SNS does.
 */

import type { Caller } from './access.ts';
import { type Arn, parseArn, type Scope } from './arn.ts';
import { AwsError } from './errors.ts';
import type { Guard } from './guard.ts';
import { holdLane, nextInLane, waitInLane } from './lanes.ts';
import type {
  Acceptor,
  Context,
  Delivery,
  DueWork,
  OpenNote,
  RetryPhase,
  RetryPolicy,
  WaitingAcceptor,
  WaitingContext,
  Waits,
} from './service.ts';

export const DELIVERY_KIND = 'delivery.attempt';

/** EventBridge's defaults. */
const DEFAULT_RETRY = { maximumAttempts: 185, maximumAgeSeconds: 86_400 };
const PAUSE_MS = { first: 1_000, longest: 480_000 };
/** How many attempts are under way at once: of all, and from one sender to one target. */
const AT_ONCE = { all: 10_000, oneWay: 100 };

/** Why a delivery was given up, as EventBridge's dead letters spell it. */
type Exhausted = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';

interface Attempt {
  readonly delivery: Delivery;
  /** How often it has failed. */
  readonly failures: number;
  /** When it was first due, epoch milliseconds. */
  readonly since: number;
}

/** What a delivery's sender calls an error in its dead letters. */
export type DeadLetterCodeOf = (delivery: Delivery, error: AwsError) => string;

export type AcceptorOf = (arn: Arn) => Acceptor | Waits<WaitingAcceptor> | undefined;

export interface Deliveries {
  deliver(ctx: Context, delivery: Delivery): void;
  /** The agenda's handler of attempts. */
  attempt: Waits<(ctx: WaitingContext, work: DueWork) => Promise<void>>;
}

/**
 * The part of a transaction that can be taken back when a target refuses: where the target is, on behalf of the sender,
 * and caused by the delivery's note.
 */
export type Try = (ctx: Context, accept: (at: Context) => void, scope: Scope, caller: Caller, note: number) => void;

export interface DeliveriesOptions {
  acceptorOf: AcceptorOf;
  attemptWithin: Try;
  codeOf: DeadLetterCodeOf;
  guard: Guard | undefined;
}

export function createDeliveries({ acceptorOf, attemptWithin, codeOf, guard }: DeliveriesOptions): Deliveries {
  function deliver(ctx: Context, delivery: Delivery): void {
    const { weather } = ctx.host;
    for (let copies = weather.duplicates() ? 2 : 1; copies > 0; copies--) {
      const delay = weather.delayOf(delivery.hop);
      const attempt = { delivery, failures: 0, since: ctx.now };
      if (delivery.lane !== undefined && waitInLane(ctx, delivery.lane, attempt)) continue;
      if (delay > 0) putOnAgenda(ctx, attempt, ctx.now + delay);
      else tryNow(ctx, attempt);
    }
  }

  function tryNow(ctx: Context, attempt: Attempt): void {
    const { targetArn, principal, sourceArn } = attempt.delivery;
    let note: OpenNote | undefined;
    try {
      const { arn, acceptor } = target(ctx, attempt.delivery, ctx.now);
      if (typeof acceptor !== 'function') {
        putOnAgenda(ctx, attempt, ctx.now);
        return;
      }
      note = ctx.openNote('delivery', targetArn);
      const accept = (at: Context) => acceptor(at, asAttempted(attempt), arn);
      attemptWithin(ctx, accept, scopeOf(ctx, arn), { principal, sourceArn }, note.number);
      delivered(ctx, attempt, note);
    } catch (error) {
      failed(ctx, attempt, error, note);
    }
  }

  function target(ctx: Context | WaitingContext, delivery: Delivery, now: number) {
    const refusal = ctx.host.weather.refusalOf(delivery.targetArn, now);
    if (refusal) throw refusal;
    const arn = parseArn(delivery.targetArn);
    const acceptor = arn && acceptorOf(arn);
    if (acceptor) {
      guard?.delivery(delivery, arn, ctx.scope, (note) => ctx.note(note));
      return { arn, acceptor };
    }
    throw new AwsError('InvalidTargetException', `Carillon can't deliver to ${delivery.targetArn} yet.`);
  }

  function failed(ctx: Context, attempt: Attempt, error: unknown, note?: OpenNote): void {
    if (!(error instanceof AwsError)) {
      note?.end('fault');
      throw error;
    }
    const { delivery, failures, since } = attempt;
    const { targetArn, deadLetterArn, retry = DEFAULT_RETRY }: Delivery = delivery;
    const next = ctx.now + pauseAfter(ctx, failures, retry);
    const tooLate = next > since + retry.maximumAgeSeconds * 1000;
    const spent = failures >= retry.maximumAttempts;
    const exhausted = spent ? 'MaximumRetryAttempts' : tooLate ? 'MaximumEventAgeInSeconds' : undefined;
    const givenUp = exhausted !== undefined || !retryable(error);
    const fate = givenUp ? { givenUp, ...(deadLetterArn && { deadLetterArn }) } : { givenUp, retryAt: next };
    const detail = { ...factsOf(delivery), attempt: failures + 1, message: error.message, ...fate };
    (note ?? ctx.openNote('delivery', targetArn)).end(error.code, detail);
    if (!givenUp) putOnAgenda(ctx, { delivery, failures: failures + 1, since }, next);
    else {
      deadLetter(ctx, asAttempted(attempt), error, failures, retryable(error) ? exhausted : undefined);
      letNextGo(ctx, delivery);
    }
  }

  /** A dead letter has no dead letter of its own. */
  function deadLetter(
    ctx: Context,
    delivery: Delivery,
    error: AwsError,
    attempts: number,
    exhausted?: Exhausted,
  ): void {
    if (!delivery.deadLetterArn) return;
    const attributes = {
      ...delivery.deadLetterAttributes,
      ERROR_CODE: codeOf(delivery, error),
      ERROR_MESSAGE: error.message,
      RETRY_ATTEMPTS: String(attempts),
      ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    };
    const { deadLetterArn: targetArn, principal, sourceArn, deadLetterPayload: payload = delivery.payload } = delivery;
    const { about } = delivery;
    const { deadLetterParameters: parameters = { attributes } } = delivery;
    deliver(ctx, { targetArn, payload, principal, sourceArn, parameters, ...(about !== undefined && { about }) });
  }

  const attempt = async (ctx: WaitingContext, work: DueWork) => {
    const payload = work.payload as Attempt;
    const finish = (handler: (tx: Context) => void) =>
      ctx.transact((tx) => {
        tx.unschedule(work.kind, work.id);
        handler(tx);
      });
    const arn = parseArn(payload.delivery.targetArn);
    const acceptor = arn && acceptorOf(arn);
    if (typeof acceptor !== 'object') return finish((tx) => tryNow(tx, payload));
    try {
      target(ctx, payload.delivery, ctx.clock.now());
      await acceptor.waits(ctx, asAttempted(payload), arn!);
      await finish((tx) => delivered(tx, payload, tx.openNote('delivery', payload.delivery.targetArn)));
    } catch (error) {
      await finish((tx) => failed(tx, payload, error));
    }
  };

  const crowd = { of: wayOf, most: AT_ONCE.oneWay };
  return { deliver, attempt: { waits: attempt, concurrency: AT_ONCE.all, crowd } };
}

/** A universal target's ARN is that of all schedules which call the same operation: so the sender counts too. */
function wayOf({ payload }: DueWork): string {
  const { sourceArn, targetArn } = (payload as Attempt).delivery;
  return `${sourceArn} ${targetArn}`;
}

/** Milliseconds until the next try: the sender's own where it gives any, else doubling ones, with jitter. */
function pauseAfter(ctx: Context, failures: number, { phases }: RetryPolicy): number {
  if (phases) return pauseOf(phases, failures) ?? 0;
  const pauseMs = Math.min(PAUSE_MS.first * 2 ** failures, PAUSE_MS.longest);
  return Math.ceil(pauseMs * (0.5 + ctx.ids.random() / 2));
}

/** The pause of the phase in which a try falls, after so many failures before this one; undefined after the last. */
export function pauseOf(phases: readonly RetryPhase[], failures: number): number | undefined {
  let before = 0;
  return phases.find(({ tries }) => {
    before += tries;
    return failures < before;
  })?.pauseMs;
}

/** What an attempt delivers. */
function asAttempted({ delivery, failures }: Attempt): Delivery {
  const { attemptMark, payload } = delivery;
  if (attemptMark === undefined) return delivery;
  return { ...delivery, payload: payload.replaceAll(attemptMark, String(failures + 1)) };
}

/** Where the target is. */
function scopeOf({ scope }: Context, { account, region }: Arn): Scope {
  return { account: account || scope.account, region: region || scope.region };
}

function delivered(ctx: Context, { delivery, failures }: Attempt, note: OpenNote): void {
  note.end('ok', failures > 0 ? { ...factsOf(delivery), attempt: failures + 1 } : factsOf(delivery));
  letNextGo(ctx, delivery);
}

/** What a note tells of every delivery. */
function factsOf({ sourceArn, about, lane }: Delivery) {
  if (lane !== undefined) return { sourceArn, about, inLane: true };
  return about === undefined ? { sourceArn } : { sourceArn, about };
}

function letNextGo(ctx: Context, { lane }: Delivery): void {
  const next = lane === undefined ? undefined : nextInLane<Attempt>(ctx, lane);
  if (next) putOnAgenda(ctx, next, ctx.now);
}

function putOnAgenda(ctx: Context, attempt: Attempt, due: number): void {
  if (attempt.delivery.lane !== undefined) holdLane(ctx, attempt.delivery.lane);
  ctx.schedule({ kind: DELIVERY_KIND, id: ctx.ids.ordered(ctx.now), due, payload: attempt });
}

/** Faults and throttling pass; a missing resource or permission does not (EventBridge User Guide, "Retrying events"). */
function retryable(error: AwsError): boolean {
  return error.status >= 500 || error.status === 429 || /Throttl|TooManyRequests|LimitExceeded/.test(error.code);
}
