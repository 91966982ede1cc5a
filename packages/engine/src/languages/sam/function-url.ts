/* FunctionUrlConfig: the function's URL and, where anyone may call it, the permissions that say so. */
import { isObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import type { Expansion } from './expansion.ts';
import type { FunctionDraft } from './function-draft.ts';
import { isFunction, ref } from './values.ts';

const CORS = ['AllowOrigins', 'AllowMethods', 'AllowCredentials', 'AllowHeaders', 'ExposeHeaders', 'MaxAge'];

export function addFunctionUrl(expansion: Expansion, { id, values, attributes, alias }: FunctionDraft): void {
  const config = values.FunctionUrlConfig;
  if (!isObject(config)) return;
  const { AuthType, Cors, InvokeMode } = config;
  checkAuthType(id, AuthType);
  checkCors(id, Cors);
  const target = ref(alias ?? id);
  const url = { TargetFunctionArn: target, AuthType, Cors, InvokeMode };
  expansion.add(`${id}Url`, 'AWS::Lambda::Url', url, attributes);
  if (AuthType !== 'NONE') return;
  const permission = { FunctionName: target, Principal: '*' };
  const ofUrl = { ...permission, Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: AuthType };
  expansion.add(`${id}UrlPublicPermissions`, 'AWS::Lambda::Permission', ofUrl, attributes);
  const ofFunction = { ...permission, Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true };
  expansion.add(`${id}URLInvokeAllowPublicAccess`, 'AWS::Lambda::Permission', ofFunction, attributes);
}

function checkAuthType(id: string, type: Value | undefined): void {
  if (type === 'NONE' || type === 'AWS_IAM' || isFunction(type)) return;
  const words =
    'AuthType is required to configure function property `FunctionUrlConfig`. Please provide either AWS_IAM or NONE.';
  throw SamFault.ofResource(id, words);
}

function checkCors(id: string, cors: Value | undefined): void {
  if (cors === undefined || isFunction(cors)) return;
  if (!isObject(cors)) {
    throw SamFault.ofResource(id, "Property 'FunctionUrlConfig.Cors' should be a map.");
  }
  const unknown = Object.keys(cors).find((name) => !CORS.includes(name));
  if (unknown !== undefined) {
    throw SamFault.ofResource(id, `${unknown} is not a valid property for configuring Cors.`);
  }
}
