/* SAM templates as stacks: what they become is made, and rings. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../../../packages/engine/src/testing.ts';
import { aws, testWithPython } from '../clients.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({ region: 'eu-central-1', account: '000000000000' });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const CAPABILITIES = ['CAPABILITY_IAM' as const, 'CAPABILITY_AUTO_EXPAND' as const];

const CHIME = `
Transform: AWS::Serverless-2016-10-31
Parameters: { Rate: { Type: String, Default: rate(1 minute) } }
Globals: { Function: { Runtime: nodejs24.x, Timeout: 5 } }
Resources:
  Chime:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: chime
      Handler: index.handler
      InlineCode: 'exports.handler = async (event) => console.log(event)'
      Policies: [{ SQSSendMessagePolicy: { QueueName: !GetAtt Jobs.QueueName } }]
      Events:
        Tick: { Type: Schedule, Properties: { Schedule: !Ref Rate, Input: '"tick"' } }
        Job: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn } }
  Jobs: { Type: AWS::SQS::Queue }
Outputs:
  Role: { Value: !GetAtt ChimeRole.Arn }
`;

const stack = async () => (await engine.call('cloudformation', 'DescribeStacks', { StackName: 'bells' })).Stacks![0]!;

test('a schedule rings a function, and a queue is mapped to it', async () => {
  const given = { StackName: 'bells', TemplateBody: CHIME, Capabilities: CAPABILITIES };
  await engine.call('cloudformation', 'CreateStack', given);
  await engine.settle();
  const { StackStatus, Outputs } = await stack();
  expect(StackStatus).toBe('CREATE_COMPLETE');
  expect(Outputs![0]!.OutputValue).toMatch(/^arn:aws:iam::000000000000:role\/bells-ChimeRole-\w+$/);
  const { EventSourceMappings } = await engine.call('lambda', 'ListEventSourceMappings', { FunctionName: 'chime' });
  expect(EventSourceMappings).toMatchObject([{ EventSourceArn: expect.stringContaining(':bells-Jobs-') }]);
  await engine.clock.advance(60_000);
  const lines = { logGroupName: '/aws/lambda/chime', filterPattern: 'tick' };
  const { events = [] } = await engine.call('logs', 'FilterLogEvents', lines);
  expect(events.map(({ message }) => message)).toEqual([expect.stringMatching(/\ttick\n?$/)]);
});

test('what is wrong with a template is told in the words of SAM', async () => {
  const wrong = CHIME.replace('Handler: index.handler', 'Bogus: 1');
  const words =
    'Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. ' +
    'Number of errors found: 1. Resource with id [Chime] is invalid. ' +
    'property Bogus not defined for resource of type AWS::Serverless::Function';
  const given = { StackName: 'bells', TemplateBody: wrong, Capabilities: CAPABILITIES };
  await expect(engine.call('cloudformation', 'CreateStack', given)).rejects.toThrow(words);
});

testWithPython('the AWS CLI makes a stack of a SAM template, and changes its function', async () => {
  const give = async (operation: string, template: string) => {
    const options = ['--stack-name', 'bells', '--template-body', template, '--capabilities', ...CAPABILITIES];
    await aws(engine, 'cloudformation', operation, ...options);
    await engine.settle();
  };
  await give('create-stack', CHIME);
  expect((await stack()).StackStatus).toBe('CREATE_COMPLETE');
  const before = await engine.call('lambda', 'GetFunctionConfiguration', { FunctionName: 'chime' });
  await give('update-stack', CHIME.replace('console.log(event)', '2'));
  expect((await stack()).StackStatus).toBe('UPDATE_COMPLETE');
  const after = await engine.call('lambda', 'GetFunctionConfiguration', { FunctionName: 'chime' });
  expect(after.CodeSha256).not.toBe(before.CodeSha256);
});
