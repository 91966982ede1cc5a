/* Buckets from templates: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({ account: '111122223333', region: 'eu-central-1' });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const Bucket = 'bells-of-the-tower';
const QUEUE = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'inbox' } };
const EVERYTHING = {
  AbacStatus: 'Disabled',
  AccelerateConfiguration: { AccelerationStatus: 'Enabled' },
  AccessControl: 'LogDeliveryWrite',
  AnalyticsConfigurations: [{ Id: 'a', Prefix: 'x', TagFilters: [{ Key: 'k', Value: 'v' }], StorageClassAnalysis: {} }],
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [
      { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true },
    ],
  },
  BucketName: Bucket,
  CorsConfiguration: {
    CorsRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'], ExposedHeaders: ['etag'], MaxAge: 60 }],
  },
  IntelligentTieringConfigurations: [
    { Id: 't', Status: 'Enabled', Tierings: [{ AccessTier: 'ARCHIVE_ACCESS', Days: 90 }] },
  ],
  InventoryConfigurations: [
    {
      ...{ Id: 'i', Enabled: true, IncludedObjectVersions: 'All', ScheduleFrequency: 'Daily' },
      Destination: { BucketArn: `arn:aws:s3:::${Bucket}`, Format: 'CSV' },
    },
  ],
  LifecycleConfiguration: {
    Rules: [{ Id: 'old', Status: 'Enabled', ExpirationInDays: 7, Prefix: 'tmp/', ObjectSizeGreaterThan: '10' }],
  },
  LoggingConfiguration: { LogFilePrefix: 'logs/' },
  MetricsConfigurations: [{ Id: 'm', Prefix: 'x' }],
  NotificationConfiguration: {
    EventBridgeConfiguration: { EventBridgeEnabled: true },
    QueueConfigurations: [
      {
        ...{ Event: 's3:ObjectCreated:*', Queue: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
        Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'in/' }] } },
      },
    ],
  },
  ObjectLockConfiguration: {
    ObjectLockEnabled: 'Enabled',
    Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
  },
  ObjectLockEnabled: true,
  OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
  PublicAccessBlockConfiguration: { BlockPublicAcls: false },
  ReplicationConfiguration: {
    Role: 'arn:aws:iam::111122223333:role/r',
    Rules: [
      { Id: 'r', Status: 'Enabled', Priority: 1, Filter: { Prefix: '' }, Destination: { Bucket: 'arn:aws:s3:::o' } },
    ],
  },
  Tags: [{ Key: 'team', Value: 'ringers' }],
  VersioningConfiguration: { Status: 'Enabled' },
  WebsiteConfiguration: { IndexDocument: 'index.html', ErrorDocument: 'error.html' },
};

const templateOf = (Properties: object, more: object = {}) =>
  JSON.stringify({ Resources: { Queue: QUEUE, Bucket: { Type: 'AWS::S3::Bucket', Properties }, ...more } });

async function settled(): Promise<string> {
  await engine.settle();
  const { StackEvents } = await engine.call('cloudformation', 'DescribeStackEvents', { StackName: 'bells' });
  const failed = StackEvents!.findLast(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'));
  return failed?.ResourceStatusReason ?? StackEvents![0]!.ResourceStatus!;
}

test('a bucket has all that its template says, and loses what the next one leaves out', async () => {
  const TemplateBody = templateOf(EVERYTHING);
  await engine.call('cloudformation', 'CreateStack', { StackName: 'bells', TemplateBody });
  expect(await settled()).toBe('CREATE_COMPLETE');
  const get = (operation: string, more: object = {}) =>
    engine.call('s3', operation as 'GetBucketCors', { Bucket, ...more });
  expect(await get('GetBucketLifecycleConfiguration')).toMatchObject({
    Rules: [{ ID: 'old', Filter: { And: { Prefix: 'tmp/', ObjectSizeGreaterThan: 10 } }, Expiration: { Days: 7 } }],
  });
  expect(await get('GetBucketCors')).toMatchObject({ CORSRules: [{ ExposeHeaders: ['etag'], MaxAgeSeconds: 60 }] });
  expect(await get('GetBucketNotificationConfiguration')).toMatchObject({
    QueueConfigurations: [{ QueueArn: 'arn:aws:sqs:eu-central-1:111122223333:inbox', Events: ['s3:ObjectCreated:*'] }],
    EventBridgeConfiguration: {},
  });
  expect(await get('GetBucketAnalyticsConfiguration', { Id: 'a' })).toMatchObject({
    AnalyticsConfiguration: { Filter: { And: { Prefix: 'x', Tags: [{ Key: 'k', Value: 'v' }] } } },
  });
  expect(await get('GetBucketAcl')).toMatchObject({
    Grants: [{}, { Permission: 'WRITE' }, { Permission: 'READ_ACP' }],
  });
  expect(await get('GetBucketLogging')).toMatchObject({
    LoggingEnabled: { TargetBucket: Bucket, TargetPrefix: 'logs/' },
  });
  const { BucketName, ObjectLockEnabled, OwnershipControls } = EVERYTHING;
  const less = { BucketName, ObjectLockEnabled, OwnershipControls, VersioningConfiguration: { Status: 'Enabled' } };
  await engine.call('cloudformation', 'UpdateStack', { StackName: 'bells', TemplateBody: templateOf(less) });
  expect(await settled()).toBe('UPDATE_COMPLETE');
  await expect(get('GetBucketCors')).rejects.toMatchObject({ code: 'NoSuchCORSConfiguration' });
  await expect(get('GetBucketMetricsConfiguration', { Id: 'm' })).rejects.toMatchObject({
    code: 'NoSuchConfiguration',
  });
  expect(await get('GetBucketNotificationConfiguration')).toEqual({});
});

test('a bucket tells its names, and one that is not empty stays', async () => {
  const attributes = ['Arn', 'DomainName', 'RegionalDomainName', 'DualStackDomainName', 'WebsiteURL'];
  const Policy = {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Bucket' },
      PolicyDocument: { Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' }] },
    },
  };
  const Outputs = Object.fromEntries(attributes.map((name) => [name, { Value: { 'Fn::GetAtt': ['Bucket', name] } }]));
  const template = { ...JSON.parse(templateOf({ BucketName: Bucket }, { Policy })), Outputs };
  const TemplateBody = JSON.stringify(template);
  await engine.call('cloudformation', 'CreateStack', { StackName: 'bells', TemplateBody });
  expect(await settled()).toBe('CREATE_COMPLETE');
  const { Stacks } = await engine.call('cloudformation', 'DescribeStacks', { StackName: 'bells' });
  const outputs = new Map(Stacks![0]!.Outputs!.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  expect(attributes.map((name) => outputs.get(name))).toEqual([
    `arn:aws:s3:::${Bucket}`,
    `${Bucket}.s3.amazonaws.com`,
    `${Bucket}.s3.eu-central-1.amazonaws.com`,
    `${Bucket}.s3.dualstack.eu-central-1.amazonaws.com`,
    `http://${Bucket}.s3-website.eu-central-1.amazonaws.com`,
  ]);
  await engine.call('s3', 'PutObject', { Bucket, Key: 'k', Body: 'x' });
  await engine.call('cloudformation', 'DeleteStack', { StackName: 'bells' });
  expect(await settled()).toContain('The bucket you tried to delete is not empty.');
});
