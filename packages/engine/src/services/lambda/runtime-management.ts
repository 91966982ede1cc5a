/*
 * How a function's runtime is kept up to date. Carillon has one build of each runtime, so this is kept and shown alone.
 * Lambda API Reference, PutRuntimeManagementConfig.
 */
import type {
  GetRuntimeManagementConfigRequest,
  GetRuntimeManagementConfigResponse,
  PutRuntimeManagementConfigRequest,
  PutRuntimeManagementConfigResponse,
} from '@aws-sdk/client-lambda';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { findFunction, functionArn, invalidParameter, keyOf, LATEST } from './function.ts';

type Management = Required<Pick<PutRuntimeManagementConfigRequest, 'UpdateRuntimeOn'>> & {
  readonly RuntimeVersionArn?: string;
};

/** By `keyOf` what it is of. */
export const runtimeManagement = table<Management>('lambda.runtime-management');

export function putRuntimeManagementConfig(
  ctx: Context,
  input: PutRuntimeManagementConfigRequest,
): PutRuntimeManagementConfigResponse {
  const { name, qualifier = LATEST } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const { UpdateRuntimeOn, RuntimeVersionArn } = input;
  if (UpdateRuntimeOn === 'Manual' && !RuntimeVersionArn) {
    throw invalidParameter('RuntimeVersionArn must be provided when UpdateRuntimeOn is Manual.');
  }
  if (UpdateRuntimeOn !== 'Manual' && RuntimeVersionArn) {
    throw invalidParameter(`RuntimeVersionArn must not be provided when UpdateRuntimeOn is ${UpdateRuntimeOn}.`);
  }
  const management = { UpdateRuntimeOn: UpdateRuntimeOn!, ...(RuntimeVersionArn && { RuntimeVersionArn }) };
  ctx.rows(runtimeManagement).put(keyOf(name, qualifier), management);
  return { ...management, FunctionArn: functionArn(ctx.scope, name, qualifier) };
}

export function getRuntimeManagementConfig(
  ctx: Context,
  input: GetRuntimeManagementConfigRequest,
): GetRuntimeManagementConfigResponse {
  const { name, qualifier = LATEST } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const management = ctx.rows(runtimeManagement).get(keyOf(name, qualifier)) ?? { UpdateRuntimeOn: 'Auto' as const };
  return { ...management, FunctionArn: functionArn(ctx.scope, name, qualifier) };
}
