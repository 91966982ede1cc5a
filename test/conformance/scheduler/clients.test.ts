/*
 * The Scheduler through real clients, over the wire: the SDK for JavaScript, boto3 and the AWS CLI.
 * Source: EventBridge Scheduler API Reference and User Guide.
 */
import {
  ConflictException,
  ResourceNotFoundException,
  Scheduler,
  ValidationException,
} from '@aws-sdk/client-scheduler';
import { SQS } from '@aws-sdk/client-sqs';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

const PLACE = 'eu-central-1:000000000000';
const ROLE_ARN = 'arn:aws:iam::000000000000:role/ringer';
const Target = { Arn: `arn:aws:sqs:${PLACE}:bell`, RoleArn: ROLE_ARN, Input: '<aws.scheduler.scheduled-time>' };
const every = { ScheduleExpression: 'rate(5 minute)', FlexibleTimeWindow: { Mode: 'OFF' }, Target } as const;

let engine: Engine;
let scheduler: Scheduler;
let sqs: SQS;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
  scheduler = new Scheduler({ ...optionsFor(engine), maxAttempts: 1 });
  sqs = new SQS(optionsFor(engine));
});
afterEach(async () => {
  scheduler.destroy();
  sqs.destroy();
  await engine.close();
});

async function bell(): Promise<string[]> {
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'bell' });
  const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 900 });
  return Messages.map(({ Body }) => Body!);
}

describe('the SDK for JavaScript, version 3', () => {
  it('makes, shows, lists, updates and deletes a schedule, which rings', async () => {
    expect(await bell()).toEqual([]);
    const { ScheduleArn } = await scheduler.createSchedule({
      Name: 'five',
      ...every,
      StartDate: new Date('2026-01-01T00:10:00.250Z'),
      Description: 'Every five minutes',
    });
    expect(ScheduleArn).toBe(`arn:aws:scheduler:${PLACE}:schedule/default/five`);
    expect(await scheduler.getSchedule({ Name: 'five' })).toMatchObject({
      ...every,
      Arn: ScheduleArn,
      GroupName: 'default',
      StartDate: new Date('2026-01-01T00:10:00.250Z'),
      ScheduleExpressionTimezone: 'UTC',
      Target: { ...Target, RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } },
    });
    await engine.clock.advance('16 minutes');
    expect(await bell()).toEqual(['2026-01-01T00:10:00Z', '2026-01-01T00:15:00Z']);
    await scheduler.updateSchedule({ Name: 'five', ...every, State: 'DISABLED' });
    const { Schedules } = await scheduler.listSchedules({ State: 'DISABLED' });
    expect(Schedules).toMatchObject([{ Arn: ScheduleArn, Name: 'five', Target: { Arn: Target.Arn } }]);
    await scheduler.deleteSchedule({ Name: 'five' });
    await expect(scheduler.getSchedule({ Name: 'five' })).rejects.toThrow(ResourceNotFoundException);
  });

  it('makes, tags, fills and deletes a group', async () => {
    const { ScheduleGroupArn: ResourceArn } = await scheduler.createScheduleGroup({
      Name: 'bells',
      Tags: [{ Key: 'a', Value: '1' }],
    });
    await scheduler.tagResource({ ResourceArn, Tags: [{ Key: 'b', Value: 'ü' }] });
    await scheduler.untagResource({ ResourceArn, TagKeys: ['a'] });
    expect((await scheduler.listTagsForResource({ ResourceArn })).Tags).toEqual([{ Key: 'b', Value: 'ü' }]);
    await scheduler.createSchedule({ Name: 'five', GroupName: 'bells', ...every, State: 'DISABLED' });
    expect((await scheduler.listSchedules({ GroupName: 'bells' })).Schedules).toHaveLength(1);
    await scheduler.deleteScheduleGroup({ Name: 'bells' });
    await engine.settle();
    const { ScheduleGroups } = await scheduler.listScheduleGroups({});
    expect(ScheduleGroups!.map(({ Name }) => Name)).toEqual(['default']);
  });

  it('hears what is wrong in AWS’s errors', async () => {
    await scheduler.createSchedule({ Name: 'five', ...every });
    const conflict = await scheduler.createSchedule({ Name: 'five', ...every }).catch((error) => error);
    expect(conflict).toBeInstanceOf(ConflictException);
    expect(conflict).toMatchObject({ message: 'Schedule five already exists.', $metadata: { httpStatusCode: 409 } });
    const late = await scheduler
      .createSchedule({ Name: 'six', ...every, ScheduleExpression: 'rate(5 min)' })
      .catch((e) => e);
    expect(late).toBeInstanceOf(ValidationException);
    expect(late).toMatchObject({
      message: 'Invalid Schedule Expression rate(5 min).',
      $metadata: { httpStatusCode: 400 },
    });
    const wild = await scheduler.createSchedule({ Name: 'a b', ...every }).catch((error) => error);
    expect(wild.message).toContain(
      "Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ",
    );
  });
});

testWithPython('boto3 puts schedules with universal targets, and pages through them', async () => {
  expect(await bell()).toEqual([]);
  const said = await boto3(
    engine,
    `
import boto3, json
scheduler = boto3.client('scheduler')
sqs = boto3.client('sqs')
url = sqs.get_queue_url(QueueName='bell')['QueueUrl']
for number in range(3):
    scheduler.create_schedule(
        Name=f's{number}',
        ScheduleExpression=f'at(2026-01-01T00:0{number + 1}:00)',
        ScheduleExpressionTimezone='Europe/London',
        FlexibleTimeWindow={'Mode': 'OFF'},
        ActionAfterCompletion='DELETE',
        Target={
            'Arn': 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage',
            'RoleArn': '${ROLE_ARN}',
            'Input': json.dumps({'QueueUrl': url, 'MessageBody': '<aws.scheduler.schedule-arn>'}),
        },
    )
pages = scheduler.get_paginator('list_schedules').paginate(PaginationConfig={'PageSize': 2})
print([[s['Name'] for s in page['Schedules']] for page in pages])
try:
    scheduler.delete_schedule(Name='s9')
except scheduler.exceptions.ResourceNotFoundException as error:
    print(error.response['Error']['Message'], error.response['ResponseMetadata']['HTTPStatusCode'])
`,
  );
  expect(said.trim().split('\n')).toEqual(["[['s0', 's1'], ['s2']]", 'Schedule s9 does not exist. 404']);
  await engine.clock.advance('5 minutes');
  expect((await bell()).map((arn) => arn.split('/').at(-1))).toEqual(['s0', 's1', 's2']);
  expect((await scheduler.listSchedules({})).Schedules).toEqual([]);
});

testWithPython('the AWS CLI puts a schedule as the User Guide does, and shows it', async () => {
  expect(await bell()).toEqual([]);
  const target = JSON.stringify(Target);
  const put = ['--name', 'cli', '--schedule-expression', 'cron(0 9 ? * MON-FRI *)', '--target', target];
  const zone = ['--schedule-expression-timezone', 'America/New_York', '--start-date', '2026-01-05T00:00:00Z'];
  const made = await aws(engine, 'scheduler', 'create-schedule', ...put, ...zone, '--flexible-time-window', 'Mode=OFF');
  expect(JSON.parse(made)).toEqual({ ScheduleArn: `arn:aws:scheduler:${PLACE}:schedule/default/cli` });
  const shown = JSON.parse(await aws(engine, 'scheduler', 'get-schedule', '--name', 'cli'));
  expect(shown).toMatchObject({ StartDate: Date.parse('2026-01-05T00:00:00Z') / 1000, State: 'ENABLED' });
  await engine.clock.advanceTo('2026-01-06T23:00:00Z');
  expect(await bell()).toEqual(['2026-01-05T14:00:00Z', '2026-01-06T14:00:00Z']);
});
