/* Amazon SNS: topics that carry each message to all who have subscribed. */
import { defineService, waits } from '../../kernel/service.ts';
import { access } from './access.ts';
import { getDataProtectionPolicy, putDataProtectionPolicy } from './data-protection.ts';
import { addPermission, removePermission } from './permissions.ts';
import { POSTS, post } from './posts.ts';
import { acceptDelivery, publish, publishBatch } from './publishing.ts';
import { resources } from './resources.ts';
import { CERTIFICATE_PREFIX, signingKeyOf } from './signing-key.ts';
import { getSubscriptionAttributes, setSubscriptionAttributes } from './subscription-attributes.ts';
import {
  confirmSubscription,
  expire,
  listSubscriptions,
  listSubscriptionsByTopic,
  subscribe,
  unsubscribe,
} from './subscriptions.ts';
import { listTagsForResource, tagResource, untagResource } from './tags.ts';
import { getTopicAttributes, setTopicAttributes } from './topic-attributes.ts';
import { createTopic, deleteTopic, listTopics } from './topics.ts';

export const sns = defineService({
  name: 'sns',
  arnName: 'sns',
  access,
  resources,
  operations: {
    AddPermission: addPermission,
    ConfirmSubscription: confirmSubscription,
    CreateTopic: createTopic,
    DeleteTopic: deleteTopic,
    GetDataProtectionPolicy: getDataProtectionPolicy,
    GetSubscriptionAttributes: getSubscriptionAttributes,
    GetTopicAttributes: getTopicAttributes,
    ListSubscriptions: listSubscriptions,
    ListSubscriptionsByTopic: listSubscriptionsByTopic,
    ListTagsForResource: listTagsForResource,
    ListTopics: listTopics,
    Publish: publish,
    PublishBatch: publishBatch,
    PutDataProtectionPolicy: putDataProtectionPolicy,
    RemovePermission: removePermission,
    SetSubscriptionAttributes: setSubscriptionAttributes,
    SetTopicAttributes: setTopicAttributes,
    Subscribe: subscribe,
    TagResource: tagResource,
    Unsubscribe: unsubscribe,
    UntagResource: untagResource,
  },
  due: { expiry: expire, post: waits(post, POSTS) },
  accepts: { '': acceptDelivery },
  open: ['ConfirmSubscription', 'Unsubscribe'],
  web: {
    paths: [CERTIFICATE_PREFIX],
    async serve({ host }, { path }) {
      const { certificate, path: own } = signingKeyOf(host);
      return path === own ? { status: 200, body: certificate } : { status: 404, body: 'Not found\n' };
    },
  },
});
