/*
 * AWS::Lambda::Version and AWS::Lambda::Alias.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-alias.html
 */
import { AwsError } from '../../kernel/errors.ts';
import { everyPage, pick, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';
import { LATEST } from './function.ts';

type Call = ResourceContext['call'];

/** A function's ARN, and the version or alias after it. */
const partsOf = (arn: string): [functionArn: string, qualifier: string] => {
  const end = arn.lastIndexOf(':');
  return [arn.slice(0, end), arn.slice(end + 1)];
};

export const version: ResourceType = {
  properties: ['CodeSha256', 'Description', 'FunctionName', 'RuntimePolicy'],
  async create({ call, resumed }, { FunctionName, CodeSha256, Description, RuntimePolicy }) {
    const before = (await versionsOf(call, FunctionName)).map(({ Version }) => Version);
    const made = await call('lambda', 'PublishVersion', { FunctionName, CodeSha256, Description });
    if (before.includes(made.Version) && !resumed) {
      const advice = 'Modify the function to create a new version.';
      throw new AwsError(
        'ResourceAlreadyExists',
        `A version for this Lambda function exists ( ${made.Version} ). ${advice}`,
      );
    }
    const [name, Qualifier] = partsOf(made.FunctionArn!);
    if (RuntimePolicy) {
      const { UpdateRuntimeOn, RuntimeVersionArn } = RuntimePolicy;
      const request = { FunctionName: name, Qualifier, UpdateRuntimeOn, RuntimeVersionArn };
      await call('lambda', 'PutRuntimeManagementConfig', request);
    }
    return made.FunctionArn!;
  },
  async delete({ call }, { physicalId }) {
    const [FunctionName, Qualifier] = partsOf(physicalId);
    await unlessGone(call('lambda', 'DeleteFunction', { FunctionName, Qualifier }));
  },
  async read({ call }, { physicalId: FunctionArn, properties }) {
    const [FunctionName, Qualifier] = partsOf(FunctionArn);
    const found = await unlessGone(call('lambda', 'GetFunctionConfiguration', { FunctionName, Qualifier }));
    if (!found) return undefined;
    const { Version, CodeSha256, Description } = found;
    return {
      ...{ FunctionArn, Version, CodeSha256, Description, FunctionName: found.FunctionName },
      ...pick(properties, ['FunctionName', 'RuntimePolicy']),
    };
  },
  async list({ call }) {
    const functions = await everyPage(
      (Marker) => call('lambda', 'ListFunctions', { Marker }),
      ({ Functions }) => Functions,
    );
    const versions = await Promise.all(functions.map(({ FunctionName }) => versionsOf(call, FunctionName!)));
    return versions
      .flat()
      .filter(({ Version }) => Version !== LATEST)
      .map(({ FunctionArn }) => ({ FunctionArn }));
  },
};

function versionsOf(call: Call, FunctionName: string) {
  return everyPage(
    (Marker) => call('lambda', 'ListVersionsByFunction', { FunctionName, Marker }),
    ({ Versions }) => Versions,
  );
}

export const alias: ResourceType = {
  properties: ['Description', 'FunctionName', 'FunctionVersion', 'Name', 'RoutingConfig'],
  async find({ call }, { FunctionName, Name }) {
    return (await unlessGone(call('lambda', 'GetAlias', { FunctionName, Name })))?.AliasArn;
  },
  async create({ call }, { FunctionName, Name, ...properties }) {
    return (await call('lambda', 'CreateAlias', { FunctionName, Name, ...settingsOf(properties) })).AliasArn!;
  },
  async update({ call }, { physicalId }, properties) {
    const [FunctionName, Name] = partsOf(physicalId);
    await call('lambda', 'UpdateAlias', { FunctionName, Name, ...settingsOf(properties) });
  },
  async delete({ call }, { physicalId }) {
    const [FunctionName, Name] = partsOf(physicalId);
    await unlessGone(call('lambda', 'DeleteAlias', { FunctionName, Name }));
  },
  async read({ call }, { physicalId: AliasArn, properties }) {
    const [FunctionName, Name] = partsOf(AliasArn);
    const found = await unlessGone(call('lambda', 'GetAlias', { FunctionName, Name }));
    if (!found) return undefined;
    const weights = Object.entries(found.RoutingConfig?.AdditionalVersionWeights ?? {});
    const AdditionalVersionWeights = weights.map(([FunctionVersion, FunctionWeight]) => ({
      ...{ FunctionVersion, FunctionWeight },
    }));
    return {
      ...{ AliasArn, Name, FunctionName: properties.FunctionName ?? FunctionName },
      ...pick(found, ['Description', 'FunctionVersion']),
      ...(weights.length > 0 && { RoutingConfig: { AdditionalVersionWeights } }),
    };
  },
};

/** All settings: what is left out of an update would stay as it was. */
function settingsOf({ Description = '', FunctionVersion, RoutingConfig }: Properties) {
  const weights: Properties[] = RoutingConfig?.AdditionalVersionWeights ?? [];
  const AdditionalVersionWeights: Record<string, number> = Object.fromEntries(
    weights.map((weight) => [weight.FunctionVersion, weight.FunctionWeight]),
  );
  return { Description, FunctionVersion: FunctionVersion as string, RoutingConfig: { AdditionalVersionWeights } };
}
