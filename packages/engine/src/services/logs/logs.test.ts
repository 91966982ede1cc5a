/* The service through the engine's own door. Words and bounds are those of AWS's API reference (API_*.html). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AwsError, createEngine, type Engine } from '../../engine.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const GROUP = '/aws/lambda/ring';
const STREAM = '2026/01/01/[$LATEST]0123';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
});
afterEach(() => engine.close());

/** The code and words that a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: AwsError) => reason,
  );
  return error ? `${error.code}: ${error.message}` : 'not refused';
}

async function createGroup(logGroupName = GROUP) {
  await engine.call('logs', 'CreateLogGroup', { logGroupName });
}

async function createStream(logStreamName = STREAM, logGroupName = GROUP) {
  await engine.call('logs', 'CreateLogStream', { logGroupName, logStreamName });
}

function put(messages: [timestamp: number, message: string][], logStreamName = STREAM) {
  const logEvents = messages.map(([timestamp, message]) => ({ timestamp, message }));
  return engine.call('logs', 'PutLogEvents', { logGroupName: GROUP, logStreamName, logEvents });
}

async function putNow(...messages: string[]) {
  await put(messages.map((message) => [engine.clock.now(), message]));
}

type GetInput = Partial<Parameters<typeof engine.call<'logs', 'GetLogEvents'>>[2]>;
function get(input: GetInput = {}) {
  return engine.call('logs', 'GetLogEvents', { logGroupName: GROUP, logStreamName: STREAM, ...input });
}

type FilterInput = Partial<Parameters<typeof engine.call<'logs', 'FilterLogEvents'>>[2]>;
function filter(input: FilterInput = {}) {
  return engine.call('logs', 'FilterLogEvents', { logGroupName: GROUP, ...input });
}

async function filteredMessages(input: FilterInput = {}): Promise<(string | undefined)[]> {
  return (await filter(input)).events!.map(({ message }) => message);
}

describe('log groups', () => {
  it('are created, described and deleted', async () => {
    await createGroup();
    const { logGroups } = await engine.call('logs', 'DescribeLogGroups', {});
    expect(logGroups).toEqual([
      {
        logGroupName: GROUP,
        creationTime: START,
        arn: `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}:*`,
        logGroupArn: `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}`,
        metricFilterCount: 0,
        storedBytes: 0,
        logGroupClass: 'STANDARD',
        deletionProtectionEnabled: false,
      },
    ]);
    await engine.call('logs', 'DeleteLogGroup', { logGroupName: GROUP });
    expect((await engine.call('logs', 'DescribeLogGroups', {})).logGroups).toEqual([]);
  });

  it('answer with the words of AWS', async () => {
    await createGroup();
    expect(await refusal(createGroup())).toBe('ResourceAlreadyExistsException: The specified log group already exists');
    expect(await refusal(createGroup('aws/ring'))).toBe(
      'InvalidParameterException: Log groups starting with AWS/ are reserved for AWS.',
    );
    expect(await refusal(engine.call('logs', 'DeleteLogGroup', { logGroupName: 'other' }))).toBe(
      'ResourceNotFoundException: The specified log group does not exist.',
    );
    expect(await refusal(filter({ logGroupIdentifier: GROUP }))).toMatch(/^InvalidParameterException: .*exclusive/);
  });

  it('are found by prefix, substring, class and identifier, page by page', async () => {
    const names = ['a', 'a/b', 'b/a', 'c'];
    for (const name of [...names].reverse()) await createGroup(name);
    await engine.call('logs', 'CreateLogGroup', { logGroupName: 'rare', logGroupClass: 'INFREQUENT_ACCESS' });
    const list = async (input: Parameters<typeof engine.call<'logs', 'DescribeLogGroups'>>[2]) =>
      (await engine.call('logs', 'DescribeLogGroups', input)).logGroups!.map((group) => group.logGroupName);
    expect(await list({ logGroupNamePrefix: 'a' })).toEqual(['a', 'a/b']);
    expect(await list({ logGroupNamePattern: 'a' })).toEqual(['a', 'a/b', 'b/a', 'rare']);
    expect(await list({ logGroupNamePattern: 'A' })).toEqual([]);
    expect(await list({ logGroupClass: 'INFREQUENT_ACCESS' })).toEqual(['rare']);
    const arn = 'arn:aws:logs:us-east-1:000000000000:log-group:a/b';
    expect(await list({ logGroupIdentifiers: ['c', arn], includeLinkedAccounts: true })).toEqual(['a/b', 'c']);
    const first = await engine.call('logs', 'DescribeLogGroups', { limit: 3 });
    expect(first.logGroups!.map((group) => group.logGroupName)).toEqual(['a', 'a/b', 'b/a']);
    const second = await engine.call('logs', 'DescribeLogGroups', { limit: 3, nextToken: first.nextToken });
    expect(second.logGroups!.map((group) => group.logGroupName)).toEqual(['c', 'rare']);
    expect(second.nextToken).toBeUndefined();
    expect(await refusal(list({ nextToken: 'nonsense' }))).toBe(
      'InvalidParameterException: The specified nextToken is invalid.',
    );
    expect(await refusal(list({ logGroupNamePrefix: 'a', logGroupNamePattern: 'a' }))).toMatch(/exclusive/);
  });

  it('tell but name, ARN and creation time when found by a pattern', async () => {
    await createGroup();
    const { logGroups } = await engine.call('logs', 'DescribeLogGroups', { logGroupNamePattern: 'ring' });
    expect(Object.keys(logGroups![0]!).sort()).toEqual(['arn', 'creationTime', 'logGroupName']);
  });

  it('belong to their account and region', async () => {
    await createGroup();
    const elsewhere = await engine.call('logs', 'DescribeLogGroups', {}, { region: 'eu-west-1' });
    expect(elsewhere.logGroups).toEqual([]);
  });

  it('cannot be deleted while they are protected', async () => {
    await engine.call('logs', 'CreateLogGroup', { logGroupName: GROUP, deletionProtectionEnabled: true });
    const drop = () => engine.call('logs', 'DeleteLogGroup', { logGroupName: GROUP });
    expect(await refusal(drop())).toMatch(/^ValidationException: /);
    const input = { logGroupIdentifier: GROUP, deletionProtectionEnabled: false };
    await engine.call('logs', 'PutLogGroupDeletionProtection', input);
    expect(await refusal(drop())).toBe('not refused');
  });

  it('take their streams and events with them', async () => {
    await createGroup();
    await createStream();
    await putNow('gone');
    await engine.call('logs', 'DeleteLogGroup', { logGroupName: GROUP });
    await createGroup();
    expect(await refusal(get())).toBe('ResourceNotFoundException: The specified log stream does not exist.');
    await createStream();
    expect((await get({ startFromHead: true })).events).toEqual([]);
    expect(await filteredMessages()).toEqual([]);
  });
});

describe('tags of log groups', () => {
  const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}`;
  beforeEach(() => engine.call('logs', 'CreateLogGroup', { logGroupName: GROUP, tags: { a: '1' } }));

  it('are the same by name and by ARN', async () => {
    await engine.call('logs', 'TagLogGroup', { logGroupName: GROUP, tags: { b: '2' } });
    await engine.call('logs', 'TagResource', { resourceArn, tags: { c: '3', a: '4' } });
    expect((await engine.call('logs', 'ListTagsLogGroup', { logGroupName: GROUP })).tags).toEqual({
      a: '4',
      b: '2',
      c: '3',
    });
    await engine.call('logs', 'UntagLogGroup', { logGroupName: GROUP, tags: ['a', 'none'] });
    await engine.call('logs', 'UntagResource', { resourceArn, tagKeys: ['b'] });
    expect((await engine.call('logs', 'ListTagsForResource', { resourceArn })).tags).toEqual({ c: '3' });
  });

  it('are no more than fifty, and on existing groups only', async () => {
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, '']));
    expect(await refusal(engine.call('logs', 'TagResource', { resourceArn, tags }))).toMatch(/^TooManyTagsException/);
    expect(await refusal(engine.call('logs', 'TagLogGroup', { logGroupName: GROUP, tags }))).toMatch(
      /^InvalidParameterException/,
    );
    const list = (arn: string) => refusal(engine.call('logs', 'ListTagsForResource', { resourceArn: arn }));
    expect(await list(`${resourceArn}s`)).toBe('ResourceNotFoundException: The specified resource does not exist.');
    expect(await list(`${resourceArn}:*`)).toMatch(/^InvalidParameterException: 1 validation error detected/);
    expect(await list('arn:aws:sqs:us-east-1:000000000000:q')).toBe('ValidationException: Invalid resourceArn');
  });
});

describe('log streams', () => {
  beforeEach(() => createGroup());

  it('tell of their events', async () => {
    await createStream();
    const list = async () =>
      (await engine.call('logs', 'DescribeLogStreams', { logGroupIdentifier: GROUP })).logStreams!;
    const arn = `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}:log-stream:${STREAM}`;
    const empty = { logStreamName: STREAM, creationTime: START, arn, storedBytes: 0 };
    expect(await list()).toEqual([empty]);
    await engine.clock.advance('1 minute');
    await put([
      [START + 5, 'first'],
      [START + 10, 'second'],
    ]);
    await put([[START + 1, 'before']]);
    expect(await list()).toEqual([
      {
        ...empty,
        firstEventTimestamp: START + 1,
        lastEventTimestamp: START + 10,
        lastIngestionTime: START + 60_000,
        uploadSequenceToken: expect.stringMatching(/^49\d{54}$/),
      },
    ]);
    const { logGroups } = await engine.call('logs', 'DescribeLogGroups', {});
    expect(logGroups![0]!.storedBytes).toBe('firstsecondbefore'.length + 3 * 26);
  });

  it('are listed by name or by last event, both ways, page by page', async () => {
    for (const [index, name] of ['d', 'a', 'c', 'b', 'ab'].entries()) {
      await createStream(name);
      if (name !== 'ab') await put([[START + index, name]], name);
    }
    type Input = Parameters<typeof engine.call<'logs', 'DescribeLogStreams'>>[2];
    const list = async (input: Input) => {
      const names: string[] = [];
      let nextToken: string | undefined;
      do {
        const page = await engine.call('logs', 'DescribeLogStreams', {
          logGroupName: GROUP,
          limit: 2,
          ...input,
          ...(nextToken && { nextToken }),
        });
        expect(page.logStreams!.length).toBeLessThanOrEqual(2);
        names.push(...page.logStreams!.map((stream) => stream.logStreamName!));
        nextToken = page.nextToken;
      } while (nextToken);
      return names;
    };
    expect(await list({})).toEqual(['a', 'ab', 'b', 'c', 'd']);
    expect(await list({ descending: true })).toEqual(['d', 'c', 'b', 'ab', 'a']);
    expect(await list({ logStreamNamePrefix: 'a' })).toEqual(['a', 'ab']);
    expect(await list({ orderBy: 'LastEventTime' })).toEqual(['ab', 'd', 'a', 'c', 'b']);
    expect(await list({ orderBy: 'LastEventTime', descending: true })).toEqual(['b', 'c', 'a', 'd', 'ab']);
    expect(await refusal(list({ orderBy: 'LastEventTime', logStreamNamePrefix: 'a' }))).toBe(
      'InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix.',
    );
    expect(await refusal(list({ nextToken: 'nonsense' } as Input))).toBe(
      'InvalidParameterException: The specified nextToken is invalid.',
    );
  });

  it('answer with the words of AWS', async () => {
    await createStream();
    expect(await refusal(createStream())).toBe(
      'ResourceAlreadyExistsException: The specified log stream already exists',
    );
    expect(await refusal(createStream('s', 'none'))).toBe(
      'ResourceNotFoundException: The specified log group does not exist.',
    );
    const drop = (logStreamName: string) =>
      engine.call('logs', 'DeleteLogStream', { logGroupName: GROUP, logStreamName });
    expect(await refusal(drop('none'))).toBe('ResourceNotFoundException: The specified log stream does not exist.');
    expect(await refusal(put([[START, 'x']], 'none'))).toBe(
      'ResourceNotFoundException: The specified log stream does not exist.',
    );
  });

  it('are empty when created anew', async () => {
    await createStream();
    await putNow('gone');
    await engine.call('logs', 'DeleteLogStream', { logGroupName: GROUP, logStreamName: STREAM });
    await createStream();
    await putNow('new');
    expect(await filteredMessages()).toEqual(['new']);
  });
});

describe('PutLogEvents', () => {
  beforeEach(async () => {
    await createGroup();
    await createStream();
  });

  it('answers with a sequence token, which it does not ask for', async () => {
    const answer = await put([[START, 'x']]);
    expect(answer).toEqual({ nextSequenceToken: expect.stringMatching(/^49\d{54}$/) });
    const logEvents = [{ timestamp: START, message: 'y' }];
    const input = { logGroupName: GROUP, logStreamName: STREAM, logEvents, sequenceToken: 'nonsense' };
    await engine.call('logs', 'PutLogEvents', input);
    expect(await filteredMessages()).toEqual(['x', 'y']);
  });

  it('wants a batch in order, within 24 hours, and not too large', async () => {
    const latest: [number, string] = [START, 'x'];
    expect(await refusal(put([latest, [START - 1, 'y']]))).toBe(
      'InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order.',
    );
    expect(await refusal(put([[START - DAY - 1, 'y'], latest]))).toBe(
      'InvalidParameterException: The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
    expect(await refusal(put([[START - DAY, 'y'], latest]))).toBe('not refused');
    const limit = 1_048_576;
    expect(await refusal(put([[START, 'é'.repeat((limit - 26) / 2 + 1)]]))).toBe(
      `InvalidParameterException: Log event too large: ${limit + 2} bytes exceeds limit of ${limit}`,
    );
    const half = 'x'.repeat(limit / 2 - 26);
    expect(
      await refusal(
        put([
          [START, half],
          [START, `${half}x`],
        ]),
      ),
    ).toBe(`InvalidParameterException: Upload too large: ${limit + 1} bytes exceeds limit of ${limit}`);
    expect(
      await refusal(
        put([
          [START, half],
          [START, half],
        ]),
      ),
    ).toBe('not refused');
  });

  it('rejects what is too old, expired or too new, and takes the rest', async () => {
    await engine.call('logs', 'PutRetentionPolicy', { logGroupName: GROUP, retentionInDays: 7 });
    const answer = await put([
      [START - 14 * DAY - 1, 'too old'],
      [START - 14 * DAY, 'expired'],
      [START - 7 * DAY - 1, 'expired'],
      [START, 'kept'],
      [START + 2 * HOUR, 'kept'],
      [START + 2 * HOUR + 1, 'too new'],
    ]);
    expect(answer.rejectedLogEventsInfo).toEqual({
      tooOldLogEventEndIndex: 1,
      expiredLogEventEndIndex: 3,
      tooNewLogEventStartIndex: 5,
    });
    expect(await filteredMessages()).toEqual(['kept', 'kept']);
    const rejected = await put([[START - 20 * DAY, 'too old']]);
    expect(rejected.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 1 });
  });
});

describe('GetLogEvents', () => {
  beforeEach(async () => {
    await createGroup();
    await createStream();
  });

  const messagesOf = (page: Awaited<ReturnType<typeof get>>) => page.events!.map(({ message }) => message);

  it('gives an event its times', async () => {
    await put([[START - 5, 'one']]);
    expect((await get()).events).toEqual([{ timestamp: START - 5, message: 'one', ingestionTime: START }]);
  });

  it('pages forward, stays at the end, and goes on from there', async () => {
    await put([1, 2, 3, 4, 5].map((number) => [START + number, String(number)]));
    const first = await get({ startFromHead: true, limit: 3 });
    expect(messagesOf(first)).toEqual(['1', '2', '3']);
    const second = await get({ startFromHead: true, limit: 3, nextToken: first.nextForwardToken });
    expect(messagesOf(second)).toEqual(['4', '5']);
    const third = await get({ startFromHead: true, nextToken: second.nextForwardToken });
    expect(messagesOf(third)).toEqual([]);
    expect(third.nextForwardToken).toBe(second.nextForwardToken);
    await put([[START + 6, '6']]);
    expect(messagesOf(await get({ startFromHead: true, nextToken: third.nextForwardToken }))).toEqual(['6']);
    expect(messagesOf(await get({ limit: 2, nextToken: third.nextBackwardToken }))).toEqual(['4', '5']);
  });

  it('pages backward from the end, in chronological order, and stays at the start', async () => {
    await put([1, 2, 3, 4, 5].map((number) => [START + number, String(number)]));
    const last = await get({ limit: 3 });
    expect(messagesOf(last)).toEqual(['3', '4', '5']);
    const first = await get({ limit: 3, nextToken: last.nextBackwardToken });
    expect(messagesOf(first)).toEqual(['1', '2']);
    const start = await get({ nextToken: first.nextBackwardToken });
    expect(messagesOf(start)).toEqual([]);
    expect(start.nextBackwardToken).toBe(first.nextBackwardToken);
    expect(messagesOf(await get({ limit: 1, nextToken: start.nextForwardToken }))).toEqual(['1']);
  });

  it('takes startTime as included and endTime as excluded', async () => {
    await put([1, 2, 3, 4].map((number) => [START + number, String(number)]));
    expect(messagesOf(await get({ startTime: START + 2, endTime: START + 4 }))).toEqual(['2', '3']);
    expect(messagesOf(await get({ startTime: START + 9 }))).toEqual([]);
  });

  it('has tokens for an empty stream, from which the first events are read', async () => {
    const empty = await get({ startFromHead: true });
    expect(empty.nextForwardToken).toMatch(/^f\/\d{56}\/s$/);
    expect(empty.nextBackwardToken).toMatch(/^b\/\d{56}\/s$/);
    await putNow('first');
    expect(messagesOf(await get({ startFromHead: true, nextToken: empty.nextForwardToken }))).toEqual(['first']);
  });

  it('answers with at most a megabyte, and at least one event', async () => {
    const large = 'x'.repeat(500_000);
    await put([
      [START, large],
      [START, large],
    ]);
    await put([[START, large]]);
    const page = await get({ startFromHead: true });
    expect(page.events).toHaveLength(2);
    expect((await get({ startFromHead: true, nextToken: page.nextForwardToken })).events).toHaveLength(1);
    await put([[START + 1, 'x'.repeat(1_048_550)]]);
    expect((await get()).events).toHaveLength(1);
  });

  it('refuses tokens that are none', async () => {
    for (const nextToken of ['x', 'f/1/s', `f/${'9'.repeat(56)}/s`, `x/${'0'.repeat(56)}/s`]) {
      expect(await refusal(get({ nextToken }))).toBe('InvalidParameterException: The specified nextToken is invalid.');
    }
  });
});

describe('FilterLogEvents', () => {
  beforeEach(() => createGroup());

  it('merges streams by time', async () => {
    for (const name of ['b', 'a', 'other']) await createStream(name);
    await put(
      [
        [START + 1, 'b1'],
        [START + 4, 'b4'],
      ],
      'b',
    );
    await put(
      [
        [START + 2, 'a2'],
        [START + 4, 'a4'],
      ],
      'a',
    );
    await put([[START + 3, 'o3']], 'other');
    expect(await filteredMessages()).toEqual(['b1', 'a2', 'o3', 'b4', 'a4']);
    expect(await filteredMessages({ logStreamNames: ['a', 'b', 'a'] })).toEqual(['b1', 'a2', 'b4', 'a4']);
    expect(await filteredMessages({ logStreamNamePrefix: 'o' })).toEqual(['o3']);
    expect(await filteredMessages({ startTime: START + 2, endTime: START + 3 })).toEqual(['a2', 'o3']);
    expect(await refusal(filter({ logStreamNames: ['a'], logStreamNamePrefix: 'a' }))).toMatch(/exclusive/);
    expect(await refusal(filter({ logStreamNames: ['none'] }))).toBe(
      'ResourceNotFoundException: The specified log stream does not exist.',
    );
  });

  it('gives an event its stream and an id, and the group by ARN too', async () => {
    await createStream();
    await put([
      [START, 'one'],
      [START, 'two'],
    ]);
    const logGroupIdentifier = `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}`;
    const answer = await engine.call('logs', 'FilterLogEvents', { logGroupIdentifier });
    const common = { logStreamName: STREAM, timestamp: START, ingestionTime: START };
    expect(answer).toEqual({
      events: [
        { ...common, message: 'one', eventId: expect.stringMatching(/^\d{56}$/) },
        { ...common, message: 'two', eventId: expect.stringMatching(/^\d{56}$/) },
      ],
      searchedLogStreams: [],
    });
    expect(answer.events![0]!.eventId! < answer.events![1]!.eventId!).toBe(true);
  });

  it('takes filter patterns of all kinds, and says what is wrong with one', async () => {
    await createStream();
    await putNow('START now', '{"level":"error","n":3}', 'ERROR 42 "in the end"');
    expect(await filteredMessages({ filterPattern: '' })).toHaveLength(3);
    expect(await filteredMessages({ filterPattern: '?START ?ERROR' })).toHaveLength(2);
    expect(await filteredMessages({ filterPattern: '{ $.n >= 3 && $.level = "err*" }' })).toHaveLength(1);
    expect(await filteredMessages({ filterPattern: '[w=ERROR, n > 41, text=*end]' })).toHaveLength(1);
    expect(await filteredMessages({ filterPattern: '%[0-9]{2}%' })).toHaveLength(1);
    expect(await refusal(filter({ filterPattern: '{ $.n' }))).toBe('InvalidParameterException: Invalid filter pattern');
    expect(await refusal(filter({ filterPattern: 'a@b' }))).toBe(
      "InvalidParameterException: Invalid character(s) in term 'a@b'",
    );
  });

  it('ends a page that has searched enough, with a token to go on', async () => {
    await createStream();
    const message = `${'x'.repeat(1_000_000)}`;
    for (let count = 0; count < 10; count++) await put([[START + count, message]]);
    await put([[START + 10, 'needle']]);
    const first = await filter({ filterPattern: 'needle' });
    expect(first.events).toEqual([]);
    expect(await filteredMessages({ filterPattern: 'needle', nextToken: first.nextToken })).toEqual(['needle']);
  });

  it('refuses tokens that are none', async () => {
    expect(await refusal(filter({ nextToken: 'x' }))).toBe(
      'InvalidParameterException: The specified nextToken is invalid.',
    );
  });

  it('finds each event once, in order, whatever the streams, the pages and the time range', async () => {
    const event = fc.record({
      stream: fc.constantFrom('a', 'b', 'c', 'd'),
      at: fc.nat(30),
      word: fc.constantFrom('x', 'y'),
    });
    const bound = fc.option(fc.nat(30), { nil: undefined });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        bound,
        bound,
        async (events, limit, from, to) => {
          const logGroupName = `run-${run++}`;
          await createGroup(logGroupName);
          for (const name of 'abcd') await createStream(name, logGroupName);
          for (const [index, { stream, at, word }] of events.entries()) {
            const logEvents = [{ timestamp: START + at, message: `${word} ${index}` }];
            await engine.call('logs', 'PutLogEvents', { logGroupName, logStreamName: stream, logEvents });
          }
          const startTime = from === undefined ? undefined : START + from;
          const endTime = to === undefined ? undefined : START + to;
          const seen: string[] = [];
          let nextToken: string | undefined;
          do {
            const page = await engine.call('logs', 'FilterLogEvents', {
              logGroupName,
              limit,
              startTime,
              endTime,
              nextToken,
              filterPattern: 'x',
            });
            expect(page.events!.length).toBeLessThanOrEqual(limit);
            seen.push(...page.events!.map(({ message }) => message!));
            nextToken = page.nextToken;
          } while (nextToken);
          const wanted = events
            .map((one, index) => ({ ...one, message: `${one.word} ${index}` }))
            .filter(({ word, at }) => word === 'x' && at >= (from ?? 0) && at <= (to ?? 30))
            .sort((a, b) => a.at - b.at);
          expect(seen).toEqual(wanted.map(({ message }) => message));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('retention', () => {
  beforeEach(async () => {
    await createGroup();
    await createStream();
  });

  it('has only the lengths that AWS has', async () => {
    const keep = (retentionInDays: number) =>
      engine.call('logs', 'PutRetentionPolicy', { logGroupName: GROUP, retentionInDays });
    expect(await refusal(keep(2))).toMatch(
      /^InvalidParameterException: 1 validation error detected: Value '2' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: \[1, 3, 5/,
    );
    await keep(3653);
    const days = async () => (await engine.call('logs', 'DescribeLogGroups', {})).logGroups![0]!.retentionInDays;
    expect(await days()).toBe(3653);
    await engine.call('logs', 'DeleteRetentionPolicy', { logGroupName: GROUP });
    expect(await days()).toBeUndefined();
  });

  it('hides events when they expire, and drops them within a day', async () => {
    await createStream('idle');
    await put([[START, 'idle']], 'idle');
    await put([
      [START, 'first'],
      [START + HOUR, 'second'],
    ]);
    await engine.call('logs', 'PutRetentionPolicy', { logGroupName: GROUP, retentionInDays: 3 });
    await engine.clock.advance('2 days');
    await putNow('third');
    await engine.clock.advance('1 day');
    expect(await filteredMessages()).toEqual(['idle', 'first', 'second', 'third']);
    await engine.clock.advance('1 minute');
    expect(await filteredMessages()).toEqual(['second', 'third']);
    await engine.clock.advance('1 day');
    expect((await get({ startFromHead: true })).events!.map(({ message }) => message)).toEqual(['third']);
    const { logStreams } = await engine.call('logs', 'DescribeLogStreams', { logGroupName: GROUP });
    expect(logStreams!.map((stream) => stream.firstEventTimestamp)).toEqual([START + 2 * DAY, undefined]);
    const { logGroups } = await engine.call('logs', 'DescribeLogGroups', {});
    expect(logGroups![0]!.storedBytes).toBe('third'.length + 26);
    await engine.call('logs', 'DeleteRetentionPolicy', { logGroupName: GROUP });
    expect(await filteredMessages()).toEqual(['third']);
  });

  it('ends with its group', async () => {
    await engine.call('logs', 'PutRetentionPolicy', { logGroupName: GROUP, retentionInDays: 1 });
    await engine.call('logs', 'DeleteLogGroup', { logGroupName: GROUP });
    await createGroup();
    await createStream();
    await putNow('kept');
    await engine.clock.advance('3 days');
    expect(await filteredMessages()).toEqual(['kept']);
  });
});

describe('a log group as a target', () => {
  it('takes what a rule delivers', async () => {
    await createGroup('/aws/events/rings');
    await engine.call('eventbridge', 'PutRule', { Name: 'ring', ScheduleExpression: 'rate(5 minutes)' });
    const Arn = 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/rings:*';
    await engine.call('eventbridge', 'PutTargets', { Rule: 'ring', Targets: [{ Id: '1', Arn, Input: '{"k":1}' }] });
    await engine.clock.advance('10 minutes');
    const { events } = await engine.call('logs', 'FilterLogEvents', { logGroupName: '/aws/events/rings' });
    const expected = {
      logStreamName: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      message: '{"k":1}',
    };
    expect(events).toEqual([
      expect.objectContaining({ ...expected, timestamp: START + 300_000 }),
      expect.objectContaining({ ...expected, timestamp: START + 600_000 }),
    ]);
  });
});

describe('on disk', () => {
  it('is all there after a restart, and goes on from there', async () => {
    const data = mkdtempSync(join(tmpdir(), 'carillon-logs-'));
    const restart = async () => {
      await engine.close();
      engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z', data });
    };
    try {
      await restart();
      await createGroup();
      await engine.call('logs', 'PutRetentionPolicy', { logGroupName: GROUP, retentionInDays: 1 });
      for (const name of ['a', 'b']) await createStream(name);
      await put(
        [
          [START, 'a0'],
          [START + HOUR, 'a1'],
        ],
        'a',
      );
      await put(
        [
          [START, 'b0'],
          [START + HOUR, 'b1'],
        ],
        'b',
      );
      const first = await filter({ limit: 2 });
      await restart();
      await put([[START + HOUR, 'a2']], 'a');
      expect(await filteredMessages()).toEqual(['a0', 'b0', 'a1', 'b1', 'a2']);
      expect(await filteredMessages({ nextToken: first.nextToken })).toEqual(['a1', 'b1', 'a2']);
      const back = await get({ logStreamName: 'a', limit: 2 });
      expect(back.events!.map(({ message }) => message)).toEqual(['a1', 'a2']);
      await engine.clock.advance('25 hours');
      expect(await filteredMessages()).toEqual(['a1', 'b1', 'a2']);
      await engine.clock.advance('2 days');
      expect(await filteredMessages()).toEqual([]);
      const { logGroups } = await engine.call('logs', 'DescribeLogGroups', {});
      expect(logGroups![0]!.storedBytes).toBe(0);
    } finally {
      await engine.close();
      rmSync(data, { recursive: true });
      engine = await createEngine({ clock: 'virtual' });
    }
  });
});

describe('resource policies (API_PutResourcePolicy)', () => {
  const policyDocument = '{"Version":"2012-10-17","Statement":[]}';
  const put = (input: object) => engine.call('logs', 'PutResourcePolicy', { policyDocument, ...input });
  const names = async (input: object = {}) => {
    const { resourcePolicies } = await engine.call('logs', 'DescribeResourcePolicies', input);
    return resourcePolicies!.map(({ policyName }) => policyName);
  };

  it('of an account: ten, by name', async () => {
    for (let index = 0; index < 10; index++) await put({ policyName: `p${index}` });
    await put({ policyName: 'p0' });
    await expect(put({ policyName: 'p10' })).rejects.toMatchObject({ code: 'LimitExceededException' });
    await expect(put({ policyName: 'p0', policyDocument: 'none' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    });
    expect(await names()).toHaveLength(10);
    for (let index = 0; index < 10; index++)
      await engine.call('logs', 'DeleteResourcePolicy', { policyName: `p${index}` });
    expect(await names()).toEqual([]);
    await expect(engine.call('logs', 'DeleteResourcePolicy', { policyName: 'p0' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  it('of a group: changed only by who has seen it', async () => {
    await engine.call('logs', 'CreateLogGroup', { logGroupName: 'guarded' });
    const resourceArn = 'arn:aws:logs:us-east-1:000000000000:log-group:guarded';
    const { revisionId } = await put({ policyName: 'own', resourceArn });
    expect(await names({ resourceArn })).toEqual(['own']);
    expect(await names({ policyScope: 'RESOURCE' })).toEqual(['own']);
    expect(await names()).toEqual([]);
    await expect(put({ policyName: 'own', resourceArn })).rejects.toMatchObject({ code: 'OperationAbortedException' });
    const changed = await put({ policyName: 'own', resourceArn, expectedRevisionId: revisionId });
    await engine.call('logs', 'DeleteResourcePolicy', { resourceArn, expectedRevisionId: changed.revisionId });
    expect(await names({ resourceArn })).toEqual([]);
  });
});
