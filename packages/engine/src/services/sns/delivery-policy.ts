/*
 * Delivery policies: how often and when a message is tried again.
 *
 * Developer Guide, "Amazon SNS message delivery retries" and "Creating an HTTP/S delivery policy". What AWS calls a
 * function of growth (linear, arithmetic, geometric, exponential) it draws and does not define: ours lead from the
 * least pause to the greatest, evenly, ever faster, in even proportions, and by doubling.
 */
import type { RetryPhase, RetryPolicy } from '../../kernel/service.ts';
import { AttributeError, readObject } from './errors.ts';

type Growth = 'linear' | 'arithmetic' | 'geometric' | 'exponential';

export interface HealthyRetryPolicy {
  /** Seconds. */
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numMaxDelayRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly backoffFunction: Growth;
}

/** What holds for an HTTP(S) subscription. */
export interface HttpPolicy {
  readonly phases: readonly RetryPhase[];
  readonly contentType: string;
  /** The most messages a second; undefined for no bound. */
  readonly maxReceivesPerSecond?: number;
}

export const DEFAULT_CONTENT_TYPE = 'text/plain; charset=UTF-8';

const DEFAULT_RETRY: HealthyRetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};
const GROWTHS = new Set<unknown>(['linear', 'arithmetic', 'geometric', 'exponential']);
const CONTENT_TYPES = new Set<unknown>([
  ...['text/plain', 'application/json', 'application/xml', 'application/x-www-form-urlencoded', 'text/css'],
  ...['text/csv', 'text/html', 'text/javascript', 'text/markdown', 'text/xml', 'application/octet-stream'],
  ...['application/soap+xml', 'application/xhtml+xml', 'application/atom+xml'],
]);
const MOST_RETRIES = 100;
const LONGEST_DELAY_SECONDS = 3_600;

/** Of functions, queues and their like: 100,015 tries again within 23 days. */
export const MANAGED_RETRY: RetryPolicy = {
  maximumAttempts: 100_015,
  maximumAgeSeconds: 31 * 86_400,
  phases: [
    { tries: 3, pauseMs: 0 },
    { tries: 2, pauseMs: 1_000 },
    ...pausesOf({ ...DEFAULT_RETRY, minDelayTarget: 1, backoffFunction: 'exponential' }, 10),
    { tries: 100_000, pauseMs: 20_000 },
  ],
};

interface TopicPolicy {
  readonly http?: {
    readonly defaultHealthyRetryPolicy?: Partial<HealthyRetryPolicy>;
    readonly disableSubscriptionOverrides?: boolean;
    readonly defaultThrottlePolicy?: { readonly maxReceivesPerSecond?: number };
    readonly defaultRequestPolicy?: { readonly headerContentType?: string };
  };
}

interface SubscriptionPolicy {
  readonly healthyRetryPolicy?: Partial<HealthyRetryPolicy>;
  readonly throttlePolicy?: { readonly maxReceivesPerSecond?: number };
  readonly requestPolicy?: { readonly headerContentType?: string };
}

/** Throws AttributeError unless a topic may have this policy; an empty text takes it away. */
export function checkTopicPolicy(text: string): void {
  if (text === '') return;
  const { http, ...others } = readObject('DeliveryPolicy', text) as TopicPolicy & Record<string, unknown>;
  refuseOthers(others);
  const {
    defaultHealthyRetryPolicy,
    defaultThrottlePolicy,
    defaultRequestPolicy,
    disableSubscriptionOverrides: _,
    defaultSicklyRetryPolicy: __,
    ...rest
  } = objectOf('http', http);
  refuseOthers(rest);
  checkParts(defaultHealthyRetryPolicy, defaultThrottlePolicy, defaultRequestPolicy);
}

/** Throws AttributeError unless a subscription may have this policy; an empty text takes it away. */
export function checkSubscriptionPolicy(text: string): void {
  if (text === '') return;
  const given = readObject('DeliveryPolicy', text);
  const { healthyRetryPolicy, throttlePolicy, requestPolicy, sicklyRetryPolicy: _, guaranteed: __, ...others } = given;
  refuseOthers(others);
  checkParts(healthyRetryPolicy, throttlePolicy, requestPolicy);
}

function checkParts(retry: unknown, throttle: unknown, request: unknown): void {
  if (retry !== undefined && retry !== null) checkRetry(objectOf('healthyRetryPolicy', retry));
  if (throttle !== undefined && throttle !== null) {
    const { maxReceivesPerSecond: most } = objectOf('throttlePolicy', throttle);
    if (most !== undefined && most !== null && !isCount(most, 1, Number.MAX_SAFE_INTEGER)) {
      throw invalid('maxReceivesPerSecond must be greater than or equal to 1');
    }
  }
  if (request !== undefined && request !== null) {
    const { headerContentType: type } = objectOf('requestPolicy', request);
    if (type === undefined || type === null) return;
    if (!CONTENT_TYPES.has(String(type).split(';')[0]!.trim().toLowerCase()) || /[\r\n]/.test(String(type))) {
      throw invalid(`requestPolicy.headerContentType: Content-Type ${type} is not supported`);
    }
  }
}

function checkRetry(given: Record<string, unknown>): void {
  const { backoffFunction, ...numbers } = { ...DEFAULT_RETRY, ...given };
  const { minDelayTarget, maxDelayTarget, numRetries, numMaxDelayRetries, numMinDelayRetries, numNoDelayRetries } =
    numbers;
  const { numRetries: _, ...rest } = numbers;
  const unknown = Object.keys(rest).find((name) => !(name in DEFAULT_RETRY));
  if (unknown) throw invalid(`Unexpected JSON member: ${unknown}`);
  for (const [name, value] of Object.entries(numbers)) {
    if (!isCount(value, 0, name.endsWith('Target') ? LONGEST_DELAY_SECONDS : MOST_RETRIES)) {
      const most = name.endsWith('Target') ? LONGEST_DELAY_SECONDS : MOST_RETRIES;
      throw invalid(`healthyRetryPolicy.${name} must be between 0 and ${most}`);
    }
  }
  if (!GROWTHS.has(backoffFunction)) throw invalid(`healthyRetryPolicy.backoffFunction: ${backoffFunction}`);
  if (minDelayTarget < 1) throw invalid('healthyRetryPolicy.minDelayTarget must be greater than or equal to 1');
  if (minDelayTarget > maxDelayTarget) {
    throw invalid('healthyRetryPolicy.minDelayTarget must be less than or equal to maxDelayTarget');
  }
  if (numNoDelayRetries + numMinDelayRetries + numMaxDelayRetries > numRetries) {
    throw invalid(
      'healthyRetryPolicy.numRetries must be greater than or equal to the sum of numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries',
    );
  }
  const seconds = phasesOf({ ...DEFAULT_RETRY, ...given }).reduce(
    (sum, { tries, pauseMs }) => sum + tries * pauseMs,
    0,
  );
  if (seconds > LONGEST_DELAY_SECONDS * 1_000) {
    throw invalid(`The total retry time must not be greater than ${LONGEST_DELAY_SECONDS} seconds`);
  }
}

function isCount(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function objectOf(name: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(`${name} must be a JSON object`);
}

function refuseOthers(others: Record<string, unknown>): void {
  const [name] = Object.keys(others);
  if (name !== undefined) throw invalid(`Unexpected JSON member: ${name}`);
}

function invalid(reason: string): AttributeError {
  return new AttributeError(`DeliveryPolicy: ${reason}`);
}

/** What AWS tells of a topic as its EffectiveDeliveryPolicy. */
export function effectiveTopicPolicy(text: string | undefined): string {
  const { http = {} }: TopicPolicy = text ? JSON.parse(text) : {};
  const { defaultHealthyRetryPolicy, disableSubscriptionOverrides, defaultThrottlePolicy, defaultRequestPolicy } = http;
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy: { ...DEFAULT_RETRY, ...defaultHealthyRetryPolicy },
      disableSubscriptionOverrides: disableSubscriptionOverrides ?? false,
      ...(defaultThrottlePolicy && { defaultThrottlePolicy }),
      defaultRequestPolicy: { headerContentType: DEFAULT_CONTENT_TYPE, ...defaultRequestPolicy },
    },
  });
}

/** What AWS tells of an HTTP(S) subscription as its EffectiveDeliveryPolicy. */
export function effectiveSubscriptionPolicy(topic: string | undefined, own: string | undefined): string {
  const { retry, throttle, request } = effective(topic, own);
  return JSON.stringify({
    healthyRetryPolicy: retry,
    sicklyRetryPolicy: null,
    throttlePolicy: throttle ?? null,
    requestPolicy: request,
    guaranteed: false,
  });
}

/** What holds for an HTTP(S) subscription: its own policy, else its topic's. */
export function httpPolicy(topic: string | undefined, own: string | undefined): HttpPolicy {
  const { retry, throttle, request } = effective(topic, own);
  const most = throttle?.maxReceivesPerSecond;
  return {
    phases: phasesOf(retry),
    contentType: request.headerContentType,
    ...(most && { maxReceivesPerSecond: most }),
  };
}

function effective(topic: string | undefined, own: string | undefined) {
  const { http = {} }: TopicPolicy = topic ? JSON.parse(topic) : {};
  const given: SubscriptionPolicy = own && !http.disableSubscriptionOverrides ? JSON.parse(own) : {};
  const { healthyRetryPolicy = http.defaultHealthyRetryPolicy, throttlePolicy = http.defaultThrottlePolicy } = given;
  return {
    retry: { ...DEFAULT_RETRY, ...healthyRetryPolicy },
    throttle: throttlePolicy ?? undefined,
    request: { headerContentType: DEFAULT_CONTENT_TYPE, ...http.defaultRequestPolicy, ...given.requestPolicy },
  };
}

function phasesOf(policy: HealthyRetryPolicy): RetryPhase[] {
  const { numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries, numRetries } = policy;
  const backoff = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  return [
    { tries: numNoDelayRetries, pauseMs: 0 },
    { tries: numMinDelayRetries, pauseMs: policy.minDelayTarget * 1_000 },
    ...pausesOf(policy, backoff),
    { tries: numMaxDelayRetries, pauseMs: policy.maxDelayTarget * 1_000 },
  ].filter(({ tries }) => tries > 0);
}

/** The backoff phase: from the least pause to the greatest. */
function pausesOf(policy: HealthyRetryPolicy, tries: number): RetryPhase[] {
  return Array.from({ length: tries }, (_, index) => ({ tries: 1, pauseMs: growing(policy, index, tries) }));
}

function growing(policy: HealthyRetryPolicy, index: number, tries: number): number {
  const { minDelayTarget: least, maxDelayTarget: most, backoffFunction } = policy;
  const share = tries === 1 ? 0 : index / (tries - 1);
  const seconds: Record<Growth, number> = {
    linear: least + (most - least) * share,
    arithmetic: least + (most - least) * ((share * (index + 1)) / tries),
    geometric: least * (most / least) ** share,
    exponential: Math.min(least * 2 ** index, most),
  };
  return Math.round(seconds[backoffFunction] * 1_000);
}
