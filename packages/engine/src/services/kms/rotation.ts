/*
 * Rotation of keys: whether and how often, as a record. The material stays what it is, which no client can tell.
 * https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
 */
import type {
  DisableKeyRotationRequest,
  EnableKeyRotationRequest,
  GetKeyRotationStatusRequest,
  GetKeyRotationStatusResponse,
} from '@aws-sdk/client-kms';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { find, keys } from './key.ts';
import { living } from './keys.ts';

const YEAR_DAYS = 365;
const DAY_MS = 24 * 3_600_000;

export function enableKeyRotation(ctx: Context, input: EnableKeyRotationRequest): void {
  const { id, arn, key } = living(ctx, input.KeyId!);
  if (key.state === 'Disabled') throw new AwsError('DisabledException', `${arn} is disabled.`);
  ctx.rows(keys).put(id, { ...key, rotation: { days: input.RotationPeriodInDays ?? YEAR_DAYS, since: ctx.now } });
}

export function disableKeyRotation(ctx: Context, { KeyId }: DisableKeyRotationRequest): void {
  const { id, arn, key } = living(ctx, KeyId!);
  if (key.state === 'Disabled') throw new AwsError('DisabledException', `${arn} is disabled.`);
  const { rotation: _, ...rest } = key;
  ctx.rows(keys).put(id, rest);
}

export function getKeyRotationStatus(
  ctx: Context,
  { KeyId }: GetKeyRotationStatusRequest,
): GetKeyRotationStatusResponse {
  const { arn, key } = find(ctx, KeyId!);
  const { rotation, state } = key;
  if (!rotation || state === 'PendingDeletion') return { KeyId: arn, KeyRotationEnabled: false };
  const { days, since } = rotation;
  const periods = Math.floor((ctx.now - since) / (days * DAY_MS)) + 1;
  const next = dateOf(since + periods * days * DAY_MS);
  return { KeyId: arn, KeyRotationEnabled: true, RotationPeriodInDays: days, NextRotationDate: next };
}
