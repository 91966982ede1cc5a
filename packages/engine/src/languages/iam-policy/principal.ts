/*
 * Who makes a request, and whether a statement's Principal names him.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import type { Clause, PrincipalId, PrincipalType } from './policy.ts';

/** Who makes a request. */
export interface Principal {
  readonly type: PrincipalType;
  /** The ARN of a user, role session or root user; a service's name; an identity provider. */
  readonly id: string;
  /** Of a role session: the role's ARN. */
  readonly roleArn?: string;
}

/** Whether a Principal or NotPrincipal element applies to a principal. */
export function appliesTo(clause: Clause<PrincipalId>, principal: Principal): boolean {
  return clause.values.some((named) => names(named, principal)) !== clause.negated;
}

function names(named: PrincipalId, principal: Principal): boolean {
  if (named.id === '*' && (named.type === '*' || named.type === 'AWS')) return true;
  if (named.type !== principal.type) return false;
  if (named.id === principal.id || named.id === principal.roleArn) return true;
  return named.type === 'AWS' && isAccountOf(named.id, principal.id);
}

/** Whether an id names a principal's account as a whole: by its number, or by its root user's ARN. */
function isAccountOf(id: string, principalArn: string): boolean {
  const [, byArn, byNumber] = /^(?:arn:aws[a-z-]*:iam::(\d{12}):root|(\d{12}))$/.exec(id) ?? [];
  const account = byArn ?? byNumber;
  return account !== undefined && account === principalArn.split(':')[4];
}
