/*
 * How large the parts of a template may be.
 * AWS: "Understand CloudFormation quotas", AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */

/** Bytes of a template that stands in the request itself, and of one that stands in S3. */
export const MAX_TEMPLATE_BODY_BYTES = 51_200;
export const MAX_TEMPLATE_BYTES = 1_000_000;

/** How deep values may lie in one another: no bound of AWS's, but one that no stack of calls outgrows. */
export const MAX_DEPTH = 200;

export const MAX_RESOURCES = 500;
export const MAX_PARAMETERS = 200;
export const MAX_MAPPINGS = 200;
export const MAX_MAPPING_ATTRIBUTES = 200;
export const MAX_OUTPUTS = 200;
export const MAX_DESCRIPTION_BYTES = 1024;
export const MAX_PARAMETER_BYTES = 4096;
export const MAX_NAME_LENGTH = 255;
export const MAX_DYNAMIC_REFERENCES = 60;

/** Characters that the functions of one resource may come to in all, so that functions in functions cannot fill the memory. */
export const MAX_RESOLVED_LENGTH = 5_000_000;
/** Values that the loops of AWS::LanguageExtensions may come to. */
export const MAX_EXPANDED_VALUES = 200_000;
/** How long a parameter's pattern may look at its values. */
export const MAX_PATTERN_MS = 100;
