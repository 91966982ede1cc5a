/*
 * What AWS is to do when a function sets itself off through a queue or topic again and again. Carillon stops no loops:
 * the setting is kept and shown. Lambda API Reference, PutFunctionRecursionConfig.
 */
import type {
  GetFunctionRecursionConfigRequest,
  GetFunctionRecursionConfigResponse,
  PutFunctionRecursionConfigRequest,
  PutFunctionRecursionConfigResponse,
} from '@aws-sdk/client-lambda';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { findUnpublished, keyOf } from './function.ts';

/** By `keyOf` the function. */
export const recursion = table<'Allow' | 'Terminate'>('lambda.recursion');

export function putFunctionRecursionConfig(
  ctx: Context,
  input: PutFunctionRecursionConfigRequest,
): PutFunctionRecursionConfigResponse {
  const { name } = findUnpublished(ctx, input.FunctionName!);
  ctx.rows(recursion).put(keyOf(name), input.RecursiveLoop!);
  return { RecursiveLoop: input.RecursiveLoop };
}

export function getFunctionRecursionConfig(
  ctx: Context,
  input: GetFunctionRecursionConfigRequest,
): GetFunctionRecursionConfigResponse {
  const { name } = findUnpublished(ctx, input.FunctionName!);
  return { RecursiveLoop: ctx.rows(recursion).get(keyOf(name)) ?? 'Terminate' };
}
