/*
 * Matching events of about 1 KB with the rules of a bus, beside JSON.parse of the same events in the same run.
 */

import { createMatcher, parsePattern } from '../../packages/engine/src/languages/event-pattern/index.ts';
import type { Bench, Figure } from './figure.ts';

/** What was measured of one kind of pattern. */
export interface EventPatternFigure {
  readonly kind: string;
  readonly rules: number;
  readonly eventsPerSecond: number;
  /** How many times as fast as JSON.parse of the same events. */
  readonly overParse: number;
  /** Matches per event, so that a figure cannot be had by matching nothing. */
  readonly matches: number;
}

interface Kind {
  readonly kind: string;
  /** The pattern of one of many rules. */
  readonly pattern: (rule: number) => unknown;
  readonly events: readonly string[];
}

const RULE_COUNTS = [5, 1000];
const EVENT_COUNT = 500;
const WARM_UP_RUNS = 50;
const ROUNDS = 200;

/** Measures each kind of pattern with each number of rules. */
export function measureEventPatterns(): EventPatternFigure[] {
  return KINDS.flatMap((kind) => {
    const events = kind.events.map((event) => Buffer.from(event));
    const texts = kind.events;
    const matchers = RULE_COUNTS.map((rules) => {
      const matcher = createMatcher<number>();
      for (let rule = 0; rule < rules; rule++) matcher.add(rule, parsePattern(JSON.stringify(kind.pattern(rule))));
      return matcher;
    });
    const tasks = [
      () => texts.reduce((sum, text) => sum + (JSON.parse(text) ? 1 : 0), 0),
      ...matchers.map((matcher) => () => events.reduce((sum, event) => sum + matcher.match(event).length, 0)),
    ];
    const [parse, ...match] = fastest(tasks).map((runsPerSecond) => runsPerSecond * events.length);
    return matchers.map((matcher, index) => ({
      kind: kind.kind,
      rules: matcher.size,
      eventsPerSecond: match[index]!,
      overParse: match[index]! / parse!,
      matches: tasks[index + 1]!() / events.length,
    }));
  });
}

/** Runs per second of each task: the best of many short rounds, so that what else runs on the machine counts little. */
function fastest(tasks: readonly (() => number)[]): number[] {
  for (const task of tasks) for (let run = 0; run < WARM_UP_RUNS; run++) task();
  const best = tasks.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, task] of tasks.entries()) {
      const start = performance.now();
      task();
      best[index] = Math.min(best[index]!, performance.now() - start);
    }
  }
  return best.map((ms) => 1000 / ms);
}

/** Events of which each matches one of the first few rules, whatever the number of rules. */
function eventsOf(make: (rule: number, index: number) => unknown): string[] {
  return Array.from({ length: EVENT_COUNT }, (_, index) => JSON.stringify(make(index % RULE_COUNTS[0]!, index)));
}

function envelope(index: number, source: string, detailType: string, detail: unknown) {
  return {
    version: '0',
    id: `3e3c153a-8339-4e30-8c35-${String(index).padStart(12, '0')}`,
    'detail-type': detailType,
    source,
    account: '123456789012',
    time: '2026-11-21T10:00:00Z',
    region: 'us-east-1',
    resources: [],
    detail,
  };
}

/** A lot of a city, like the events that event-ruler is measured with: short values, and the points of its outline. */
const LOTS = eventsOf((rule, index) =>
  envelope(index, 'city.lots', `Lot ${rule} recorded`, {
    type: 'Feature',
    properties: {
      MAPBLKLOT: `${1000 + rule}${index}`,
      BLKLOT: `${1000 + rule}${index}`,
      BLOCK_NUM: `${1000 + rule}`,
      LOT_NUM: `${index}`,
      FROM_ST: `${index % 100}`,
      TO_ST: '0',
      STREET: `STREET ${index}`,
      ST_TYPE: 'ST',
      ODD_EVEN: index % 2 ? 'O' : 'E',
      area: rule * 3 + 0.5,
    },
    geometry: {
      type: 'Polygon',
      coordinates: Array.from({ length: 9 }, (_, point) => ({
        x: -122.4 - (rule * 10 + point) / 1e5,
        y: 37.8 + (rule * 10 + point) / 1e5,
        z: 0,
      })),
    },
  }),
);

/** A call recorded by CloudTrail: mostly longer texts. */
const CALLS = eventsOf((rule, index) =>
  envelope(index, 'aws.s3', 'AWS API Call via CloudTrail', {
    eventVersion: '1.08',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROAEXAMPLEEXAMPLE:session-${index}`,
      arn: `arn:aws:sts::123456789012:assumed-role/Admin/session-${index}`,
      accountId: '123456789012',
    },
    eventTime: '2026-11-21T10:00:00Z',
    eventSource: 's3.amazonaws.com',
    eventName: 'PutObject',
    awsRegion: 'us-east-1',
    sourceIPAddress: `203.0.113.${index % 250}`,
    userAgent: '[aws-cli/2.31.0 Python/3.13.7 Linux/6.8.0 exe/x86_64.ubuntu.24 prompt/off command/s3api.put-object]',
    requestParameters: { bucketName: `bucket-${rule}`, key: `uploads/${rule}/2026/11/21/object-${index}.json` },
    responseElements: null,
    additionalEventData: {
      SignatureVersion: 'SigV4',
      CipherSuite: 'TLS_AES_128_GCM_SHA256',
      bytesTransferredIn: index,
    },
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: false,
    recipientAccountId: '123456789012',
    eventCategory: 'Data',
  }),
);

const KINDS: readonly Kind[] = [
  {
    kind: 'exact, lots',
    pattern: (rule) => ({ source: ['city.lots'], detail: { properties: { BLOCK_NUM: [`${1000 + rule}`] } } }),
    events: LOTS,
  },
  {
    kind: 'exact, calls',
    pattern: (rule) => ({
      source: ['aws.s3'],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: { eventName: ['PutObject'], requestParameters: { bucketName: [`bucket-${rule}`] } },
    }),
    events: CALLS,
  },
  {
    kind: 'prefix, lots',
    pattern: (rule) => ({
      source: ['city.lots'],
      detail: { properties: { MAPBLKLOT: [{ prefix: `${1000 + rule}` }] } },
    }),
    events: LOTS,
  },
  {
    kind: 'prefix, calls',
    pattern: (rule) => ({
      source: ['aws.s3'],
      detail: { requestParameters: { key: [{ prefix: `uploads/${rule}/` }] } },
    }),
    events: CALLS,
  },
  {
    kind: 'numeric, lots',
    pattern: (rule) => ({ detail: { properties: { area: [{ numeric: ['>=', rule * 3, '<', rule * 3 + 2] }] } } }),
    events: LOTS,
  },
  {
    kind: 'complex arrays, lots',
    pattern: (rule) => ({
      detail: {
        geometry: {
          type: ['Polygon'],
          coordinates: {
            x: [-122.4 - (rule * 10 + 3) / 1e5],
            y: [{ numeric: ['>=', 37.8 + rule / 1e4, '<', 37.8001 + rule / 1e4] }],
            z: [0],
          },
        },
      },
    }),
    events: LOTS,
  },
  {
    kind: 'wildcard, anything-but, exists, lots',
    pattern: (rule) => ({
      'detail-type': [{ wildcard: `Lot ${rule} *` }],
      detail: { properties: { ST_TYPE: [{ 'anything-but': 'AVE' }], TO_ST: [{ exists: true }] } },
    }),
    events: LOTS,
  },
];

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const measured = measureEventPatterns();
    return measured.map(({ kind, rules, eventsPerSecond, overParse, matches }) => ({
      figure: `events matched, ${kind}, ${rules} rules (${matches.toFixed(2)} matches each)`,
      unit: '/s',
      ours: eventsPerSecond,
      baseline: eventsPerSecond / overParse,
      against: 'JSON.parse of the same',
      ...(kind.startsWith('exact') && { aim: { ratio: 3 } }),
    }));
  },
};
