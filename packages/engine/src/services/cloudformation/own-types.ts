/*
 * The resource types that are CloudFormation's own: they are no calls of an API but make a stack wait for somebody.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_CloudFormation.html
 */

export const CUSTOM = 'AWS::CloudFormation::CustomResource';
export const STACK = 'AWS::CloudFormation::Stack';
export const WAIT_CONDITION = 'AWS::CloudFormation::WaitCondition';
export const WAIT_HANDLE = 'AWS::CloudFormation::WaitConditionHandle';
export const MACRO = 'AWS::CloudFormation::Macro';
export const METADATA = 'AWS::CDK::Metadata';

export const OWN_TYPES: readonly string[] = [CUSTOM, STACK, WAIT_CONDITION, WAIT_HANDLE, MACRO, METADATA];

export const isCustom = (type: string) => type === CUSTOM || type.startsWith('Custom::');

export const isOwnType = (type: string) => OWN_TYPES.includes(type) || isCustom(type);
