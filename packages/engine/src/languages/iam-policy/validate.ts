/*
 * What AWS refuses when a policy is put, in its words. Where AWS's words are not published they are taken from
 * what its users report; each is named at its test.
 */
import { isOperator } from './condition.ts';
import { PolicyError } from './error.ts';
import { type Policy, type PrincipalId, parsePolicy, type Statement, type Words } from './policy.ts';

/**
 * What a policy is for: `inline` in a user, group or role; `managed` on its own; `trust` says who may assume a role;
 * `resource` hangs on a resource such as a queue.
 */
export type PolicyKind = 'inline' | 'managed' | 'trust' | 'resource';

const TRUST_WORDS: Words = {
  json: 'This policy contains invalid Json',
  unknownField: (name) => `Unknown field ${name}`,
  missingField: (name) => `Missing required field ${name}`,
};

/** Reads a policy and checks all that AWS checks for its kind; throws PolicyError with AWS's words. */
export function validatePolicy(text: string, kind: PolicyKind): Policy {
  const policy = parsePolicy(text, kind === 'trust' ? TRUST_WORDS : undefined);
  if ((kind === 'inline' || kind === 'managed') && /^\s/.test(text)) {
    throw new PolicyError('The policy failed legacy parsing');
  }
  if (kind === 'managed' && policy.version !== '2012-10-17') {
    throw new PolicyError('Policy document must be version 2012-10-17 or greater.');
  }
  checkSids(policy, kind);
  for (const statement of policy.statements) {
    CHECKS[kind](statement);
    statement.action?.values.forEach(checkAction);
    statement.resource?.values.forEach(checkResource);
    for (const { operator, key } of statement.conditions) {
      if (!isOperator(operator)) throw new PolicyError('Syntax errors in policy.');
      if (!key.includes(':')) throw noVendor();
    }
  }
  return policy;
}

const CHECKS: Readonly<Record<PolicyKind, (statement: Statement) => void>> = {
  inline: checkIdentity,
  managed: checkIdentity,
  trust: checkTrust,
  resource: checkResourceBased,
};

function checkIdentity({ principal, action, resource }: Statement): void {
  if (principal) throw new PolicyError('Policy document should not specify a principal.');
  if (!action?.values.length) throw new PolicyError('Policy statement must contain actions.');
  if (!resource?.values.length) throw new PolicyError('Policy statement must contain resources.');
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html#term_trust-policy */
function checkTrust({ principal, action, resource }: Statement): void {
  if (resource) throw new PolicyError(`Has prohibited field ${resource.negated ? 'NotResource' : 'Resource'}`);
  if (principal?.negated) throw new PolicyError('Has prohibited field NotPrincipal');
  if (!principal?.values.length) throw new PolicyError('Missing required field Principal');
  if (!action?.values.length) throw new PolicyError('Missing required field Action');
  principal.values.forEach(checkTrusted);
  if (!action.values.every((each) => /^sts:/i.test(each))) {
    throw new PolicyError('AssumeRole policy may only specify STS AssumeRole actions.');
  }
}

function checkResourceBased({ principal, action }: Statement): void {
  if (!principal?.values.length) throw new PolicyError('Missing required field Principal');
  if (!action?.values.length) throw new PolicyError('Missing required field Action');
}

const PRINCIPAL_FORMS: Readonly<Record<string, RegExp>> = {
  AWS: /^(?:\*|\d{12}|A[A-Z]{3}[A-Z0-9]{12,}|arn:aws[a-z-]*:(?:iam|sts)::\d{12}:(?:root|(?:user|role|assumed-role|federated-user)\/[!-~]+))$/,
  Service: /^[a-z0-9][a-z0-9.-]*\.[a-z]+$/i,
  Federated: /^\S+$/,
};

/** Whether whom it names exists is not looked up. */
function checkTrusted({ type, id }: PrincipalId): void {
  if (type === '*') throw new PolicyError('AssumeRolepolicy contained an invalid principal: "STAR":"*".');
  if (PRINCIPAL_FORMS[type]?.test(id)) return;
  throw new PolicyError(`Invalid principal in policy: "${type.toUpperCase()}":"${id}"`);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html */
function checkSids({ statements }: Policy, kind: PolicyKind): void {
  const sids = statements.flatMap(({ sid }) => (sid ? [sid] : []));
  if (kind !== 'resource' && !sids.every((sid) => /^[0-9A-Za-z]*$/.test(sid))) {
    throw new PolicyError(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  }
  if (new Set(sids).size < sids.length) {
    throw new PolicyError('Statement IDs (SID) in a single policy must be unique.');
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html */
function checkAction(action: string): void {
  if (action === '*') return;
  const [vendor, name, ...rest] = action.split(':');
  if (!vendor || name === undefined) throw noVendor();
  if (rest.length > 0) throw new PolicyError('Actions/Condition can contain only one colon.');
  if (!/^[a-z0-9-]+$/i.test(vendor)) throw new PolicyError(`Vendor ${vendor} is not valid`);
}

function noVendor(): PolicyError {
  return new PolicyError('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
function checkResource(resource: string): void {
  if (resource === '*') return;
  const [arn, partition, ...rest] = resource.split(':');
  if (arn !== 'arn' || partition === undefined) {
    throw new PolicyError(`Resource ${resource} must be in ARN format or "*".`);
  }
  if (!/^(?:aws[a-z-]*|[*?]+)$/.test(partition)) {
    throw new PolicyError(`Partition "${partition}" is not valid for resource "${resource}".`);
  }
  if (rest.length < 4 && !resource.endsWith('*')) throw new PolicyError('The policy failed legacy parsing');
}
