/*
 * Templates, told and summed up.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
 */
import type {
  DescribeAccountLimitsOutput,
  DescribeTypeInput,
  DescribeTypeOutput,
  GetTemplateInput,
  GetTemplateOutput,
  GetTemplateSummaryInput,
  GetTemplateSummaryOutput,
  ValidateTemplateInput,
  ValidateTemplateOutput,
} from '@aws-sdk/client-cloudformation';
import { formatArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { schemaDocument } from '../../languages/resource-schema/index.ts';
import { parseTemplate, summarizeTemplate, type Template } from '../../languages/template/index.ts';
import { changeSetOf } from './change-set.ts';
import { asClientFault, invalid } from './errors.ts';
import { findStack, type StackTemplate, templates } from './stack.ts';
import { readBody } from './template-body.ts';

export function getTemplate(ctx: Context, input: GetTemplateInput): GetTemplateOutput {
  const template = keptTemplate(ctx, input);
  const body = input.TemplateStage === 'Processed' ? (template.processed ?? template.original) : template.original;
  return { TemplateBody: body, StagesAvailable: ['Original', 'Processed'] };
}

function keptTemplate(ctx: Context, { StackName, ChangeSetName }: GetTemplateInput): StackTemplate {
  if (ChangeSetName !== undefined)
    return ctx.rows(templates).get(changeSetOf(ctx, ChangeSetName, StackName).design!.template)!;
  if (StackName === undefined) throw invalid('Either StackName or ChangeSetName must be specified.');
  const stack = findStack(ctx, StackName);
  const design = stack.operation?.target ?? stack.design;
  const template = design && ctx.rows(templates).get(design.template);
  // A stack that is only being reviewed has no template yet; to tools that ask, it is an empty one.
  return template ?? { original: '{}', extended: false };
}

export async function validateTemplate(
  ctx: WaitingContext,
  input: ValidateTemplateInput,
): Promise<ValidateTemplateOutput> {
  const body = await readBody(ctx, input);
  if (body === undefined) throw invalid('Either Template URL or Template Body must be specified.');
  const template = asClientFault(() => parseTemplate(body));
  const { Parameters, Description, Capabilities, CapabilitiesReason, DeclaredTransforms } = summaryOf(ctx, template);
  return {
    Parameters: Parameters.map(({ ParameterKey, DefaultValue, NoEcho, Description }) => ({
      ...{ ParameterKey, DefaultValue, NoEcho, Description },
    })),
    Description,
    ...(Capabilities.length > 0 && { Capabilities: [...Capabilities], CapabilitiesReason }),
    ...(DeclaredTransforms.length > 0 && { DeclaredTransforms: [...DeclaredTransforms] }),
  };
}

const summaryOf = ({ host }: Pick<WaitingContext, 'host'>, template: Template) =>
  summarizeTemplate(template, (type) => host.resourceType(type)?.schema.primaryIdentifier);

export async function getTemplateSummary(
  ctx: WaitingContext,
  input: GetTemplateSummaryInput,
): Promise<GetTemplateSummaryOutput> {
  const { StackName } = input;
  const body =
    (await readBody(ctx, input)) ??
    (StackName === undefined ? undefined : await ctx.transact((tx) => keptTemplate(tx, { StackName }).original));
  if (body === undefined) throw invalid('Either StackName, TemplateBody, or TemplateURL must be specified.');
  const template = asClientFault(() => parseTemplate(body));
  const { Capabilities, CapabilitiesReason, ...summary } = summaryOf(ctx, template);
  return {
    ...(summary as unknown as GetTemplateSummaryOutput),
    ...(Capabilities.length > 0 && { Capabilities: [...Capabilities], CapabilitiesReason }),
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export function describeAccountLimits(): DescribeAccountLimitsOutput {
  return {
    AccountLimits: [
      { Name: 'StackLimit', Value: 2_000 },
      { Name: 'StackOutputsLimit', Value: 200 },
      { Name: 'ConcurrentResourcesLimit', Value: 2_500 },
    ],
  };
}

export function describeType(
  ctx: Context,
  { TypeName, Arn, Type = 'RESOURCE' }: DescribeTypeInput,
): DescribeTypeOutput {
  const name = TypeName ?? Arn?.split('/').at(-1)?.replaceAll('-', '::') ?? '';
  const known = Type === 'RESOURCE' ? ctx.host.resourceType(name) : undefined;
  if (!known) throw new AwsError('TypeNotFoundException', `The type '${name}' cannot be found.`, { status: 404 });
  const { region } = ctx.scope;
  return {
    Arn: formatArn('cloudformation', { account: '', region }, `type/resource/${name.replaceAll('::', '-')}`),
    Type: 'RESOURCE',
    TypeName: name,
    IsDefaultVersion: true,
    Description: `Resource Type definition for ${name}`,
    Schema: schemaDocument(name, known.schema),
    ProvisioningType: known.type.update ? 'FULLY_MUTABLE' : 'IMMUTABLE',
    DeprecatedStatus: 'LIVE',
    Visibility: 'PUBLIC',
  };
}

export function estimateTemplateCost(): never {
  throw invalid(
    'Carillon has no cost calculator. `carillon simulate` tells what the calls of a span of time cost on AWS.',
  );
}
