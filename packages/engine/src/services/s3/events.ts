/*
 * What happens to objects, told to whom the bucket's owner chose: functions, queues, topics and EventBridge.
 *
 * Shapes: Amazon S3 User Guide, "Event message structure" and "EventBridge event message structure". Events of one key
 * are put in order by their sequencers.
 */
import { isoMillis } from '../../kernel/clock.ts';
import { type Context, resource } from '../../kernel/service.ts';
import { type Bucket, bucketArn } from './bucket.ts';
import { wakeAfterChange } from './lifecycle-rules.ts';
import { writer } from './listing.ts';
import { hostId, notificationsOf, send, subscriptionsOf, wants } from './notifications.ts';
import type { Version } from './object.ts';

/** What EventBridge calls each type, and why it says that it happened. */
const ON_BUS = {
  'ObjectCreated:Put': ['Object Created', 'PutObject'],
  'ObjectCreated:Post': ['Object Created', 'POST Object'],
  'ObjectCreated:Copy': ['Object Created', 'CopyObject'],
  'ObjectCreated:CompleteMultipartUpload': ['Object Created', 'CompleteMultipartUpload'],
  'ObjectRemoved:Delete': ['Object Deleted', 'DeleteObject'],
  'ObjectRemoved:DeleteMarkerCreated': ['Object Deleted', 'DeleteObject'],
  'LifecycleExpiration:Delete': ['Object Deleted', 'Lifecycle Expiration'],
  'LifecycleExpiration:DeleteMarkerCreated': ['Object Deleted', 'Lifecycle Expiration'],
  'ObjectTagging:Put': ['Object Tags Added'],
  'ObjectTagging:Delete': ['Object Tags Deleted'],
  'ObjectAcl:Put': ['Object ACL Updated'],
} as const satisfies Record<string, readonly [type: string, reason?: string]>;

export type EventType = keyof typeof ON_BUS;

/** An object as it is, or was, when something happened to it. */
export interface Happening {
  readonly type: EventType;
  readonly bucketName: string;
  readonly key: string;
  readonly version: Pick<Version, 'versionId' | 'size' | 'etag'>;
}

const NO_BYTES_MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

/** Tells what has happened to an object, and has lifecycle rules look at it in time, with the change that it is told of. */
export function announce(ctx: Context, bucket: Bucket, happening: Happening): void {
  const { type, bucketName, key } = happening;
  wakeAfterChange(ctx, bucketName, bucket);
  const configuration = notificationsOf(bucket);
  const wanting = subscriptionsOf(configuration).filter((subscription) => wants(subscription, type, key));
  if (wanting.length === 0 && !configuration.EventBridgeConfiguration) return;
  const sequencer = ctx.use(sequencers)(ctx.now);
  const own = ctx.within({ account: bucket.account, region: bucket.region });
  for (const { Id, arn } of wanting) {
    send(own, bucketName, arn, JSON.stringify({ Records: [recordOf(ctx, bucket, happening, Id!, sequencer)] }));
  }
  if (configuration.EventBridgeConfiguration) toBus(own, ctx, bucket, happening, sequencer);
}

function recordOf(ctx: Context, bucket: Bucket, happening: Happening, configurationId: string, sequencer: string) {
  const { type, bucketName, key, version } = happening;
  const isGone = /^(ObjectRemoved|LifecycleExpiration):Delete$/.test(type);
  const isMarker = type.endsWith(':DeleteMarkerCreated');
  const isOrdered = /^Object(Created|Removed):/.test(type);
  return {
    eventVersion: isOrdered ? '2.1' : '2.3',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: isoMillis(ctx.now),
    eventName: type,
    userIdentity: { principalId: isByLifecycle(type) ? 's3.amazonaws.com' : `AWS:${ctx.scope.account}` },
    requestParameters: { sourceIPAddress: isByLifecycle(type) ? 's3.amazonaws.com' : SOURCE_ADDRESS },
    responseElements: { 'x-amz-request-id': ctx.requestId, 'x-amz-id-2': hostId(ctx) },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: bucketName,
        ownerIdentity: { principalId: `A${bucket.account}` },
        arn: bucketArn(bucketName),
      },
      object: {
        key: writer('url')(key),
        ...(!isGone && !isMarker && { size: version.size }),
        ...(!isGone && { eTag: isMarker ? NO_BYTES_MD5 : version.etag }),
        ...(bucket.versioning && { versionId: version.versionId }),
        sequencer,
      },
    },
  };
}

/** Clients are on this machine. */
const SOURCE_ADDRESS = '127.0.0.1';

function isByLifecycle(type: EventType): boolean {
  return type.startsWith('Lifecycle');
}

function toBus(own: Context, ctx: Context, bucket: Bucket, happening: Happening, sequencer: string): void {
  const { type, bucketName, key, version } = happening;
  const [detailType, reason]: readonly [string, string?] = ON_BUS[type];
  const isDeletion = detailType === 'Object Deleted';
  const isMarker = type.endsWith(':DeleteMarkerCreated');
  const detail = {
    version: '0',
    bucket: { name: bucketName },
    object: {
      key,
      ...(detailType === 'Object Created' && { size: version.size }),
      ...((!isDeletion || isMarker) && { etag: isMarker ? NO_BYTES_MD5 : version.etag }),
      ...(bucket.versioning && { 'version-id': version.versionId }),
      ...(reason !== undefined && { sequencer }),
    },
    'request-id': ctx.requestId,
    requester: isByLifecycle(type) ? 's3.amazonaws.com' : ctx.scope.account,
    ...(!isByLifecycle(type) && { 'source-ip-address': SOURCE_ADDRESS }),
    ...(reason !== undefined && { reason }),
    ...(isDeletion && { 'deletion-type': isMarker ? 'Delete Marker Created' : 'Permanently Deleted' }),
  };
  own.deliver({
    targetArn: `arn:aws:events:${bucket.region}:${bucket.account}:event-bus/default`,
    payload: JSON.stringify(detail),
    principal: 's3.amazonaws.com',
    sourceArn: bucketArn(bucketName),
    parameters: { source: 'aws.s3', detailType, resources: [bucketArn(bucketName)] },
  });
}

/** Makes hexadecimal numbers that grow from event to event, also within a millisecond. */
const sequencers = resource<(now: number) => string>({
  open() {
    let [last, count] = [0, 0];
    return (now) => {
      count = now === last ? count + 1 : 0;
      last = now;
      return `00${now.toString(16).padStart(11, '0')}${count.toString(16).padStart(5, '0')}`.toUpperCase();
    };
  },
  close: () => {},
});
