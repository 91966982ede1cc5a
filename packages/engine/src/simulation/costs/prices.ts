/*
 * AWS's public prices: every figure that a bill is made of, each with its page and the month in which that page, or
 * one that quotes it, was read. US East (N. Virginia), US dollars, without taxes.
 */

/** So much of a month's usage at one price. */
export interface Tier {
  /** Up to how many units of a month, counted from the first; the last tier has no end. */
  readonly upTo?: number;
  readonly usd: number;
}

export interface Price {
  /** The service as a bill calls it. */
  readonly service: string;
  readonly unit: string;
  /** How much of what is metered makes one unit. */
  readonly metered: number;
  readonly tiers: readonly Tier[];
  /** Which monthly allowance of the free tier it draws on. */
  readonly allowance?: keyof typeof allowances;
  readonly source: string;
  readonly read: string;
}

export const REGION = 'us-east-1';

/** The free tier that does not end: units a month. */
export const allowances = {
  'lambda requests': 1_000_000,
  'lambda compute': 400_000,
  'logs ingestion': 5,
  'logs storage': 5,
  'scheduler invocations': 14_000_000,
} as const;

const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const EVENTBRIDGE = 'https://aws.amazon.com/eventbridge/pricing/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';

const MILLION = 1_000_000;
const BILLION = 1_000 * MILLION;
/** AWS counts a GB as 2^30 bytes, and a TB as 1,024 of them. */
const GB = 2 ** 30;
/** Of memory in MB, and time in milliseconds. */
const GB_SECOND = 1_024 * 1_000;
/** "Storage compression factor" of the AWS Pricing Calculator: logs are stored compressed, and billed so. */
const LOG_COMPRESSION = 0.15;
/** The AWS Pricing Calculator's month, in hours. */
const MONTH_HOURS = 730;

export const prices = {
  'lambda.requests': {
    service: 'Lambda',
    unit: 'requests',
    metered: 1,
    tiers: [{ usd: 0.2 / MILLION }],
    allowance: 'lambda requests',
    source: LAMBDA,
    read: '2026-09',
  },
  // Tiers: "Introducing tiered pricing for AWS Lambda", AWS Compute Blog.
  'lambda.compute.x86_64': {
    service: 'Lambda',
    unit: 'GB-s',
    metered: GB_SECOND,
    tiers: [{ upTo: 6 * BILLION, usd: 0.0000166667 }, { upTo: 15 * BILLION, usd: 0.000015 }, { usd: 0.0000133334 }],
    allowance: 'lambda compute',
    source: LAMBDA,
    read: '2026-09',
  },
  'lambda.compute.arm64': {
    service: 'Lambda',
    unit: 'GB-s (Arm)',
    metered: GB_SECOND,
    tiers: [
      { upTo: 7.5 * BILLION, usd: 0.0000133334 },
      { upTo: 18.75 * BILLION, usd: 0.0000120001 },
      { usd: 0.0000106667 },
    ],
    allowance: 'lambda compute',
    source: LAMBDA,
    read: '2026-09',
  },
  // A schedule's events are AWS's own: "AWS management events are ingested by the event bus for free".
  'eventbridge.scheduled': {
    service: 'EventBridge',
    unit: 'scheduled events',
    metered: 1,
    tiers: [{ usd: 0 }],
    source: EVENTBRIDGE,
    read: '2026-06',
  },
  'scheduler.invocations': {
    service: 'EventBridge Scheduler',
    unit: 'invocations',
    metered: 1,
    tiers: [{ usd: 1 / MILLION }],
    allowance: 'scheduler invocations',
    source: EVENTBRIDGE,
    read: '2026-03',
  },
  // Lambda's logs have tiers since May 2025: AWS Compute Blog, "AWS Lambda introduces tiered pricing for Amazon
  // CloudWatch logs and additional logging destinations".
  'logs.ingestion': {
    service: 'CloudWatch Logs',
    unit: 'GB ingested',
    metered: GB,
    tiers: [
      { upTo: 10 * 1_024, usd: 0.5 },
      { upTo: 30 * 1_024, usd: 0.25 },
      { upTo: 50 * 1_024, usd: 0.1 },
      { usd: 0.05 },
    ],
    allowance: 'logs ingestion',
    source: CLOUDWATCH,
    read: '2026-06',
  },
  'logs.storage': {
    service: 'CloudWatch Logs',
    unit: 'GB-months stored',
    metered: (GB * MONTH_HOURS) / LOG_COMPRESSION,
    tiers: [{ usd: 0.03 }],
    allowance: 'logs storage',
    source: CLOUDWATCH,
    read: '2026-06',
  },
} as const satisfies Readonly<Record<string, Price>>;

/** What a bill can have lines of. */
export type Item = keyof typeof prices;
