/*
 * A template made ready to be a stack: parameters known, transforms done, resources planned, and all refused that can't
 * be made. Nothing is made before it has passed here.
 */
import type { Parameter } from '@aws-sdk/client-cloudformation';
import { partitionOf } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { WaitingContext } from '../../kernel/service.ts';
import { unsupportedProperties } from '../../languages/resource-schema/index.ts';
import {
  capabilitiesOf,
  type JsonObject,
  KNOWN_AFTER_APPLY,
  type ParameterValue,
  type Plan,
  planStack,
  readDocument,
  readTemplate,
  resolveParameters,
  type StackInputs,
  ssmParameters,
  type Template,
} from '../../languages/template/index.ts';
import { clientFault, invalid } from './errors.ts';
import { exportsIn } from './exports.ts';
import { isOwnType } from './own-types.ts';
import type { Design, Stack, StackParameter, StackTemplate } from './stack.ts';
import { transform } from './transforms.ts';

export interface Blueprint {
  readonly template: Template;
  readonly plan: Plan;
}

/** What a stack is to be made from. */
export interface Wish {
  readonly body: string;
  readonly parameters: readonly Parameter[] | undefined;
  readonly capabilities: readonly string[] | undefined;
  readonly tags: Design['tags'];
  readonly notificationArns: readonly string[];
  /** The parameters that it has already, for UsePreviousValue. */
  readonly previous?: Design | undefined;
}

export interface Prepared {
  readonly design: Omit<Design, 'template'>;
  readonly template: StackTemplate;
  readonly blueprint: Blueprint;
}

/** Prepares a stack from what a client wishes. Rejects with AWS's errors. */
export async function prepare(ctx: WaitingContext, stack: Pick<Stack, 'id' | 'name'>, wish: Wish): Promise<Prepared> {
  try {
    const document = readDocument(wish.body);
    const read = readTemplate(document);
    const values = await parametersOf(ctx, read, wish);
    const imports = new Set<string>();
    const inputs = await inputsFor(ctx, stack, values, wish.notificationArns, imports);
    checkCapabilities(read, wish.capabilities ?? []);
    const processed = read.unprocessed ? await transform(ctx, document, inputs) : undefined;
    const template = processed ? readTemplate(processed.document, processed) : read;
    if (processed) checkCapabilities(template, [...(wish.capabilities ?? []), 'CAPABILITY_AUTO_EXPAND']);
    const plan = planStack(template, inputs);
    checkResources(ctx, template, plan);
    const parameters = [...values].map(([key, value]): StackParameter => {
      const noEcho = read.parameters.get(key)!.noEcho;
      const { resolvedValue, reference } = value;
      return {
        key,
        value: value.value,
        reference,
        noEcho,
        ...(resolvedValue !== undefined && { resolved: resolvedValue }),
      };
    });
    return {
      design: {
        parameters,
        tags: wish.tags,
        capabilities: wish.capabilities ?? [],
        notificationArns: wish.notificationArns,
        imports: [...imports],
        ...(template.description !== undefined && { description: template.description }),
      },
      template: {
        original: wish.body,
        ...(processed && { processed: JSON.stringify(processed.document) }),
        extended: processed?.extended ?? false,
      },
      blueprint: { template, plan },
    };
  } catch (error) {
    throw clientFault(error);
  }
}

/** The blueprint of a design that has passed before. */
export async function blueprintOf(
  ctx: WaitingContext,
  stack: Pick<Stack, 'id' | 'name'>,
  design: Design,
  { original, processed, extended }: StackTemplate,
): Promise<Blueprint> {
  const template = readTemplate(
    processed === undefined ? readDocument(original) : (JSON.parse(processed) as JsonObject),
    {
      extended,
    },
  );
  const values = new Map(
    design.parameters.map(({ key, value, resolved, reference }) => [
      key,
      { value, reference, ...(resolved !== undefined && { resolvedValue: resolved }) } as ParameterValue,
    ]),
  );
  return { template, plan: planStack(template, await inputsFor(ctx, stack, values, design.notificationArns)) };
}

async function inputsFor(
  ctx: WaitingContext,
  { id, name }: Pick<Stack, 'id' | 'name'>,
  parameters: ReadonlyMap<string, ParameterValue>,
  notificationArns: readonly string[],
  imports = new Set<string>(),
): Promise<StackInputs> {
  const { account, region } = ctx.scope;
  const exported = await ctx.transact(exportsIn);
  const partition = partitionOf(region);
  return {
    parameters,
    accountId: account,
    region,
    partition,
    urlSuffix: partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
    stackId: id,
    stackName: name,
    notificationArns,
    availabilityZones: (of) => ['a', 'b', 'c'].map((zone) => of + zone),
    importValue: (wanted) => {
      imports.add(wanted);
      return exported.get(wanted)?.value;
    },
  };
}

async function parametersOf(ctx: WaitingContext, template: Template, { parameters = [], previous }: Wish) {
  const given = new Map<string, string>();
  for (const { ParameterKey: key = '', ParameterValue: value, UsePreviousValue } of parameters) {
    const held = previous?.parameters.find((parameter) => parameter.key === key);
    if (UsePreviousValue && value !== undefined) {
      throw invalid(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true and non empty value for a parameter`,
      );
    }
    if (UsePreviousValue && !held) {
      throw invalid(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      );
    }
    if (UsePreviousValue) given.set(key, held!.value);
    else if (value !== undefined) given.set(key, value);
    else
      throw invalid(
        `Invalid input for parameter key ${key}. Need to specify either usePreviousValue as true or a value for the parameter`,
      );
  }
  const stored = new Map<string, string>();
  await Promise.all(
    ssmParameters(template, given).map(async (Name) => {
      const value = await ssmValue(ctx, Name);
      if (value !== undefined) stored.set(Name, value);
    }),
  );
  return resolveParameters(template, given, (name) => stored.get(name));
}

async function ssmValue(ctx: WaitingContext, Name: string): Promise<string | undefined> {
  try {
    return (await ctx.call('ssm', 'GetParameter', { Name })).Parameter?.Value;
  } catch (error) {
    if (error instanceof AwsError && /ParameterNotFound|ParameterVersionNotFound/.test(error.code)) return undefined;
    throw error;
  }
}

/** IAM's capabilities: to have the one for named resources is to have the other. */
function checkCapabilities(template: Template, given: readonly string[]): void {
  const { Capabilities: wanted } = capabilitiesOf(template);
  const has = (name: string) =>
    given.includes(name) || (name === 'CAPABILITY_IAM' && given.includes('CAPABILITY_NAMED_IAM'));
  const lacking = wanted.filter((name) => !has(name));
  if (lacking.length === 0) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${lacking.join(', ')}]`);
}

/** Refuses types, and properties of types, that there are not. */
function checkResources(ctx: Pick<WaitingContext, 'host'>, template: Template, plan: Plan): void {
  const types = [...new Set([...template.resources.values()].map(({ type }) => type))];
  const unknown = types.filter((type) => !isOwnType(type) && !ctx.host.resourceType(type));
  if (unknown.length > 0) {
    throw invalid(
      `Template format error: Unrecognized resource types: [${unknown.join(', ')}]. Carillon has no such types, or not yet.`,
    );
  }
  const lacking: string[] = [];
  for (const [id, { type }] of plan.resources) {
    const known = ctx.host.resourceType(type);
    if (!known) continue;
    const { properties } = plan.resolveResource(id, () => KNOWN_AFTER_APPLY);
    const names = unsupportedProperties(known.schema, known.type.properties, properties);
    if (names.length > 0) lacking.push(`${id} (${type}): ${names.join(', ')}`);
  }
  if (lacking.length > 0) {
    throw invalid(`Carillon does not support these properties yet: ${lacking.join('; ')}`);
  }
}
