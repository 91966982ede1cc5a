/*
 * The Parameters section: what a template asks for, and whether the values given will do.
 * AWS: "CloudFormation template Parameters syntax", AWSCloudFormation/latest/UserGuide/parameters-section-structure.html,
 * and "Specify existing resources at runtime with CloudFormation-supplied parameter types",
 * cloudformation-supplied-parameter-types.html
 */
import { TemplateError } from './error.ts';
import { MAX_PARAMETER_BYTES } from './limits.ts';
import { compilePattern } from './pattern.ts';
import { isList, isObject, textOf, type Value } from './value.ts';

export interface Parameter {
  readonly type: string;
  readonly defaultValue?: string;
  readonly description?: string;
  readonly noEcho: boolean;
  readonly allowedValues?: readonly string[];
  readonly allowedPattern?: string;
  readonly constraintDescription?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minValue?: number;
  readonly maxValue?: number;
}

/** A parameter's value in a stack. */
export interface ParameterValue {
  /** As it was given, or the default; for an SSM type the name of the SSM parameter. */
  readonly value: string;
  /** For an SSM type, what Parameter Store has under that name. */
  readonly resolvedValue?: string;
  /** What `Ref` gives: a list for the types of lists. */
  readonly reference: string | readonly string[];
}

/** A template, as far as its parameters go. */
interface Declares {
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/** Looks up the value of a parameter of Parameter Store; undefined where there is none. */
export type SsmLookup = (name: string) => string | undefined;

const PROPERTIES = new Set([
  ...['Type', 'Default', 'Description', 'NoEcho', 'AllowedValues', 'AllowedPattern', 'ConstraintDescription'],
  ...['MinLength', 'MaxLength', 'MinValue', 'MaxValue'],
]);

/** The types that name something on AWS, which may also stand in a list. */
const NAMED = new Set([
  ...['AvailabilityZone::Name', 'Image::Id', 'Instance::Id', 'SecurityGroup::GroupName', 'SecurityGroup::Id'].map(ec2),
  ...['Subnet::Id', 'Volume::Id', 'VPC::Id'].map(ec2),
  'AWS::Route53::HostedZone::Id',
]);
const SINGLE = new Set([...NAMED, 'String', 'Number', ec2('KeyPair::KeyName'), 'AWS::SSM::Parameter::Name']);
const LISTS = new Set(['CommaDelimitedList', 'List<Number>', ...[...NAMED].map((type) => `List<${type}>`)]);
const IN_SSM = new Set(['String', 'List<String>', 'CommaDelimitedList', ec2('KeyPair::KeyName'), ...NAMED, ...LISTS]);

function ec2(name: string): string {
  return `AWS::EC2::${name}`;
}

/** The type within `AWS::SSM::Parameter::Value<…>`. */
const ssmType = (type: string) => /^AWS::SSM::Parameter::Value<(.+)>$/.exec(type)?.[1];

const isListType = (type: string) => type.startsWith('List<') || type === 'CommaDelimitedList';

/** Reads one member of the Parameters section. */
export function readParameter(_name: string, declaration: Value): Parameter {
  if (!isObject(declaration)) {
    throw new TemplateError('Template format error: Any Parameters member must be an object.');
  }
  const unknown = Object.keys(declaration).find((property) => !PROPERTIES.has(property));
  if (unknown !== undefined) throw new TemplateError(`Invalid template parameter property '${unknown}'`);
  const { AllowedValues: allowed } = declaration;
  if (allowed !== undefined && !isList(allowed)) {
    throw new TemplateError('Template format error: Every AllowedValues member must be a list.');
  }
  const type = readType(declaration.Type);
  const defaultValue = readText('Default', declaration.Default);
  const pattern = readText('AllowedPattern', declaration.AllowedPattern);
  if (pattern !== undefined) compilePattern(pattern);
  return {
    type,
    noEcho: textOf(declaration.NoEcho)?.toLowerCase() === 'true',
    ...optional('defaultValue', defaultValue),
    ...optional('description', readText('Description', declaration.Description)),
    ...optional(
      'allowedValues',
      allowed?.map((value) => readText('AllowedValues', value)!),
    ),
    ...optional('allowedPattern', pattern),
    ...optional('constraintDescription', readText('ConstraintDescription', declaration.ConstraintDescription)),
    ...optional('minLength', readNumber('MinLength', declaration.MinLength)),
    ...optional('maxLength', readNumber('MaxLength', declaration.MaxLength)),
    ...optional('minValue', readNumber('MinValue', declaration.MinValue)),
    ...optional('maxValue', readNumber('MaxValue', declaration.MaxValue)),
  };
}

const optional = <K extends string, T>(name: K, value: T | undefined): { [P in K]?: T } =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: T };

function readType(type: Value | undefined): string {
  if (type === undefined) {
    throw new TemplateError('Template format error: Every Parameters object must contain a Type member.');
  }
  if (typeof type !== 'string') throw new TemplateError('Template format error: Every Type member must be a string.');
  const inSsm = ssmType(type);
  if (SINGLE.has(type) || LISTS.has(type) || (inSsm !== undefined && IN_SSM.has(inSsm))) return type;
  throw new TemplateError(`Template format error: Unrecognized parameter type: ${type}`);
}

function readText(name: string, value: Value | undefined): string | undefined {
  const text = textOf(value);
  if (text === undefined && value !== undefined) {
    throw new TemplateError(`Template format error: Every ${name} member must be a string.`);
  }
  return text;
}

function readNumber(name: string, value: Value | undefined): number | undefined {
  const text = readText(name, value);
  if (text === undefined) return undefined;
  if (!isNumber(text)) throw new TemplateError(`Template format error: Every ${name} member must be a number.`);
  return Number(text);
}

const isNumber = (text: string) => /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text.trim());

/** The names in Parameter Store that a stack's parameters stand for, given some values; the rest have defaults. */
export function ssmParameters(template: Declares, given: ReadonlyMap<string, string>): string[] {
  const names = new Set<string>();
  for (const [name, { type, defaultValue }] of template.parameters) {
    const value = given.get(name) ?? defaultValue;
    if (value !== undefined && ssmType(type) !== undefined) names.add(value);
  }
  return [...names];
}

/**
 * The values of a stack's parameters, from those given and the defaults. Throws TemplateError, in AWS's words, for those
 * that the template does not have, that are missing, or that its constraints refuse.
 */
export function resolveParameters(
  template: Declares,
  given: ReadonlyMap<string, string>,
  ssm: SsmLookup = () => undefined,
): ReadonlyMap<string, ParameterValue> {
  const unknown = [...given.keys()].filter((name) => !template.parameters.has(name));
  if (unknown.length > 0) throw new TemplateError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const missing = [...template.parameters].filter(
    ([name, { defaultValue }]) => (given.get(name) ?? defaultValue) === undefined,
  );
  if (missing.length > 0) {
    throw new TemplateError(`Parameters: [${missing.map(([name]) => name).join(', ')}] must have values`);
  }
  const values = new Map<string, ParameterValue>();
  for (const [name, parameter] of template.parameters) {
    const value = given.get(name) ?? parameter.defaultValue!;
    checkConstraints(name, parameter, value);
    values.set(
      name,
      ssmType(parameter.type) === undefined ? plain(parameter.type, value) : stored(parameter.type, value, ssm),
    );
  }
  return values;
}

function plain(type: string, value: string): ParameterValue {
  return { value, reference: isListType(type) ? splitList(value) : value };
}

function stored(type: string, value: string, ssm: SsmLookup): ParameterValue {
  const resolvedValue = ssm(value);
  if (resolvedValue === undefined) {
    throw new TemplateError(`Unable to fetch parameters [${value}] from parameter store for this account.`);
  }
  return { value, resolvedValue, reference: isListType(ssmType(type)!) ? splitList(resolvedValue) : resolvedValue };
}

/** A list's items, without the blanks around them; an empty text is a list of one empty item. */
const splitList = (value: string) => value.split(',').map((item) => item.trim());

function checkConstraints(name: string, parameter: Parameter, value: string): void {
  const broken = brokenConstraint(name, parameter, value);
  if (broken === undefined) return;
  const { constraintDescription } = parameter;
  throw new TemplateError(
    constraintDescription === undefined
      ? broken
      : `Parameter ${name} failed to satisfy constraint: ${constraintDescription}`,
  );
}

/** What is wrong with a value, in AWS's words; undefined when it will do. */
function brokenConstraint(name: string, parameter: Parameter, value: string): string | undefined {
  const { type, allowedValues, allowedPattern, minLength, maxLength, minValue, maxValue } = parameter;
  const must = (words: string) => `Parameter '${name}' must ${words}`;
  if (Buffer.byteLength(value) > MAX_PARAMETER_BYTES) return must(`contain at most ${MAX_PARAMETER_BYTES} bytes`);
  const isListOfValues = isListType(type);
  const items = isListOfValues ? splitList(value) : [value];
  if ((type === 'Number' || type === 'List<Number>') && !items.every(isNumber)) {
    return must(type === 'Number' ? 'be a number' : 'be a list of numbers');
  }
  if (allowedValues && !items.every((item) => allowedValues.includes(item))) return must('be one of AllowedValues');
  if (type === 'Number' && minValue !== undefined && Number(value) < minValue)
    return must(`be a number not less than ${minValue}`);
  if (type === 'Number' && maxValue !== undefined && Number(value) > maxValue)
    return must(`be a number not greater than ${maxValue}`);
  if (minLength !== undefined && value.length < minLength) return must(`contain at least ${minLength} characters`);
  if (maxLength !== undefined && value.length > maxLength) return must(`contain at most ${maxLength} characters`);
  if (allowedPattern !== undefined) {
    const matches = compilePattern(allowedPattern);
    if (!matches(items)) return must(`match pattern ${allowedPattern}`);
  }
  return undefined;
}
