/* `kill -9` in the middle of a deploy: it goes on where it was, nothing is made twice and nothing is left behind. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { carillon, emptyDirectory } from '../../cli/carillon.ts';
import { optionsFor } from '../clients.ts';

const QUEUES = 200;

async function start(cwd: string) {
  const running = carillon(['start', '--port', '0', '--json'], { cwd });
  const endpoint = String((await running.event('ready')).endpoint);
  const options = { ...optionsFor({ endpoint }), maxAttempts: 1 };
  return { running, stacks: new CloudFormationClient(options), queues: new SQSClient(options) };
}

type Started = Awaited<ReturnType<typeof start>>;

async function statusOf({ stacks }: Started, StackName: string): Promise<string> {
  const { Stacks } = await stacks.send(new DescribeStacksCommand({ StackName }));
  return Stacks![0]!.StackStatus!;
}

async function until(started: Started, id: string, status: string): Promise<void> {
  for (;;) {
    const now = await statusOf(started, id);
    if (now === status) return;
    expect(now).toMatch(/_IN_PROGRESS$/);
  }
}

async function count({ queues }: Started): Promise<number> {
  const { QueueUrls = [] } = await queues.send(new ListQueuesCommand({ MaxResults: 1000 }));
  return QueueUrls.length;
}

test('a deploy and a deletion that were cut short go on', async () => {
  const cwd = emptyDirectory();
  const ids = Array.from({ length: QUEUES }, (_, index) => `Q${index}`);
  // Each waits for the one before, so that there is a middle to be killed in.
  const Resources = Object.fromEntries(
    ids.map((id, index) => [id, { Type: 'AWS::SQS::Queue', ...(index > 0 && { DependsOn: ids[index - 1] }) }]),
  );
  const first = await start(cwd);
  const TemplateBody = JSON.stringify({ Resources });
  const { StackId } = await first.stacks.send(new CreateStackCommand({ StackName: 'bells', TemplateBody }));
  while ((await count(first)) < QUEUES / 10);
  first.running.kill('SIGKILL');
  await first.running.ended;

  const second = await start(cwd);
  await until(second, StackId!, 'CREATE_COMPLETE');
  expect(await count(second)).toBe(QUEUES);
  const { StackResourceSummaries } = await second.stacks.send(new ListStackResourcesCommand({ StackName: 'bells' }));
  expect(new Set(StackResourceSummaries!.map(({ ResourceStatus }) => ResourceStatus))).toEqual(
    new Set(['CREATE_COMPLETE']),
  );
  await second.stacks.send(new DeleteStackCommand({ StackName: 'bells' }));
  while ((await count(second)) > QUEUES - QUEUES / 10);
  second.running.kill('SIGKILL');
  await second.running.ended;

  const third = await start(cwd);
  await until(third, StackId!, 'DELETE_COMPLETE');
  expect(await count(third)).toBe(0);
  third.running.kill('SIGKILL');
  await third.running.ended;
});
