/*
 * The Lambda warmer as it is published in many places: boto3 makes a rule of `rate(5 minutes)` where there is none
 * and gives it a function as target, with an Input that the function knows its warmer by. The first run is cold and
 * the later ones warm, as the REPORT lines tell.
 */
import { createEngine, type Engine } from '@carillon/engine';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { aws, awsV2, boto3, hasAwsV2, testWithPython as test } from '../clients.ts';

const CREATE = `
import boto3, io, json, zipfile

def zipped(name, source):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w') as file:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = 0o755 << 16
        file.writestr(entry, source)
    return archive.getvalue()

WARMED = '''
import json
def lambda_handler(event, context):
    if event.get('type') == 'warmer':
        return {'statusCode': 200, 'body': json.dumps('Nice to be warm!')}
    return {'statusCode': 200, 'body': json.dumps('Hello!')}
'''

# Prints what it gets, as it gets it.
RECORDER = '''#!/usr/bin/env python3
import os, urllib.request
invocations = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'
while True:
    with urllib.request.urlopen(invocations + 'next') as invocation:
        event, request_id = invocation.read(), invocation.headers['Lambda-Runtime-Aws-Request-Id']
    print('got', event.hex(), flush=True)
    urllib.request.urlopen(invocations + request_id + '/response', data=b'null').close()
'''

client = boto3.client('lambda')
role = 'arn:aws:iam::000000000000:role/warmed'
warmed = client.create_function(FunctionName='warmed', Runtime='python3.12', Role=role,
    Handler='index.lambda_handler', Code={'ZipFile': zipped('index.py', WARMED)}, MemorySize=2048, Timeout=30)
recorder = client.create_function(FunctionName='recorder', Runtime='provided.al2023', Role=role,
    Handler='bootstrap', Code={'ZipFile': zipped('bootstrap', RECORDER)}, Timeout=30)
print(json.dumps({'warmed': warmed['FunctionArn'], 'recorder': recorder['FunctionArn']}))
`;

/** What a warmer runs at each deployment. Prints whether the rule was there, and its targets. */
const warm = (arns: Record<string, string>) => `
import boto3, json, uuid

events = boto3.client('events', region_name='eu-central-1')
name = 'keep-warm'
try:
    found = events.describe_rule(Name=name)['State']
except events.exceptions.ResourceNotFoundException:
    found = None
    events.put_rule(Name=name, ScheduleExpression='rate(5 minutes)', State='ENABLED',
        Description='Keeps a function warm', EventBusName='default')
if not events.list_targets_by_rule(Rule=name)['Targets']:
    answer = events.put_targets(Rule=name, Targets=[
        {'Id': uuid.uuid4().hex, 'Arn': arn, 'Input': '{ "type": "warmer" }'}
        for arn in (${JSON.stringify(arns.warmed)}, ${JSON.stringify(arns.recorder)})])
    assert answer['FailedEntryCount'] == 0, answer
targets = events.list_targets_by_rule(Rule=name)['Targets']
print(json.dumps({'found': found, 'targets': [{'Arn': each['Arn'], 'Input': each['Input']} for each in targets]}))
`;

const RINGS = 4;

describe('a warmer', () => {
  let engine: Engine;
  let arns: Record<string, string>;

  beforeAll(async () => {
    engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z' });
  });
  afterAll(() => engine.close());

  test('is made by boto3, and found when it is made again', async () => {
    arns = JSON.parse(await boto3(engine, CREATE));
    expect(arns.warmed).toBe('arn:aws:lambda:eu-central-1:000000000000:function:warmed');
    const targets = [arns.warmed, arns.recorder].map((Arn) => ({ Arn, Input: '{ "type": "warmer" }' }));
    expect(JSON.parse(await boto3(engine, warm(arns)))).toEqual({ found: null, targets });
    expect(JSON.parse(await boto3(engine, warm(arns)))).toEqual({ found: 'ENABLED', targets });
  });

  test('rings as often as its rate says, in the time that the user moves', async () => {
    const body = JSON.stringify({ advance: `${RINGS * 5} minutes` });
    const response = await fetch(`${engine.endpoint}/_carillon/clock`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ now: '2026-03-01T09:20:00.000Z' });
    expect(await messages('warmed', '"START RequestId"')).toHaveLength(RINGS);
  });

  test('gives the function its Input, byte for byte', async () => {
    const got = `got ${Buffer.from('{ "type": "warmer" }').toString('hex')}\n`;
    expect(await messages('recorder', 'got')).toEqual(Array(RINGS).fill(got));
  });

  test('finds the function cold, then warm: read by filter-log-events', async () => {
    const reports = await messages('warmed', 'REPORT');
    expect(reports.map((line) => line.includes('Init Duration'))).toEqual([true, false, false, false]);
  });

  test('finds the function cold, then warm: read by get-log-events', async () => {
    const group = ['--log-group-name', '/aws/lambda/warmed'];
    const { logStreams } = JSON.parse(await aws(engine, 'logs', 'describe-log-streams', ...group));
    expect(logStreams).toHaveLength(1);
    const stream = ['--log-stream-name', logStreams[0].logStreamName, '--start-from-head'];
    const { events } = JSON.parse(await aws(engine, 'logs', 'get-log-events', ...group, ...stream));
    const kinds = events.map(({ message }: { message: string }) => message.split(/\s/, 1)[0]);
    expect(kinds).toEqual(['INIT_START', ...Array(RINGS).fill(['START', 'END', 'REPORT']).flat()]);
  });

  test('finds the function cold, then warm: read by aws logs tail', async ({ skip }) => {
    skip(!(await hasAwsV2()), 'it is a command of version 2 of the AWS CLI, which is not on the PATH');
    const tail = await awsV2(engine, 'logs', 'tail', '/aws/lambda/warmed', '--since', '2026-03-01T09:00:00Z');
    const reports = tail.split('\n').filter((line) => line.includes(' REPORT RequestId: '));
    expect(reports.map((line) => line.includes('Init Duration'))).toEqual([true, false, false, false]);
  });

  /** A function's log lines that match a pattern, as the AWS CLI reads them. */
  async function messages(name: string, pattern: string): Promise<string[]> {
    const group = ['--log-group-name', `/aws/lambda/${name}`];
    const { events } = JSON.parse(
      await aws(engine, 'logs', 'filter-log-events', ...group, '--filter-pattern', pattern),
    );
    return events.map(({ message }: { message: string }) => message);
  }
});
