/*
 * The operations on topics.
 *
 * Words: SNS API Reference, CreateTopic and its neighbours.
 */
import { isDeepStrictEqual } from 'node:util';
import type {
  CreateTopicInput,
  CreateTopicResponse,
  DeleteTopicInput,
  ListTopicsInput,
  ListTopicsResponse,
} from '@aws-sdk/client-sns';
import { parseArn } from '../../kernel/arn.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { readDataProtectionPolicy } from './data-protection.ts';
import { checking, invalidParameter } from './errors.ts';
import { forgetRoutes } from './routes.ts';
import { removeSubscriptionsOf } from './subscription.ts';
import { checkTags } from './tags.ts';
import { ownerOf, type Topic, topicArn, topics } from './topic.ts';
import { checkTopicAttribute } from './topic-attributes.ts';

/** Topics and subscriptions come by the hundred (API Reference, ListTopics). */
export const PAGE = 100;

export function invalidToken() {
  return invalidParameter('NextToken Reason: Invalid or expired next token.');
}

/** Answers with the topic that is there already when it is the same. */
export function createTopic(ctx: Context, input: CreateTopicInput): CreateTopicResponse {
  const { Name: name, Attributes = {}, Tags, DataProtectionPolicy } = input;
  const { FifoTopic, ...attributes } = Attributes;
  const fifo = FifoTopic?.toLowerCase() === 'true';
  checkName(name!, fifo);
  checking('Attributes Reason: ', () => {
    for (const [key, value] of Object.entries(attributes)) checkTopicAttribute(key, value, fifo);
  });
  const tags = Object.fromEntries((Tags ?? []).map(({ Key, Value }) => [Key!, Value!]));
  checkTags(tags);
  const before = ctx.rows(topics).get(name!);
  if (before) checkSame(before, attributes, Tags && tags);
  else {
    const policy = DataProtectionPolicy && readDataProtectionPolicy(DataProtectionPolicy);
    const id = ctx.ids.hex(16);
    const topic: Topic = { id, fifo, attributes, tags, ...(policy && { dataProtectionPolicy: policy }) };
    ctx.rows(topics).put(name!, topic);
  }
  return { TopicArn: topicArn(ctx.scope, name!) };
}

/** A topic that is not there is deleted already. */
export function deleteTopic(ctx: Context, input: DeleteTopicInput): void {
  const owner = ownerOf(ctx, input.TopicArn!, 'TopicArn');
  const name = parseArn(input.TopicArn!)!.resource;
  if (!owner.rows(topics).delete(name)) return;
  removeSubscriptionsOf(owner, name);
  forgetRoutes(owner, name);
}

export function listTopics(ctx: Context, input: ListTopicsInput): ListTopicsResponse {
  const list = (after: string | undefined, limit: number) =>
    ctx.rows(topics).list({ ...(after !== undefined && { after }), limit });
  const { items, nextToken } = page(list, { token: input.NextToken, most: PAGE, invalid: invalidToken });
  return {
    Topics: items.map(([name]) => ({ TopicArn: topicArn(ctx.scope, name) })),
    ...(nextToken && { NextToken: nextToken }),
  };
}

function checkName(name: string, fifo: boolean): void {
  if (fifo && !/^[\w-]{1,251}\.fifo$/.test(name)) {
    throw invalidParameter(
      'Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.',
    );
  }
  if (!fifo && !/^[\w-]{1,256}$/.test(name)) throw invalidParameter('Topic Name');
}

/** Attributes that are left out may be any. */
function checkSame(topic: Topic, attributes: Topic['attributes'], tags: Topic['tags'] | undefined): void {
  if (Object.entries(attributes).some(([name, value]) => (topic.attributes[name] ?? '') !== value)) {
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  }
  if (tags && !isDeepStrictEqual({ ...topic.tags }, tags)) {
    throw invalidParameter('Tags Reason: Topic already exists with different tags');
  }
}
