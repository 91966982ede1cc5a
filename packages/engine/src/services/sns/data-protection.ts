/* Data protection policies: kept and told. They change nothing here. */
import type {
  GetDataProtectionPolicyInput,
  GetDataProtectionPolicyResponse,
  PutDataProtectionPolicyInput,
} from '@aws-sdk/client-sns';
import type { Context } from '../../kernel/service.ts';
import { checking, invalidParameter, readObject } from './errors.ts';
import { findTopic, topics } from './topic.ts';

/** In bytes (API Reference, PutDataProtectionPolicy). */
const LONGEST = 30_720;

export function putDataProtectionPolicy(ctx: Context, input: PutDataProtectionPolicyInput): void {
  const { ctx: owner, name, topic } = findTopic(ctx, input.ResourceArn!, 'ResourceArn');
  const { dataProtectionPolicy: _, ...rest } = topic;
  const policy = readDataProtectionPolicy(input.DataProtectionPolicy!);
  owner.rows(topics).put(name, { ...rest, ...(policy && { dataProtectionPolicy: policy }) });
}

export function getDataProtectionPolicy(
  ctx: Context,
  input: GetDataProtectionPolicyInput,
): GetDataProtectionPolicyResponse {
  const { topic } = findTopic(ctx, input.ResourceArn!, 'ResourceArn');
  return { DataProtectionPolicy: topic.dataProtectionPolicy ?? '' };
}

/** The policy's text; an empty one takes it away. */
export function readDataProtectionPolicy(text: string): string {
  if (Buffer.byteLength(text) > LONGEST) throw invalidParameter('DataProtectionPolicy Reason: The policy is too long.');
  if (text !== '') checking('', () => readObject('DataProtectionPolicy', text));
  return text;
}
