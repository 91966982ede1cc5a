/*
 * The language of IAM's policies: reading and checking a document, and deciding whether a request is allowed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html
 */
export { PolicyError } from './error.ts';
export {
  type Decision,
  type Evaluation,
  evaluatePolicies,
  type NamedPolicy,
  type NearMiss,
  type Request,
  type StatementReference,
} from './evaluate.ts';
export { type Condition, type Policy, parsePolicy, type Statement } from './policy.ts';
export type { Principal } from './principal.ts';
export { type PolicyKind, validatePolicy } from './validate.ts';
