/*
 * Posts: messages on their way to HTTP(S) addresses, each due work until the address has taken it or it is given up.
 *
 * Developer Guide, "Fanout Amazon SNS notifications to HTTPS endpoints" (an answer in 15 seconds, codes from 200 to
 * 299 are good, those from 400 to 499 but 429 end it), "Amazon SNS message delivery retries", "HTTP/HTTPS headers".
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { machineTimer } from '../../kernel/clock.ts';
import { pauseOf } from '../../kernel/delivery.ts';
import { type Context, type Delivery, type DueWork, resource, type WaitingContext } from '../../kernel/service.ts';
import { httpPolicyOf } from './routes.ts';
import { type Subscription, subscriptionArn, subscriptions } from './subscription.ts';
import { deadLetterArnOf } from './subscription-attributes.ts';
import { type Topic, topics } from './topic.ts';

const KIND = 'sns.post';
/** How long an address may take, in milliseconds of the machine's time. */
const TIMEOUT_MS = 15_000;
/** How much of an answer is read, in bytes. */
const LARGEST_ANSWER = 65_536;
/** How many posts are under way at once: to all subscriptions together, and to one. */
export const POSTS = { concurrency: 10_000, crowd: { of: subscriptionOf, most: 10 } };
/** How many subscriptions' paces are kept in mind. */
const MOST_PACES = 10_000;

/** What is to be posted. */
export interface Letter {
  readonly type: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';
  readonly messageId: string;
  readonly topicArn: string;
  readonly body: string;
  readonly raw: boolean;
  /** What the dead-letter queue needs beside the body. */
  readonly parameters?: Delivery['parameters'];
}

interface Post extends Letter {
  /** The subscription's. */
  readonly key: string;
  readonly endpoint: string;
  readonly failures: number;
}

/** Puts a post on the agenda: committed with what causes it. */
export function sendPost(ctx: Context, topic: Topic, key: string, subscription: Subscription, letter: Letter): void {
  const most = letter.type === 'Notification' && httpPolicyOf(topic, subscription).maxReceivesPerSecond;
  const due = most ? ctx.use(paces).next(subscriptionArn(ctx, key), ctx.now, 1_000 / most) : ctx.now;
  const post: Post = { ...letter, key, endpoint: subscription.endpoint, failures: 0 };
  ctx.schedule({ kind: KIND, id: ctx.ids.ordered(ctx.now), due, payload: post });
}

function subscriptionOf({ payload }: DueWork): string {
  return (payload as Post).key;
}

/** Due work: one try. A try that the engine's end cuts short is none: it is made again at the next start. */
export async function post(ctx: WaitingContext, work: DueWork): Promise<void> {
  const letter = work.payload as Post;
  const contentType = await ctx.transact((tx) => policyOf(tx, letter).contentType);
  const posting = send(letter, headersOf(ctx, letter, contentType), ctx.use(agents), ctx.signal);
  // What is served from here may need time to pass; all else is of the machine's time.
  const failure = await (letter.endpoint.startsWith(`${ctx.host.endpoint}/`) ? ctx.letTimePass(posting) : posting);
  ctx.signal.throwIfAborted();
  if (failure) await ctx.transact((tx) => failed(tx, work, letter, failure));
  else note(ctx, letter, 'ok');
}

function policyOf(ctx: Context, { key, topicArn }: Post) {
  const subscription = ctx.rows(subscriptions).get(key);
  const topic = ctx.rows(topics).get(topicArn.slice(topicArn.lastIndexOf(':') + 1));
  return httpPolicyOf(topic, subscription ?? GONE);
}

/** Stands for a subscription that has ended, whose last messages go by its topic's policy. */
const GONE: Subscription = {
  protocol: 'http',
  endpoint: '',
  owner: '',
  confirmed: false,
  authenticated: false,
  attributes: {},
};

function headersOf(ctx: WaitingContext, { type, messageId, topicArn, key, raw, body }: Post, contentType: string) {
  return {
    'x-amz-sns-message-type': type,
    'x-amz-sns-message-id': messageId,
    'x-amz-sns-topic-arn': topicArn,
    ...(type !== 'SubscriptionConfirmation' && { 'x-amz-sns-subscription-arn': subscriptionArn(ctx, key) }),
    ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Type': contentType,
    'User-Agent': 'Amazon Simple Notification Service Agent',
    'Accept-Encoding': 'gzip,deflate',
  };
}

/** Why a post was not taken. */
interface Failure {
  readonly code: string;
  readonly message: string;
  /** Whether it is of use to try again. */
  readonly passes: boolean;
}

function failed(ctx: Context, work: DueWork, letter: Post, { code, message, passes }: Failure): void {
  const subscription = ctx.rows(subscriptions).get(letter.key);
  const pauseMs = passes ? pauseOf(policyOf(ctx, letter).phases, letter.failures) : undefined;
  const again = pauseMs !== undefined && (subscription !== undefined || letter.type === 'UnsubscribeConfirmation');
  const deadLetterArn = letter.type === 'Notification' && subscription ? deadLetterArnOf(subscription) : undefined;
  note(ctx, letter, code, { message, givenUp: !again, ...(!again && deadLetterArn && { deadLetterArn }) });
  if (again) ctx.schedule({ ...work, due: ctx.now + pauseMs, payload: { ...letter, failures: letter.failures + 1 } });
  else if (deadLetterArn) {
    const { body: payload, topicArn: sourceArn, parameters } = letter;
    const principal = 'sns.amazonaws.com';
    ctx.deliver({ targetArn: deadLetterArn, payload, principal, sourceArn, ...(parameters && { parameters }) });
  }
}

function note(
  ctx: Context | WaitingContext,
  { endpoint, topicArn, type, messageId }: Post,
  outcome: string,
  more: object = {},
): void {
  const detail = { sourceArn: topicArn, type, messageId, ...more };
  ctx.note({ kind: 'delivery', subject: endpoint, outcome, detail });
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** Resolves with what went wrong, if anything did. Redirections are not followed. */
function send(
  { endpoint, body }: Post,
  headers: RequestOptions['headers'],
  agents: Agents,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const secure = endpoint.startsWith('https:');
    const options: RequestOptions = { method: 'POST', headers: headers!, signal };
    const request = secure
      ? httpsRequest(endpoint, { ...options, agent: agents.https })
      : httpRequest(endpoint, { ...options, agent: agents.http });
    const end = (failure: Failure | undefined) => {
      timer.cancel();
      resolve(failure);
    };
    const timer = machineTimer.after(TIMEOUT_MS, () => request.destroy(new Error('The address took too long.')));
    request.on('error', (error: NodeJS.ErrnoException) =>
      end({ code: error.code ?? 'EndpointUnreachable', message: error.message, passes: true }),
    );
    request.on('response', (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > LARGEST_ANSWER) response.destroy();
      });
      response.on('close', () => end(failureOf(response)));
    });
    request.end(body);
  });
}

function failureOf({ statusCode = 0 }: IncomingMessage): Failure | undefined {
  if (statusCode >= 200 && statusCode < 300) return undefined;
  const message = `The address answered with ${statusCode}.`;
  return { code: `Http${statusCode}`, message, passes: statusCode >= 500 || statusCode === 429 };
}

/** Connections that are kept. */
const agents = resource<Agents>({
  open: () => ({ http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }),
  close: ({ http, https }) => {
    http.destroy();
    https.destroy();
  },
});

interface Paces {
  /** The next moment at which an address is to get a message, where it gets one every so many milliseconds. */
  next(name: string, now: number, pauseMs: number): number;
}

const paces = resource<Paces>({
  open: () => {
    const taken = new Map<string, number>();
    return {
      next(name, now, pauseMs) {
        if (taken.size > MOST_PACES) taken.clear();
        const due = Math.max(now, taken.get(name) ?? now);
        taken.set(name, due + pauseMs);
        return Math.ceil(due);
      },
    };
  },
  close: () => {},
});
