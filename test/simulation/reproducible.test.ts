/* The same seed, start and inputs give the same journal and the same logs, to the byte. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from '../../packages/engine/src/testing.ts';

/** Waits in the middle, logs before and after, and takes no notice of the machine. */
const WAITER = `exports.handler = async (event, context) => {
  console.log('due', event.time, 'now', new Date().toISOString());
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  console.log('left', context.getRemainingTimeInMillis());
  return new Date().toISOString();
};`;
const FAILING = `exports.handler = async () => { console.error('out of tune'); throw new RangeError('flat'); };`;
const PYTHON = `import time
def handler(event, context):
    print("before", time.time())
    time.sleep(0.5)
    print("after", time.time())
`;

/** Days of functions that run at the same moments, fail, wait, are late and go cold. */
async function run(seed: string, days: number): Promise<{ journal: string; logs: string; runs: number }> {
  await using engine = await createTestEngine({
    clock: 'virtual:2026-02-01T00:00:00Z',
    seed,
    profile: 'aws',
    faults: ['function one fails 5% of the time'],
    log: () => {},
  });
  const journal = createHash('sha256');
  const unsubscribe = engine.journal.subscribe((note) => journal.update(JSON.stringify(note)));
  const names = ['one', 'two', 'three', 'four', 'five'];
  await engine.createFunction('one', WAITER, { Timeout: 10 });
  await engine.createFunction('two', WAITER, { Timeout: 10 });
  await engine.createFunction('three', FAILING);
  await engine.createFunction('four', PYTHON, { Runtime: 'python3.12' });
  await engine.createFunction('five', WAITER, { Timeout: 1 });
  const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  await engine.call('eventbridge', 'PutRule', { Name: 'all', ScheduleExpression: 'cron(0 12 * * ? *)' });
  await engine.call('eventbridge', 'PutTargets', {
    Rule: 'all',
    Targets: names.map((name, n) => ({ Id: String(n), Arn: arnOf(name) })),
  });
  await engine.call('eventbridge', 'PutRule', { Name: 'often', ScheduleExpression: 'rate(12 minutes)' });
  await engine.call('eventbridge', 'PutTargets', { Rule: 'often', Targets: [{ Id: '1', Arn: arnOf('two') }] });
  await engine.call('iam', 'CreateRole', { RoleName: 'ringer', AssumeRolePolicyDocument: TRUST });
  await engine.call('sts', 'AssumeRole', {
    RoleArn: 'arn:aws:iam::000000000000:role/ringer',
    RoleSessionName: 'month',
  });
  await engine.clock.advance(`${days} days`);
  unsubscribe();
  return { journal: journal.digest('hex'), logs: await logsOf(engine, names), runs: engine.rings().length };
}

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

async function logsOf(engine: TestEngine, names: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of names) {
    for (let nextToken: string | undefined, more = true; more; more = nextToken !== undefined) {
      const page = await engine.call('logs', 'FilterLogEvents', { logGroupName: `/aws/lambda/${name}`, nextToken });
      for (const event of page.events ?? []) hash.update(JSON.stringify(event));
      nextToken = page.nextToken;
    }
  }
  return hash.digest('hex');
}

it('a month of every service, run twice, is the same to the byte', async () => {
  const first = await run('carillon', 28);
  expect(first.runs).toBeGreaterThan(28 * 5 + 28 * 120);
  expect(await run('carillon', 28)).toEqual(first);
}, 120_000);

it('another seed makes another run', async () => {
  expect((await run('another', 2)).journal).not.toBe((await run('carillon', 2)).journal);
});
