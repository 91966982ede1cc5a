/*
 * What ValidateTemplate and GetTemplateSummary tell of a template, in their shapes.
 * AWS: AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html, and for capabilities
 * AWSCloudFormation/latest/UserGuide/control-access-with-iam.html#using-iam-capabilities
 */
import type { Template } from './template.ts';
import { member, textOf } from './value.ts';

export type Capability = 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM' | 'CAPABILITY_AUTO_EXPAND';

export interface ParameterSummary {
  readonly ParameterKey: string;
  readonly DefaultValue?: string;
  readonly ParameterType: string;
  readonly NoEcho: boolean;
  readonly Description?: string;
  readonly ParameterConstraints: { readonly AllowedValues?: readonly string[] };
}

export interface TemplateSummary {
  readonly Parameters: readonly ParameterSummary[];
  readonly Description?: string;
  readonly Capabilities: readonly Capability[];
  readonly CapabilitiesReason?: string;
  /** The types of its resources, each once. */
  readonly ResourceTypes: readonly string[];
  readonly Version?: string;
  /** The Metadata section as JSON. */
  readonly Metadata?: string;
  readonly DeclaredTransforms: readonly string[];
  /** Of the types whose identifiers are known. */
  readonly ResourceIdentifierSummaries: readonly {
    readonly ResourceType: string;
    readonly LogicalResourceIds: readonly string[];
    readonly ResourceIdentifiers: readonly string[];
  }[];
}

/** Sums up a template; `identifiersOf` gives the properties that identify a resource of a type, where it can be imported. */
export function summarizeTemplate(
  template: Template,
  identifiersOf: (type: string) => readonly string[] | undefined,
): TemplateSummary {
  const { description, metadata } = template;
  const version = textOf(member(template.document, 'AWSTemplateFormatVersion'));
  const idsByType = new Map<string, string[]>();
  for (const [id, { type }] of template.resources) {
    const ids = idsByType.get(type);
    if (ids) ids.push(id);
    else idsByType.set(type, [id]);
  }
  return {
    Parameters: summarizeParameters(template),
    ...(description !== undefined && { Description: description }),
    ...capabilitiesOf(template),
    ResourceTypes: [...idsByType.keys()],
    ...(version !== undefined && { Version: version }),
    ...(metadata && { Metadata: JSON.stringify(metadata) }),
    DeclaredTransforms: template.transforms,
    ResourceIdentifierSummaries: [...idsByType].flatMap(([type, ids]) => {
      const identifiers = identifiersOf(type);
      return identifiers ? [{ ResourceType: type, LogicalResourceIds: ids, ResourceIdentifiers: identifiers }] : [];
    }),
  };
}

function summarizeParameters(template: Template): ParameterSummary[] {
  return [...template.parameters].map(([name, { type, defaultValue, description, noEcho, allowedValues }]) => ({
    ParameterKey: name,
    ...(defaultValue !== undefined && { DefaultValue: defaultValue }),
    ParameterType: type,
    NoEcho: noEcho,
    ...(description !== undefined && { Description: description }),
    ParameterConstraints: allowedValues ? { AllowedValues: allowedValues } : {},
  }));
}

/** The types that change who may do what, and the property that gives one a name of the user's. */
const IAM_TYPES: ReadonlyMap<string, string | undefined> = new Map([
  ['AWS::IAM::AccessKey', undefined],
  ['AWS::IAM::Group', 'GroupName'],
  ['AWS::IAM::InstanceProfile', 'InstanceProfileName'],
  ['AWS::IAM::ManagedPolicy', 'ManagedPolicyName'],
  ['AWS::IAM::Policy', undefined],
  ['AWS::IAM::Role', 'RoleName'],
  ['AWS::IAM::User', 'UserName'],
  ['AWS::IAM::UserToGroupAddition', undefined],
]);

/** The capabilities that a stack from the template needs, and the reason for those of IAM. */
export function capabilitiesOf(template: Template): {
  readonly Capabilities: readonly Capability[];
  readonly CapabilitiesReason?: string;
} {
  const types = new Set<string>();
  let named = false;
  for (const { type, properties } of template.resources.values()) {
    if (!IAM_TYPES.has(type)) continue;
    types.add(type);
    const name = IAM_TYPES.get(type);
    named ||= name !== undefined && member(properties, name) !== undefined;
  }
  const capabilities: Capability[] = types.size === 0 ? [] : [named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'];
  if (template.transforms.length > 0) capabilities.push('CAPABILITY_AUTO_EXPAND');
  return {
    Capabilities: capabilities,
    ...(types.size > 0 && {
      CapabilitiesReason: `The following resource(s) require capabilities: [${[...types].join(', ')}]`,
    }),
  };
}
