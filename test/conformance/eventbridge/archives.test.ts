/*
 * Archives and replays through the SDK for JavaScript, the AWS CLI and boto3, over the wire.
 * Sources: EventBridge API Reference (CreateArchive, StartReplay and their neighbours); User Guide, "Archiving and
 * replaying events".
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridge, type PutEventsRequestEntry, type StartReplayCommandInput } from '@aws-sdk/client-eventbridge';
import { SQS } from '@aws-sdk/client-sqs';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

const OWNER = 'eu-central-1:000000000000';
const BUS_ARN = `arn:aws:events:${OWNER}:event-bus/default`;
const ARCHIVE_ARN = `arn:aws:events:${OWNER}:archive/all`;
const START = Date.parse('2026-03-01T09:00:00Z');
const archive = { ArchiveName: 'all', EventSourceArn: BUS_ARN };

let engine: Engine;
let events: EventBridge;
let sqs: SQS;

async function open(data?: string) {
  engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z', ...(data && { data }) });
  events = new EventBridge({ ...optionsFor(engine), maxAttempts: 1 });
  sqs = new SQS(optionsFor(engine));
}
async function close() {
  events.destroy();
  sqs.destroy();
  await engine.close();
}
beforeEach(() => open());
afterEach(close);

async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'not refused',
    (error) => `${error.name}: ${error.message}`,
  );
}

async function listen(rule = 'heard', EventPattern = '{"source":["shop"]}') {
  const { QueueUrl } = await sqs.createQueue({ QueueName: rule });
  await events.putRule({ Name: rule, EventPattern });
  await events.putTargets({ Rule: rule, Targets: [{ Id: 'queue', Arn: `arn:aws:sqs:${OWNER}:${rule}` }] });
  return async () => {
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 9000 });
    return Messages.map(({ Body }) => JSON.parse(Body!));
  };
}

function put(...numbers: number[]) {
  const Entries = numbers.map(
    (number): PutEventsRequestEntry => ({
      Source: 'shop',
      DetailType: 'Order',
      Detail: `{"number":${number}}`,
      Time: new Date(START + number * 60_000),
    }),
  );
  return events.putEvents({ Entries });
}

const span = {
  ReplayName: 'again',
  EventSourceArn: ARCHIVE_ARN,
  EventStartTime: new Date(START),
  EventEndTime: new Date(START + 3_600_000),
  Destination: { Arn: BUS_ARN },
};

function replay(settings: Partial<StartReplayCommandInput> = {}) {
  return events.startReplay({ ...span, ...settings });
}

async function replayed(ReplayName = 'again') {
  await engine.settle();
  const { $metadata, ...found } = await events.describeReplay({ ReplayName });
  return found;
}

describe('an archive', () => {
  it('is made, described, changed, listed and deleted', async () => {
    const EventPattern = '{"source":["shop"]}';
    const made = await events.createArchive({ ...archive, Description: 'all', EventPattern, RetentionDays: 7 });
    const CreationTime = new Date(START);
    expect(made).toMatchObject({ ArchiveArn: ARCHIVE_ARN, State: 'ENABLED', CreationTime });
    const described = await events.describeArchive({ ArchiveName: 'all' });
    const shape = { ...archive, State: 'ENABLED', RetentionDays: 7, SizeBytes: 0, EventCount: 0, CreationTime };
    expect(described).toMatchObject({ ...shape, ArchiveArn: ARCHIVE_ARN, Description: 'all', EventPattern });
    await events.updateArchive({ ArchiveName: 'all', RetentionDays: 0, Description: 'other' });
    const { $metadata, ...changed } = await events.describeArchive({ ArchiveName: 'all' });
    expect(changed).toMatchObject({ RetentionDays: 0, Description: 'other', EventPattern });
    expect((await events.listArchives({ EventSourceArn: BUS_ARN })).Archives).toEqual([{ ...shape, RetentionDays: 0 }]);
    expect((await events.listArchives({ NamePrefix: 'b' })).Archives).toEqual([]);
    expect((await events.listArchives({ State: 'DISABLED' })).Archives).toEqual([]);
    await events.deleteArchive({ ArchiveName: 'all' });
    expect((await events.listArchives({})).Archives).toEqual([]);
    expect((await events.listRules({})).Rules).toEqual([]);
  });

  it('gets its events by a rule that AWS manages', async () => {
    await events.createArchive({ ...archive, EventPattern: '{"source":["shop"]}' });
    const Name = 'Events-Archive-all';
    const rule = await events.describeRule({ Name });
    expect(rule.ManagedBy).toBe('prod.vhs.events.aws.internal');
    expect(JSON.parse(rule.EventPattern!)).toEqual({ source: ['shop'], 'replay-name': [{ exists: false }] });
    const { Targets } = await events.listTargetsByRule({ Rule: Name });
    expect(Targets).toMatchObject([{ Id: Name, Arn: 'arn:aws:events:eu-central-1:::' }]);
    const words = 'ManagedRuleException: Rule Events-Archive-all is managed by prod.vhs.events.aws.internal';
    for (const refused of [
      events.putRule({ Name, EventPattern: '{"source":["a"]}' }),
      events.disableRule({ Name }),
      events.deleteRule({ Name }),
      events.putTargets({ Rule: Name, Targets: [{ Id: 'a', Arn: BUS_ARN }] }),
      events.removeTargets({ Rule: Name, Ids: [Name] }),
      events.tagResource({ ResourceARN: rule.Arn, Tags: [{ Key: 'a', Value: 'b' }] }),
    ])
      expect(await refusal(refused)).toContain(words);
    await events.removeTargets({ Rule: Name, Ids: [Name], Force: true });
    await events.deleteRule({ Name, Force: true });
    expect((await events.describeArchive({ ArchiveName: 'all' })).State).toBe('DISABLED');
    await events.updateArchive({ ArchiveName: 'all' });
    expect((await events.describeArchive({ ArchiveName: 'all' })).State).toBe('ENABLED');
  });

  it('keeps what matches its pattern, for as many days as it is told', async () => {
    await events.createArchive({ ...archive, EventPattern: '{"detail":{"number":[1, 2]}}', RetentionDays: 2 });
    await put(0, 1, 2);
    const kept = async () => (await events.describeArchive({ ArchiveName: 'all' })).EventCount;
    expect(await kept()).toBe(2);
    expect((await events.describeArchive({ ArchiveName: 'all' })).SizeBytes).toBeGreaterThan(400);
    await engine.clock.advance('2 days');
    expect(await kept()).toBe(2);
    await engine.clock.advance('1 hour');
    expect(await kept()).toBe(0);
    const hear = await listen();
    await replay();
    expect((await replayed()).State).toBe('COMPLETED');
    expect(await hear()).toEqual([]);
  });

  it('takes a pattern as long as AWS allows', async () => {
    const head = '{"source":["';
    const EventPattern = `${head}${'a'.repeat(4096 - head.length - 3)}"]}`;
    await events.createArchive({ ...archive, EventPattern });
    expect((await put(1)).FailedEntryCount).toBe(0);
  });

  it.each<[object, string]>([
    [{ EventSourceArn: `${BUS_ARN}s` }, 'ResourceNotFoundException'],
    [{ EventSourceArn: ARCHIVE_ARN }, 'ValidationException'],
    [{ EventPattern: '{"source":"shop"}' }, 'InvalidEventPatternException'],
    [{ RetentionDays: -1 }, 'ValidationException'],
    [{ ArchiveName: 'a'.repeat(49) }, 'ValidationException'],
  ])('is not made with %j', async (settings, code) => {
    expect(await refusal(events.createArchive({ ...archive, ...settings }))).toContain(code);
  });

  it('has a name of its own, and must be there', async () => {
    await events.createArchive(archive);
    const there = 'ResourceAlreadyExistsException: Archive all already exists.';
    expect(await refusal(events.createArchive(archive))).toBe(there);
    const gone = 'ResourceNotFoundException: Archive other does not exist.';
    expect(await refusal(events.describeArchive({ ArchiveName: 'other' }))).toBe(gone);
    expect(await refusal(events.updateArchive({ ArchiveName: 'other' }))).toBe(gone);
    expect(await refusal(events.deleteArchive({ ArchiveName: 'other' }))).toBe(gone);
    expect(await refusal(events.listArchives({ NamePrefix: 'a', State: 'ENABLED' }))).toContain('At most one filter');
  });
});

describe('a replay', () => {
  it('sends the events of a span to the rules once more, in order, and not to the archive', async () => {
    await events.createArchive(archive);
    const hear = await listen();
    const { Entries } = await put(3, 1, 2, 90);
    expect(await hear()).toHaveLength(4);
    const started = await replay({ Description: 'once more' });
    expect(started).toMatchObject({ ReplayArn: `arn:aws:events:${OWNER}:replay/again`, State: 'STARTING' });
    expect(await replayed()).toEqual({
      ReplayName: 'again',
      ReplayArn: `arn:aws:events:${OWNER}:replay/again`,
      Description: 'once more',
      State: 'COMPLETED',
      EventSourceArn: ARCHIVE_ARN,
      Destination: { Arn: BUS_ARN },
      EventStartTime: new Date(START),
      EventEndTime: new Date(START + 3_600_000),
      EventLastReplayedTime: new Date(START + 3 * 60_000),
      ReplayStartTime: new Date(START),
      ReplayEndTime: new Date(START),
    });
    const again = await hear();
    expect(again.map(({ detail }) => detail.number)).toEqual([1, 2, 3]);
    expect(again[0]).toMatchObject({
      id: Entries![1]!.EventId,
      time: '2026-03-01T09:01:00Z',
      source: 'shop',
      'replay-name': 'again',
    });
    expect((await events.describeArchive({ ArchiveName: 'all' })).EventCount).toBe(4);
  });

  it('goes to the rules that are named alone', async () => {
    await events.createArchive(archive);
    const [hear, overhear] = [await listen('one'), await listen('two')];
    await put(1);
    expect([await hear(), await overhear()].flat()).toHaveLength(2);
    await replay({ Destination: { Arn: BUS_ARN, FilterArns: [`arn:aws:events:${OWNER}:rule/two`] } });
    await engine.settle();
    expect(await hear()).toEqual([]);
    expect(await overhear()).toHaveLength(1);
  });

  it.each<[Partial<StartReplayCommandInput>, string]>([
    [
      { EventSourceArn: ARCHIVE_ARN.replace('all', 'other') },
      'ResourceNotFoundException: Parameter EventSourceArn is not valid. Reason: Archive other does not exist.',
    ],
    [
      { EventSourceArn: BUS_ARN },
      'ValidationException: Parameter EventSourceArn is not valid. Reason: Must contain an archive ARN.',
    ],
    [
      { Destination: { Arn: BUS_ARN.replace('default', 'other') } },
      'ValidationException: Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
    ],
    [
      { Destination: { Arn: ARCHIVE_ARN } },
      'ValidationException: Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.',
    ],
    [
      { EventEndTime: new Date(START) },
      'ValidationException: Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
    ],
    [{ ReplayName: 'a b' }, 'ValidationException: 1 validation error detected'],
  ])('is not started with %j', async (settings, words) => {
    await events.createArchive(archive);
    expect(await refusal(replay(settings))).toContain(words);
  });

  it('is cancelled while it is under way, and not after', async () => {
    await events.createArchive(archive);
    const hear = await listen('heard', '{"replay-name":["again"]}');
    for (let batch = 0; batch < 30; batch++) await put(...Array.from({ length: 10 }, (_, index) => index));
    const scope = { region: 'eu-central-1' };
    const [, cancelled] = await Promise.all([
      engine.call('eventbridge', 'StartReplay', span, scope),
      engine.call('eventbridge', 'CancelReplay', { ReplayName: 'again' }, scope),
    ]);
    expect(cancelled.State).toBe('CANCELLING');
    expect(await replayed()).toMatchObject({ State: 'CANCELLED', ReplayEndTime: new Date(START) });
    expect((await hear()).length).toBeLessThan(300);
    expect(await refusal(events.cancelReplay({ ReplayName: 'again' }))).toContain('IllegalStatusException');
    expect(await refusal(replay())).toBe('ResourceAlreadyExistsException: Replay again already exists.');
    expect(await refusal(events.cancelReplay({ ReplayName: 'other' }))).toContain('ResourceNotFoundException');
    expect((await events.listReplays({ State: 'CANCELLED' })).Replays).toMatchObject([{ ReplayName: 'again' }]);
    await engine.clock.advance('90 days');
    expect((await events.listReplays({})).Replays).toEqual([]);
  });

  it('goes on after a restart where it was', async () => {
    const data = await mkdtemp(join(tmpdir(), 'carillon-replay-'));
    try {
      await close();
      await open(data);
      await events.createArchive(archive);
      await listen('heard', '{"replay-name":["again"]}');
      const numbers = Array.from({ length: 10 }, (_, index) => index);
      for (let batch = 0; batch < 40; batch++) await put(...numbers);
      await replay();
      await close();
      await open(data);
      expect((await replayed()).State).toBe('COMPLETED');
      const QueueUrl = `${engine.endpoint}/000000000000/heard`;
      const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
      expect(Attributes!.ApproximateNumberOfMessages).toBe('400');
    } finally {
      await rm(data, { recursive: true });
    }
  });

  testWithPython('is started by the AWS CLI and looked at by boto3', async () => {
    const made = await aws(engine, 'events', 'create-archive', '--archive-name', 'all', '--event-source-arn', BUS_ARN);
    expect(JSON.parse(made).State).toBe('ENABLED');
    await put(1);
    const said = await boto3(
      engine,
      `
import boto3, datetime
events = boto3.client('events')
start = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.timezone.utc)
events.start_replay(ReplayName='again', EventSourceArn='${ARCHIVE_ARN}', EventStartTime=start,
                    EventEndTime=start + datetime.timedelta(hours=1), Destination={'Arn': '${BUS_ARN}'})
print(events.list_replays()['Replays'][0]['ReplayName'], events.list_archives()['Archives'][0]['EventCount'])
try:
    events.start_replay(ReplayName='other', EventSourceArn='${ARCHIVE_ARN}', EventStartTime=start,
                        EventEndTime=start, Destination={'Arn': '${BUS_ARN}'})
except events.exceptions.ClientError as error:
    print(error.response['Error']['Code'])
`,
    );
    expect(said.split('\n').slice(0, 2)).toEqual(['again 1', 'ValidationException']);
    expect((await replayed()).EventLastReplayedTime).toEqual(new Date(START + 60_000));
  });
});
