/* A template, or a value for one, that CloudFormation would refuse, in AWS's words: its `ValidationError`. */
export class TemplateError extends Error {}
