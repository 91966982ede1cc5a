/*
 * What a topic is: its record, and how it is found by its ARN, be it of another account or region.
 */

import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { invalidParameter, notFound } from './errors.ts';

export interface Topic {
  /** A name that no other topic has, not even a later one that is called like this one. */
  readonly id: string;
  readonly fifo: boolean;
  /** What was set, as text; else the defaults hold. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly dataProtectionPolicy?: string;
}

/** By name. */
export const topics = table<Topic>('sns.topics');

/** A topic, and a context in the account and region that it is in. */
export interface FoundTopic {
  readonly ctx: Context;
  readonly name: string;
  readonly arn: string;
  readonly topic: Topic;
}

/** How many parts an ARN has at least. */
const ARN_PARTS = 6;

/** The topic of an ARN. Throws AWS's errors; `parameter` is what they call the ARN. */
export function findTopic(ctx: Context, arn: string, parameter = 'TopicArn'): FoundTopic {
  const scoped = ownerOf(ctx, arn, parameter);
  const name = parseArn(arn)!.resource;
  const topic = scoped.rows(topics).get(name);
  if (!topic) throw notFound('Topic');
  return { ctx: scoped, name, arn, topic };
}

/** The context in which the resource of an ARN is. */
export function ownerOf(ctx: Context, arn: string, parameter: string): Context {
  const parts = arn.split(':').length;
  if (parts < ARN_PARTS) {
    throw invalidParameter(`${parameter} Reason: An ARN must have at least ${ARN_PARTS} elements, not ${parts}`);
  }
  const { service, account, region } = parseArn(arn) ?? {};
  if (service !== 'sns' || !account || !region) throw invalidParameter(parameter);
  return account === ctx.scope.account && region === ctx.scope.region ? ctx : ctx.within({ account, region });
}

export function topicArn(scope: Scope, name: string): string {
  return formatArn('sns', scope, name);
}
