/*
 * AWS::Lambda::LayerVersion and AWS::Lambda::LayerVersionPermission. Neither changes: all replaces them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversionpermission.html
 */
import type { PublishLayerVersionRequest } from '@aws-sdk/client-lambda';
import { everyPage, pick, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';

const DESCRIBED = ['CompatibleArchitectures', 'CompatibleRuntimes', 'Description', 'LicenseInfo'] as const;

/** What the API calls a layer version, from its ARN. */
function namedBy(arn: string): { LayerName: string; VersionNumber: number } {
  const end = arn.lastIndexOf(':');
  return { LayerName: arn.slice(0, end), VersionNumber: Number(arn.slice(end + 1)) };
}

export const layerVersion: ResourceType = {
  properties: ['Content', 'LayerName', ...DESCRIBED],
  name: { property: 'LayerName', most: 140, bare: true },
  async create({ call }, properties) {
    const request = pick(properties, ['Content', 'LayerName', ...DESCRIBED]);
    return (await call('lambda', 'PublishLayerVersion', request as PublishLayerVersionRequest)).LayerVersionArn!;
  },
  async delete({ call }, { physicalId }) {
    await unlessGone(call('lambda', 'DeleteLayerVersion', namedBy(physicalId)));
  },
  async read({ call }, { physicalId: LayerVersionArn, properties }) {
    const found = await unlessGone(call('lambda', 'GetLayerVersion', namedBy(LayerVersionArn)));
    if (!found) return undefined;
    return {
      ...{ LayerVersionArn, LayerName: found.LayerArn!.split(':').at(-1)! },
      ...pick(found, [...DESCRIBED]),
      ...pick(properties, ['Content']),
    };
  },
  async list({ call }) {
    const layers = await everyPage(
      (Marker) => call('lambda', 'ListLayers', { Marker }),
      ({ Layers }) => Layers,
    );
    const versions = layers.map(({ LayerName }) =>
      everyPage(
        (Marker) => call('lambda', 'ListLayerVersions', { LayerName, Marker }),
        ({ LayerVersions }) => LayerVersions,
      ),
    );
    return (await Promise.all(versions)).flat().map(({ LayerVersionArn }) => ({ LayerVersionArn }));
  },
};

export const layerVersionPermission: ResourceType = {
  properties: ['Action', 'LayerVersionArn', 'OrganizationId', 'Principal'],
  name: { property: 'StatementId', most: 100 },
  async find({ call }, { LayerVersionArn, StatementId }) {
    return (await statementOf(call, LayerVersionArn, StatementId)) && idOf(LayerVersionArn, StatementId);
  },
  async create({ call }, { LayerVersionArn, StatementId, Action, Principal, OrganizationId }) {
    const request = { ...namedBy(LayerVersionArn), StatementId, Action, Principal, OrganizationId };
    await call('lambda', 'AddLayerVersionPermission', request);
    return idOf(LayerVersionArn, StatementId);
  },
  async delete({ call }, { physicalId }) {
    const [arn, StatementId] = physicalId.split('#') as [string, string];
    await unlessGone(call('lambda', 'RemoveLayerVersionPermission', { ...namedBy(arn), StatementId }));
  },
  async read({ call }, { physicalId: Id }) {
    const [LayerVersionArn, id] = Id.split('#') as [string, string];
    const statement = await statementOf(call, LayerVersionArn, id);
    if (!statement) return undefined;
    const { Action, Principal, Condition } = statement;
    const account = /:(\d{12}):root$/.exec(Principal.AWS ?? '')?.[1];
    const OrganizationId = Condition?.StringEquals['aws:PrincipalOrgID'];
    return {
      ...{ Id, LayerVersionArn, Action, Principal: account ?? Principal.AWS ?? Principal },
      ...(OrganizationId && { OrganizationId }),
    };
  },
};

const idOf = (layerVersionArn: string, statementId: string) => `${layerVersionArn}#${statementId}`;

async function statementOf(
  call: ResourceContext['call'],
  layerVersionArn: string,
  id: string,
): Promise<Properties | undefined> {
  const found = await unlessGone(call('lambda', 'GetLayerVersionPolicy', namedBy(layerVersionArn)));
  const statements: Properties[] = found ? JSON.parse(found.Policy!).Statement : [];
  return statements.find(({ Sid }) => Sid === id);
}
