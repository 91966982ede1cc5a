/*
 * AWS::Serverless::LayerVersion: a version of a layer, whose logical id follows from what it holds, so that another
 * content makes another version.
 */
import type { JsonObject, Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import { type Expansion, inherited, kept, type SamResource } from './expansion.ts';
import { checkProperties, properties } from './properties.ts';
import { codeOf, s3Location } from './s3-location.ts';
import { compact, hashOf } from './values.ts';

const PROPERTIES = properties(
  'ContentUri!:~string|map LayerName:~string Description:string CompatibleArchitectures CompatibleRuntimes LicenseInfo',
  'PublishLambdaVersion:~boolean RetentionPolicy:string',
);

/** Properties in which references to parameters are resolved, so that the version follows from them. */
const RESOLVED = ['LayerName', 'Description', 'LicenseInfo', 'RetentionPolicy'];

export function expandLayerVersion(expansion: Expansion, resource: SamResource): void {
  const { id, type } = resource;
  const given = checkProperties(id, type, resource.properties, PROPERTIES);
  const resolved = RESOLVED.filter((name) => Object.hasOwn(given, name)).map((name) => [
    name,
    expansion.resolve(given[name]!),
  ]);
  const values: JsonObject = { ...given, ...Object.fromEntries(resolved) };
  const retention = retentionPolicy(id, values.RetentionPolicy);
  const attributes: JsonObject = {
    DeletionPolicy: 'Retain',
    ...inherited(resource),
    ...(retention && { DeletionPolicy: retention }),
  };
  const hashed = compact({ Type: type, Condition: attributes.Condition, DependsOn: resource.attributes.DependsOn });
  const renamed = id + hashOf({ [id]: { ...hashed, Properties: values } });
  const made = {
    Content: codeOf(s3Location(renamed, 'ContentUri', values.ContentUri!)),
    Description: values.Description,
    LayerName: values.LayerName ?? id,
    CompatibleArchitectures: values.CompatibleArchitectures,
    CompatibleRuntimes: values.CompatibleRuntimes,
    LicenseInfo: values.LicenseInfo,
  };
  const { Metadata, ...own } = kept(resource);
  expansion.add(renamed, 'AWS::Lambda::LayerVersion', made, { ...own, ...attributes });
  expansion.renamed.set(id, renamed);
}

function retentionPolicy(id: string, given: Value | undefined): string | undefined {
  if (given === undefined) return undefined;
  const policy = ['Retain', 'Delete'].find((option) => option.toLowerCase() === String(given).toLowerCase());
  if (policy === undefined) {
    throw SamFault.ofResource(id, "'RetentionPolicy' must be one of the following options: ['Retain', 'Delete'].");
  }
  return policy;
}
