/* S3: notifications of a bucket of the same template, which is changed to send them. */
import { isList, isObject, type JsonObject, type Value } from '../../template/value.ts';
import type { Expansion } from '../expansion.ts';
import { properties } from '../properties.ts';
import { choice, compact, listOf, NO_VALUE, ref, resourceNamed } from '../values.ts';
import { addPermission, type EventSource, type EventType, faultOf } from './source.ts';

export const S3: EventType = {
  properties: properties('Bucket!:string Events! Filter'),
  expand(expansion, event) {
    const bucket = resourceNamed(event.values.Bucket);
    if (bucket === undefined || expansion.given.get(bucket)?.type !== 'AWS::S3::Bucket') {
      throw faultOf(event, 'S3 events must reference an S3 bucket in the same template.');
    }
    const account = ref('AWS::AccountId');
    const permission = addPermission(expansion, event, { principal: 's3.amazonaws.com', sourceAccount: account });
    addNotifications(expansion, event, bucket);
    waitForPermission(expansion, event, bucket, permission);
    const Tags = event.target.tags;
    if (Tags) expansion.change(bucket, (given) => ({ ...given, Tags }));
  },
};

function addNotifications(expansion: Expansion, { values, target }: EventSource, bucket: string): void {
  const { Condition } = target.attributes;
  const added = listOf(values.Events).map((Event) => {
    const notification = compact({ Event, Function: target.arn, Filter: values.Filter });
    return typeof Condition === 'string' ? choice(Condition, notification, NO_VALUE) : notification;
  });
  expansion.change(bucket, (given) => {
    const notifications = isObject(given.NotificationConfiguration) ? given.NotificationConfiguration : {};
    const present = listOf(notifications.LambdaConfigurations);
    const NotificationConfiguration = { ...notifications, LambdaConfigurations: [...present, ...added] };
    return { ...given, NotificationConfiguration };
  });
}

/** S3 asks the function when it is told to notify: the permission has to come first, if it comes at all. */
function waitForPermission(expansion: Expansion, { target }: EventSource, bucket: string, permission: string): void {
  const { Condition } = target.attributes;
  if (typeof Condition === 'string') {
    const Value = choice(Condition, ref(permission), 'no dependency');
    const tag: JsonObject = { Key: `sam:ConditionalDependsOn:${permission}`, Value };
    expansion.change(bucket, (given) => ({ ...given, Tags: [...(isList(given.Tags) ? given.Tags : []), tag] }));
    return;
  }
  const present: readonly Value[] = listOf(expansion.resources.get(bucket)!.DependsOn);
  expansion.change(bucket, (given) => given, { DependsOn: [permission, ...present] });
}
