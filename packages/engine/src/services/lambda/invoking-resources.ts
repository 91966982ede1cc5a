/*
 * AWS::Lambda::EventInvokeConfig and AWS::Lambda::Url.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html
 */
import type { FunctionUrlAuthType, InvokeMode } from '@aws-sdk/client-lambda';
import { pick, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceType } from '../../kernel/service.ts';

const SETTINGS = ['DestinationConfig', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts'] as const;

const idOf = ({ FunctionName, Qualifier }: Properties) => `${FunctionName}|${Qualifier}`;

function namedBy(physicalId: string): { FunctionName: string; Qualifier: string } {
  const [FunctionName, Qualifier] = physicalId.split('|') as [string, string];
  return { FunctionName, Qualifier };
}

export const eventInvokeConfig: ResourceType = {
  properties: ['FunctionName', 'Qualifier', ...SETTINGS],
  physicalId: idOf,
  async find({ call }, { FunctionName, Qualifier }) {
    const found = await unlessGone(call('lambda', 'GetFunctionEventInvokeConfig', { FunctionName, Qualifier }));
    return found && idOf({ FunctionName, Qualifier });
  },
  async create({ call }, properties) {
    const { FunctionName, Qualifier } = properties;
    const request = { FunctionName, Qualifier, ...pick(properties, [...SETTINGS]) };
    await call('lambda', 'PutFunctionEventInvokeConfig', request);
    return idOf(properties);
  },
  async update({ call }, { physicalId }, properties) {
    await call('lambda', 'PutFunctionEventInvokeConfig', {
      ...namedBy(physicalId),
      ...pick(properties, [...SETTINGS]),
    });
  },
  async delete({ call }, { physicalId }) {
    await unlessGone(call('lambda', 'DeleteFunctionEventInvokeConfig', namedBy(physicalId)));
  },
  async read({ call }, { physicalId }) {
    const found = await unlessGone(call('lambda', 'GetFunctionEventInvokeConfig', namedBy(physicalId)));
    return found && { ...namedBy(physicalId), ...pick(found, [...SETTINGS]) };
  },
};

export const url: ResourceType = {
  properties: ['AuthType', 'Cors', 'InvokeMode', 'Qualifier', 'TargetFunctionArn'],
  async find({ call }, { TargetFunctionArn: FunctionName, Qualifier }) {
    return (await unlessGone(call('lambda', 'GetFunctionUrlConfig', { FunctionName, Qualifier })))?.FunctionArn;
  },
  async create({ call }, { TargetFunctionArn: FunctionName, Qualifier, AuthType, Cors, InvokeMode }) {
    const request = { FunctionName, Qualifier, AuthType, Cors, InvokeMode };
    return (await call('lambda', 'CreateFunctionUrlConfig', request)).FunctionArn!;
  },
  async update({ call }, { physicalId: FunctionName }, properties) {
    const { AuthType, Cors = {}, InvokeMode = 'BUFFERED' } = properties;
    const request = { FunctionName, AuthType: AuthType as FunctionUrlAuthType, Cors };
    await call('lambda', 'UpdateFunctionUrlConfig', { ...request, InvokeMode: InvokeMode as InvokeMode });
  },
  async delete({ call }, { physicalId: FunctionName }) {
    await unlessGone(call('lambda', 'DeleteFunctionUrlConfig', { FunctionName }));
  },
  async read({ call }, { physicalId: FunctionArn, properties }) {
    const found = await unlessGone(call('lambda', 'GetFunctionUrlConfig', { FunctionName: FunctionArn }));
    if (!found) return undefined;
    const [target, Qualifier] = [FunctionArn.split(':').slice(0, 7).join(':'), FunctionArn.split(':')[7]];
    return {
      ...pick(found, ['AuthType', 'Cors', 'FunctionArn', 'FunctionUrl', 'InvokeMode']),
      TargetFunctionArn: properties.TargetFunctionArn ?? target,
      ...(Qualifier && { Qualifier }),
    };
  },
};
