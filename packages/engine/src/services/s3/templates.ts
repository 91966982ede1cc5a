/*
 * Configurations of buckets as templates write them, in the form in which the API has them: the same things under other
 * names.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
 */
import { dateOf, parseMoment } from '../../kernel/clock.ts';
import type { Properties } from '../../kernel/service.ts';

/** A configuration of which a bucket has one. */
export interface Setting {
  /** The operation that puts it, and its member that holds it. */
  readonly put: string;
  readonly member: string;
  /** In the API's form. */
  write(value: Properties & string, bucket: string): unknown;
  /** What takes it away: an operation, or a value to put. */
  readonly delete?: string;
  readonly without?: unknown;
  /** How it is read back, where that tells more than what was written. */
  readonly read?: { readonly operation: string; from(answer: Properties): unknown };
}

const same = (value: Properties) => value;

/** By property, in the order in which they are put: some need others. */
export const SINGLE: Readonly<Record<string, Setting>> = {
  Tags: {
    put: 'PutBucketTagging',
    member: 'Tagging',
    write: (tags) => ({ TagSet: tags }),
    delete: 'DeleteBucketTagging',
    read: { operation: 'GetBucketTagging', from: ({ TagSet }) => TagSet },
  },
  VersioningConfiguration: {
    put: 'PutBucketVersioning',
    member: 'VersioningConfiguration',
    write: same,
    without: { Status: 'Suspended' },
    read: { operation: 'GetBucketVersioning', from: ({ Status }) => Status && { Status } },
  },
  ObjectLockConfiguration: {
    put: 'PutObjectLockConfiguration',
    member: 'ObjectLockConfiguration',
    write: (value: Properties) => ({ ObjectLockEnabled: 'Enabled', ...value }),
    without: { ObjectLockEnabled: 'Enabled' },
  },
  PublicAccessBlockConfiguration: {
    put: 'PutPublicAccessBlock',
    member: 'PublicAccessBlockConfiguration',
    write: same,
    delete: 'DeletePublicAccessBlock',
    read: { operation: 'GetPublicAccessBlock', from: (answer) => answer.PublicAccessBlockConfiguration },
  },
  OwnershipControls: {
    put: 'PutBucketOwnershipControls',
    member: 'OwnershipControls',
    write: same,
    delete: 'DeleteBucketOwnershipControls',
    read: { operation: 'GetBucketOwnershipControls', from: ({ OwnershipControls }) => OwnershipControls },
  },
  AccessControl: {
    put: 'PutBucketAcl',
    member: 'ACL',
    write: (name: string) => name.replace(/\B[A-Z]/g, '-$&').toLowerCase(),
    without: 'private',
  },
  AbacStatus: {
    put: 'PutBucketAbac',
    member: 'AbacStatus',
    write: (Status: string) => ({ Status }),
    without: { Status: 'Disabled' },
  },
  AccelerateConfiguration: {
    put: 'PutBucketAccelerateConfiguration',
    member: 'AccelerateConfiguration',
    write: ({ AccelerationStatus }) => ({ Status: AccelerationStatus }),
    without: { Status: 'Suspended' },
  },
  BucketEncryption: {
    put: 'PutBucketEncryption',
    member: 'ServerSideEncryptionConfiguration',
    write: encryption,
    delete: 'DeleteBucketEncryption',
  },
  CorsConfiguration: {
    put: 'PutBucketCors',
    member: 'CORSConfiguration',
    write: ({ CorsRules }) => ({ CORSRules: CorsRules.map(corsRule) }),
    delete: 'DeleteBucketCors',
  },
  LifecycleConfiguration: {
    put: 'PutBucketLifecycleConfiguration',
    member: 'LifecycleConfiguration',
    write: ({ Rules }) => ({ Rules: Rules.map(lifecycleRule) }),
    delete: 'DeleteBucketLifecycle',
  },
  LoggingConfiguration: {
    put: 'PutBucketLogging',
    member: 'BucketLoggingStatus',
    write: logging,
    without: {},
  },
  NotificationConfiguration: {
    put: 'PutBucketNotificationConfiguration',
    member: 'NotificationConfiguration',
    write: notification,
    without: {},
  },
  ReplicationConfiguration: {
    put: 'PutBucketReplication',
    member: 'ReplicationConfiguration',
    write: ({ Role, Rules }) => ({ Role, Rules: Rules.map(replicationRule) }),
    delete: 'DeleteBucketReplication',
  },
  WebsiteConfiguration: {
    put: 'PutBucketWebsite',
    member: 'WebsiteConfiguration',
    write: website,
    delete: 'DeleteBucketWebsite',
  },
};

/** Configurations of which a bucket has several, each with an id. */
export const SEVERAL: Readonly<Record<string, { readonly kind: string; write(value: Properties): unknown }>> = {
  AnalyticsConfigurations: { kind: 'Analytics', write: analytics },
  IntelligentTieringConfigurations: { kind: 'IntelligentTiering', write: filtered },
  InventoryConfigurations: { kind: 'Inventory', write: inventory },
  MetricsConfigurations: { kind: 'Metrics', write: filtered },
};

/** By their ids. */
export function configurationsOf(list: readonly Properties[] = []): Map<string, Properties> {
  return new Map(list.map((value) => [value.Id as string, value]));
}

/** Without what is undefined. */
function given(members: Properties): Properties {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** Conditions of a rule: one stands alone, several stand together. */
function filterOf(conditions: Properties): Properties | undefined {
  const { Tags = [], ...others } = given(conditions);
  const count = Tags.length + Object.keys(others).length;
  if (count === 0) return undefined;
  if (count === 1) return Tags.length === 1 ? { Tag: Tags[0] } : others;
  return { And: { ...others, ...(Tags.length > 0 && { Tags }) } };
}

function filtered({ Prefix, TagFilters: Tags, AccessPointArn, ...others }: Properties): Properties {
  return given({ ...others, Filter: filterOf({ Prefix, Tags, AccessPointArn }) });
}

function destination({ BucketAccountId, BucketArn, Format, Prefix }: Properties): Properties {
  return { S3BucketDestination: given({ AccountId: BucketAccountId, Bucket: BucketArn, Format, Prefix }) };
}

function analytics({ StorageClassAnalysis: { DataExport }, ...others }: Properties): Properties {
  const exported = DataExport && { ...DataExport, Destination: destination(DataExport.Destination) };
  return { ...filtered(others), StorageClassAnalysis: given({ DataExport: exported }) };
}

function inventory({ Destination, Enabled, Prefix, ScheduleFrequency, ...others }: Properties): Properties {
  return {
    ...others,
    Destination: destination(Destination),
    IsEnabled: Enabled,
    ...(Prefix !== undefined && { Filter: { Prefix } }),
    Schedule: { Frequency: ScheduleFrequency },
  };
}

function encryption({ ServerSideEncryptionConfiguration }: Properties): Properties {
  const rules = (ServerSideEncryptionConfiguration as readonly Properties[]).map(
    ({ ServerSideEncryptionByDefault, ...others }) =>
      given({ ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault, ...others }),
  );
  return { Rules: rules };
}

function corsRule({ Id: ID, ExposedHeaders: ExposeHeaders, MaxAge: MaxAgeSeconds, ...others }: Properties) {
  return given({ ...others, ID, ExposeHeaders, MaxAgeSeconds });
}

function lifecycleRule(rule: Properties): Properties {
  const { ExpirationInDays: Days, ExpirationDate, ExpiredObjectDeleteMarker } = rule;
  const expiration = given({ Days, Date: momentOf(ExpirationDate), ExpiredObjectDeleteMarker });
  const days = rule.NoncurrentVersionExpirationInDays;
  const noncurrent = rule.NoncurrentVersionExpiration ?? (days === undefined ? undefined : { NoncurrentDays: days });
  const Filter = filterOf({
    Prefix: rule.Prefix,
    Tags: rule.TagFilters,
    ObjectSizeGreaterThan: numberOf(rule.ObjectSizeGreaterThan),
    ObjectSizeLessThan: numberOf(rule.ObjectSizeLessThan),
  });
  return given({
    ID: rule.Id,
    Status: rule.Status,
    Filter: Filter ?? { Prefix: '' },
    Expiration: Object.keys(expiration).length > 0 ? expiration : undefined,
    Transitions: listOf(rule.Transitions, rule.Transition)?.map(({ TransitionDate, TransitionInDays, StorageClass }) =>
      given({ Date: momentOf(TransitionDate), Days: TransitionInDays, StorageClass }),
    ),
    NoncurrentVersionExpiration: noncurrent,
    NoncurrentVersionTransitions: listOf(rule.NoncurrentVersionTransitions, rule.NoncurrentVersionTransition)?.map(
      ({ TransitionInDays, ...others }) => ({ NoncurrentDays: TransitionInDays, ...others }),
    ),
    AbortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload,
  });
}

const momentOf = (text: string | undefined) => (text === undefined ? undefined : dateOf(parseMoment(text)));
const numberOf = (value: string | number | undefined) => (value === undefined ? undefined : Number(value));

/** Templates may write a list, or its one item. */
function listOf(list: readonly Properties[] | undefined, item: Properties | undefined): Properties[] | undefined {
  const all = [...(list ?? []), ...(item ? [item] : [])];
  return all.length > 0 ? all : undefined;
}

function logging({ DestinationBucketName, LogFilePrefix = '', TargetObjectKeyFormat }: Properties, bucket: string) {
  const TargetBucket = DestinationBucketName ?? bucket;
  return { LoggingEnabled: given({ TargetBucket, TargetPrefix: LogFilePrefix, TargetObjectKeyFormat }) };
}

function notification(value: Properties): Properties {
  const { EventBridgeConfiguration: bridge } = value;
  const entries = (list: readonly Properties[] | undefined, from: string, to: string) =>
    list?.map(({ Event, Filter, [from]: target }) =>
      given({
        [to]: target,
        Events: [Event],
        Filter: Filter && { Key: { FilterRules: Filter.S3Key.Rules } },
      }),
    );
  return given({
    LambdaFunctionConfigurations: entries(value.LambdaConfigurations, 'Function', 'LambdaFunctionArn'),
    QueueConfigurations: entries(value.QueueConfigurations, 'Queue', 'QueueArn'),
    TopicConfigurations: entries(value.TopicConfigurations, 'Topic', 'TopicArn'),
    EventBridgeConfiguration: bridge && bridge.EventBridgeEnabled !== false ? {} : undefined,
  });
}

function replicationRule({ Id: ID, Filter, ...others }: Properties): Properties {
  const { And, TagFilter: Tag, Prefix } = Filter ?? {};
  const both = And && given({ Prefix: And.Prefix, Tags: And.TagFilters });
  return given({ ...others, ID, Filter: Filter && given({ Prefix, Tag, And: both }) });
}

function website({ IndexDocument, ErrorDocument, RoutingRules, RedirectAllRequestsTo }: Properties): Properties {
  return given({
    IndexDocument: IndexDocument && { Suffix: IndexDocument },
    ErrorDocument: ErrorDocument && { Key: ErrorDocument },
    RedirectAllRequestsTo,
    RoutingRules: RoutingRules?.map(({ RedirectRule, RoutingRuleCondition }: Properties) =>
      given({ Redirect: RedirectRule, Condition: RoutingRuleCondition }),
    ),
  });
}
