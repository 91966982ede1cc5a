/*
 * Putting parameters and taking them away.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
import type {
  DeleteParameterRequest,
  DeleteParameterResult,
  DeleteParametersRequest,
  DeleteParametersResult,
  PutParameterRequest,
  PutParameterResult,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, DueWork } from '../../kernel/service.ts';
import { compilePattern, TemplateError } from '../../languages/template/index.ts';
import { invalid } from './errors.ts';
import { checkName } from './names.ts';
import {
  findParameter,
  labelsOf,
  type Parameter,
  parameters,
  type Version,
  versionKey,
  versions,
} from './parameter.ts';
import { forgetExpiry, readPolicies, scheduleExpiry } from './policies.ts';
import { mergeTags } from './tags.ts';

/** Parameters of the standard tier, in an account and region. */
const MOST_STANDARD = 10_000;
const MOST_ADVANCED = 100_000;
const MOST_VERSIONS = 100;
/** Bytes of a value, by its tier. */
const LARGEST = { Standard: 4_096, Advanced: 8_192 };
const DEFAULT_KEY = 'alias/aws/ssm';
const TYPES = ['String', 'StringList', 'SecureString'];
const DATA_TYPES = ['text', 'aws:ec2:image', 'aws:ssm:integration'];

type Tier = Version['tier'];

export function putParameter(ctx: Context, input: PutParameterRequest): PutParameterResult {
  const name = input.Name!;
  checkName(ctx.scope, name);
  const parameter = ctx.rows(parameters).get(name);
  if (parameter && !input.Overwrite) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  if (input.Overwrite && input.Tags?.length) {
    throw invalid(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
  const before = parameter && ctx.rows(versions).get(versionKey(name, parameter.latest))!;
  const version = versionOf(ctx, input, before);
  const number = (parameter?.latest ?? 0) + 1;
  const kept = parameter ? makeRoom(ctx, name, parameter) : undefined;
  ctx.rows(versions).put(versionKey(name, number), version);
  ctx.rows(parameters).put(name, {
    oldest: kept?.oldest ?? number,
    latest: number,
    labels: kept?.labels ?? {},
    tags: kept?.tags ?? mergeTags({}, input.Tags ?? []),
  });
  scheduleExpiry(ctx, name, version.policies);
  return { Version: number, Tier: version.tier };
}

export function deleteParameter(ctx: Context, { Name }: DeleteParameterRequest): DeleteParameterResult {
  remove(ctx, findParameter(ctx, Name!));
  return {};
}

export function deleteParameters(ctx: Context, { Names }: DeleteParametersRequest): DeleteParametersResult {
  const [DeletedParameters, InvalidParameters]: [string[], string[]] = [[], []];
  for (const name of new Set(Names!)) {
    if (ctx.rows(parameters).has(name)) {
      remove(ctx, findParameter(ctx, name));
      DeletedParameters.push(name);
    } else InvalidParameters.push(name);
  }
  return { DeletedParameters, InvalidParameters };
}

/** Due work: a parameter has expired. */
export function expire(ctx: Context, work: DueWork): void {
  const parameter = ctx.rows(parameters).get(work.id);
  if (parameter) remove(ctx, { name: work.id, parameter });
}

function remove(ctx: Context, { name, parameter }: { name: string; parameter: Parameter }): void {
  for (let number = parameter.oldest; number <= parameter.latest; number++) {
    ctx.rows(versions).delete(versionKey(name, number));
  }
  ctx.rows(parameters).delete(name);
  forgetExpiry(ctx, name);
}

/** The version that a request makes after another. Throws AWS's error for one that cannot be. */
function versionOf(ctx: Context, input: PutParameterRequest, before: Version | undefined): Version {
  const { Description: description, AllowedPattern: allowedPattern, DataType: dataType = 'text' } = input;
  const value = input.Value!;
  const type = input.Type ?? before?.type;
  if (type === undefined) throw invalid('A parameter type is required when you create a parameter.');
  if (!TYPES.includes(type))
    throw new AwsError('UnsupportedParameterType', `The parameter type ${type} is not supported.`);
  checkValue(value);
  if (allowedPattern) checkPattern(allowedPattern, value);
  if (!DATA_TYPES.includes(dataType)) {
    throw invalid(`The following data type is not supported: ${dataType} (Data type names are all lowercase.)`);
  }
  if (dataType === 'aws:ec2:image' && (type !== 'String' || !/^ami-[0-9a-f]{8}([0-9a-f]{9})?$/.test(value))) {
    throw invalid(
      `A parameter of the data type ${dataType} is a String that holds the id of an image: ami-12345abcdeEXAMPLE.`,
    );
  }
  if (input.KeyId !== undefined && type !== 'SecureString') {
    throw invalid('KeyId is required for SecureString type parameter only.');
  }
  const policies = input.Policies === undefined ? (before?.policies ?? []) : readPolicies(input.Policies);
  const tier = tierOf(ctx, input, before, policies);
  return {
    ...{ type, value, tier, policies, dataType },
    ...(type === 'SecureString' && { keyId: input.KeyId ?? DEFAULT_KEY }),
    ...(description !== undefined && { description }),
    ...(allowedPattern && { allowedPattern }),
    modifiedAt: ctx.now,
    modifiedBy: ctx.caller.roleArn ?? `arn:aws:iam::${ctx.scope.account}:root`,
  };
}

function checkValue(value: string): void {
  if (value === '') {
    throw invalid(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  }
  if (/\{\{.*\}\}/s.test(value)) {
    throw invalid('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
  }
}

function checkPattern(pattern: string, value: string): void {
  try {
    if (compilePattern(pattern)([value])) return;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new AwsError(
      'InvalidAllowedPatternException',
      `The request does not meet the regular expression requirement: ${pattern}`,
    );
  }
  throw new AwsError(
    'ParameterPatternMismatchException',
    `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
  );
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
function tierOf(
  ctx: Context,
  input: PutParameterRequest,
  before: Version | undefined,
  policies: readonly string[],
): Tier {
  const bytes = Buffer.byteLength(input.Value!);
  if (input.Tier === 'Standard' && before?.tier === 'Advanced') {
    throw invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  }
  const count = before ? 0 : ctx.rows(parameters).size;
  const needed = bytes > LARGEST.Standard || policies.length > 0 || count >= MOST_STANDARD;
  const wanted = input.Tier === 'Intelligent-Tiering' ? (needed ? 'Advanced' : 'Standard') : (input.Tier ?? 'Standard');
  const tier = before?.tier === 'Advanced' ? 'Advanced' : wanted;
  if (bytes > LARGEST[tier]) {
    const advice =
      ' To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html';
    throw invalid(
      `${tier} tier parameters support a maximum parameter value of ${LARGEST[tier]} characters.${tier === 'Standard' ? advice : ''}`,
    );
  }
  if (policies.length > 0 && tier === 'Standard') {
    throw invalid('Parameter policies can be attached to parameters of the advanced-parameter tier only.');
  }
  if (count >= (tier === 'Standard' ? MOST_STANDARD : MOST_ADVANCED)) {
    throw new AwsError('ParameterLimitExceeded', 'You have exceeded the number of parameters for this AWS account.');
  }
  return tier;
}

/** Lets the oldest version go where there is no room for another; one with a label has to stay. */
function makeRoom(ctx: Context, name: string, parameter: Parameter): Parameter {
  const { oldest, latest } = parameter;
  if (latest - oldest + 1 < MOST_VERSIONS) return parameter;
  if (labelsOf(parameter, oldest).length > 0) {
    throw new AwsError(
      'ParameterMaxVersionLimitExceeded',
      `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  }
  ctx.rows(versions).delete(versionKey(name, oldest));
  return { ...parameter, oldest: oldest + 1 };
}
