/* Templates that no one wrote: every policy template, and every two properties of functions with every two events. */
import facts from '../../../packages/engine/src/languages/sam/facts.generated.json' with { type: 'json' };
import type { JsonObject } from '../../../packages/engine/src/languages/template/index.ts';

const BASE = { Handler: 'h.h', Runtime: 'nodejs22.x', InlineCode: 'x' };
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const PROPERTIES: readonly JsonObject[] = [
  { AutoPublishAlias: 'live' },
  { AutoPublishAlias: { Ref: 'Name' }, AutoPublishAliasAllProperties: true },
  { Policies: ['AWSLambdaRole', { SQSPollerPolicy: { QueueName: 'q' } }] },
  { Policies: { 'Fn::If': ['Yes', { Statement: [] }, { Ref: 'AWS::NoValue' }] } },
  { Role: { 'Fn::If': ['Yes', { Ref: 'Name' }, { Ref: 'AWS::NoValue' }] } },
  { Role: { 'Fn::GetAtt': ['Other', 'Arn'] } },
  { Tags: { A: 'b', C: { Ref: 'Name' } }, PropagateTags: true },
  { Tracing: 'Active', VpcConfig: { SubnetIds: ['s'], SecurityGroupIds: ['g'] } },
  { Tracing: { 'Fn::If': ['Yes', 'Active', 'PassThrough'] } },
  { DeadLetterQueue: { Type: 'SQS', TargetArn: arnOf('Queue') } },
  { EventInvokeConfig: { MaximumRetryAttempts: 0 } },
  { EventInvokeConfig: { DestinationConfig: { OnFailure: { Type: 'SQS' } } } },
  {
    EventInvokeConfig: {
      DestinationConfig: {
        OnSuccess: { Type: 'SNS', Destination: { 'Fn::If': ['Yes', { Ref: 'AWS::NoValue' }, { Ref: 'Topic' }] } },
      },
    },
  },
  { FunctionUrlConfig: { AuthType: 'NONE' } },
  { Layers: [{ Ref: 'Layer' }], MemorySize: 256, Environment: { Variables: { A: { Ref: 'Name' } } } },
  { SnapStart: { ApplyOn: 'PublishedVersions' }, RolePath: '/x/', PermissionsBoundary: 'p' },
  { InlineCode: { Ref: 'AWS::NoValue' } },
  { CodeUri: { Bucket: { Ref: 'Name' }, Key: { 'Fn::Sub': '${Name}-${AWS::Region}' } } },
];

const EVENTS: readonly JsonObject[] = [
  { Type: 'Schedule', Properties: { Schedule: { Ref: 'Name' }, DeadLetterConfig: { Type: 'SQS' } } },
  { Type: 'ScheduleV2', Properties: { ScheduleExpression: 'rate(1 hour)', DeadLetterConfig: { Type: 'SQS' } } },
  { Type: 'EventBridgeRule', Properties: { Pattern: { source: ['a'] }, RuleName: 'r' } },
  { Type: 'SNS', Properties: { Topic: { Ref: 'Topic' }, SqsSubscription: true } },
  { Type: 'SQS', Properties: { Queue: arnOf('Queue') } },
  { Type: 'S3', Properties: { Bucket: { Ref: 'Bucket' }, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] } },
  {
    Type: 'Kinesis',
    Properties: {
      Stream: 's',
      StartingPosition: 'LATEST',
      DestinationConfig: { OnFailure: { Type: 'SNS', Destination: { Ref: 'Topic' } } },
    },
  },
  { Type: 'CloudWatchLogs', Properties: { LogGroupName: { Ref: 'Name' }, FilterPattern: 'x' } },
];

const OTHERS = {
  Queue: { Type: 'AWS::SQS::Queue' },
  Topic: { Type: 'AWS::SNS::Topic' },
  Bucket: { Type: 'AWS::S3::Bucket' },
  Other: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
  Layer: { Type: 'AWS::Serverless::LayerVersion', Properties: { ContentUri: 's3://b/k' } },
};

function template(resources: JsonObject): JsonObject {
  return {
    Transform: 'AWS::Serverless-2016-10-31',
    Parameters: { Name: { Type: 'String', Default: 'live' } },
    Conditions: { Yes: { 'Fn::Equals': ['a', 'a'] } },
    Resources: { ...OTHERS, ...resources },
  };
}

/** Of each list, all pairs of different members. */
function* pairs<T>(list: readonly T[]): Iterable<readonly [T, T]> {
  for (const [index, one] of list.entries()) for (const other of list.slice(index + 1)) yield [one, other];
}

function* functions(): Iterable<{ name: string; document: JsonObject }> {
  const events = [...pairs(EVENTS)];
  let index = 0;
  for (const [one, two] of pairs(PROPERTIES)) {
    const [first, second] = events[index % events.length]!;
    const conditional = index % 3 === 0 ? { Condition: 'Yes', DependsOn: 'Layer' } : {};
    const Properties = { ...BASE, ...one, ...two, Events: { Second: second, First: first } };
    const document = template({ Fn: { Type: 'AWS::Serverless::Function', ...conditional, Properties } });
    yield {
      name: `${Object.keys(one)} and ${Object.keys(two)}, ${first.Type} and ${second.Type} (${index})`,
      document,
    };
    index++;
  }
}

const policies = Object.entries(facts.policyTemplates).map(([name, { parameters }]) => ({
  [name]: Object.fromEntries(parameters.map((parameter) => [parameter, { Ref: 'Name' }])),
}));

export const COMBINATIONS = [
  {
    name: 'every policy template',
    document: template({
      Fn: { Type: 'AWS::Serverless::Function', Properties: { ...BASE, Policies: policies } },
    }),
  },
  ...functions(),
].map((combination) => ({ file: 'combinations', ...combination }));
