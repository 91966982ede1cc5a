/*
 * CloudFormation's template language: reading a template, checking it, and resolving it for a stack, resource by
 * resource, as the attributes of others become known.
 *
 *   const template = parseTemplate(text)
 *   const parameters = resolveParameters(template, given, ssm)
 *   const plan = planStack(template, { parameters, … })
 *   plan.resolveResource(id, attributes)
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-guide.html
 */
export { readDocument } from './document.ts';
export { type DynamicReference, dynamicReferences, putDynamicReferences } from './dynamic-references.ts';
export { TemplateError } from './error.ts';
export { KNOWN_AFTER_APPLY } from './functions.ts';
export { creationOrder, type Graph } from './graph.ts';
export { expandLanguageExtensions, LANGUAGE_EXTENSIONS } from './language-extensions.ts';
export { MAX_TEMPLATE_BODY_BYTES, MAX_TEMPLATE_BYTES } from './limits.ts';
export type { Output } from './output.ts';
export { type Parameter, type ParameterValue, resolveParameters, type SsmLookup, ssmParameters } from './parameters.ts';
export { compilePattern } from './pattern.ts';
export { type Plan, type PlannedResource, planStack, type ResolvedOutput, type ResolvedResource } from './plan.ts';
export { type Reference, visitReferences } from './references.ts';
export type { Resource } from './resource.ts';
export type { Rule } from './rule.ts';
export type { Attributes, StackInputs } from './stack-scope.ts';
export {
  type Capability,
  capabilitiesOf,
  type ParameterSummary,
  summarizeTemplate,
  type TemplateSummary,
} from './summary.ts';
export { parseTemplate, readTemplate, type Template } from './template.ts';
export {
  afterTransform,
  includeSnippet,
  type MacroRequest,
  nextTransform,
  readMacroResponse,
  type TransformCall,
} from './transforms.ts';
export type { JsonObject, Value } from './value.ts';
