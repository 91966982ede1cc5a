/* The guide for boto3, step by step: the script as it is, run by `carillon run`, and a quarter of an hour. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { expect, inject, test } from 'vitest';
import { carillon } from './carillon.ts';

const SCRIPT = new URL('../../examples/warmer/warmer.py', import.meta.url).pathname;
const clients = inject('pythonClients');

test.skipIf(!clients)('the warmer rings three times in a quarter of an hour, cold only at first', async () => {
  const engine = carillon(['start', '--memory', '--json', '--port', '0', '--clock', 'virtual:2026-01-01T00:00:00Z']);
  const endpoint = String((await engine.event('ready')).endpoint);
  const env = { AWS_ENDPOINT_URL: endpoint, PYTHONPATH: clients!.packages };
  const { ended } = carillon(['run', '--', clients!.python, SCRIPT], { env });
  expect(await ended).toEqual({ code: 0, stderr: '' });

  await fetch(`${endpoint}/_carillon/clock`, { method: 'POST', body: '{"advance": "15 minutes"}' });

  for (const [minute, cold] of [
    ['05', true],
    ['10', false],
    ['15', false],
  ]) {
    const dueAt = `2026-01-01T00:${minute}:00.000Z`;
    expect(await engine.event('ring')).toMatchObject({ dueAt, startedAt: dueAt, lateMs: 0, cold, outcome: 'ok' });
  }
  const logs = new CloudWatchLogsClient({
    ...{ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
  });
  const { events } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: '/aws/lambda/hello', filterPattern: 'Init' }),
  );
  expect(events?.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^REPORT RequestId: .*Init Duration: /),
  ]);
});
