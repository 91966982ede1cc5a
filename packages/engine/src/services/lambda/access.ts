/*
 * What callers of Lambda have to be allowed, and what a function's own policy says.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */

import type { AccessRules, Caller, Trust } from '../../kernel/access.ts';
import { type Arn, formatArn, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import { policyOf } from './permissions.ts';

/** Condition keys of calls that come through a function's URL. */
const VIA_URL = 'lambda:InvokedViaFunctionUrl';
const URL_AUTH_TYPE = 'lambda:FunctionUrlAuthType';

/** Who calls through a URL: the one who signed, where the URL asks for that, else nobody. */
export function callerByUrl(authType: string, signer: Caller | undefined): Caller {
  return { ...(signer ?? { anonymous: true }), conditions: { [VIA_URL]: 'true', [URL_AUTH_TYPE]: authType } };
}

export const access: AccessRules = {
  prefix: 'lambda',
  actions: {
    Invoke: 'InvokeFunction',
    InvokeAsync: 'InvokeFunction',
    InvokeWithResponseStream: 'InvokeFunction',
    GetLayerVersionByArn: 'GetLayerVersion',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html: both, for URLs made since October 2025.
  alsoNeeds: (operation, { conditions }) =>
    operation === 'Invoke' && conditions?.[VIA_URL] !== undefined ? ['InvokeFunctionUrl'] : [],
  resourcesOf(input, scope, operation) {
    if (input.FunctionName !== undefined && !/EventSourceMapping/.test(operation)) {
      return [functionArn(input.FunctionName, input.Qualifier, scope)];
    }
    if (input.LayerName !== undefined) return [layerArn(input.LayerName, input.VersionNumber, scope)];
    if (input.UUID !== undefined) return [formatArn('lambda', scope, `event-source-mapping:${input.UUID}`)];
    return [input.Resource ?? input.Arn ?? '*'];
  },
  deliveries: { function: { action: 'InvokeFunction' } },
  policyOf,
  grant,
  trusts: {
    CreateFunction: ({ Role }) => trustsOf(Role),
    UpdateFunctionConfiguration: ({ Role }) => trustsOf(Role),
  },
};

/** Statement ids have no dots or slashes, as names of resources may. */
function grant({ resource }: Arn, action: string, principal: string, sourceArn: string): string {
  const [, name, qualifier] = resource.split(':');
  const id = sourceArn
    .split(/[:/]/)
    .at(-1)!
    .replace(/[^\w-]/g, '-');
  const of = qualifier === undefined ? `--function-name ${name}` : `--function-name ${name} --qualifier ${qualifier}`;
  const statement = `--statement-id ${id} --action ${action} --principal ${principal} --source-arn ${sourceArn}`;
  return `aws lambda add-permission ${of} ${statement}`;
}

/** Of a name in any of the forms that Lambda takes: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
function functionArn(given: string, qualifier: string | undefined, scope: Scope): string {
  const [, region = scope.region, account = scope.account, name = given, suffix = qualifier] =
    /^(?:(?:arn:[^:]+:lambda:([^:]+):)?(?:(\d{12}):)?function:)?([^:]+)(?::([^:]+))?$/.exec(given) ?? [];
  return formatArn('lambda', { region, account }, `function:${name}${suffix === undefined ? '' : `:${suffix}`}`);
}

function layerArn(given: string, version: number | undefined, scope: Scope): string {
  const arn = given.startsWith('arn:') ? given : formatArn('lambda', scope, `layer:${given}`);
  return version === undefined ? arn : `${arn}:${version}`;
}

function trustsOf(role: unknown): Trust[] {
  if (typeof role !== 'string') return [];
  const message = 'The role defined for the function cannot be assumed by Lambda.';
  const refusal = new AwsError('InvalidParameterValueException', message, { members: { Type: 'User' } });
  return [{ roleArn: role, principal: 'lambda.amazonaws.com', refusal }];
}
