/*
 * Whether policies allow a request: no unless a statement allows it, and an explicit deny wins.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * The answer names the statement that decided; where none did, those that came near and what kept each from it.
 */
import { type Context, isMet } from './condition.ts';
import type { Clause, Condition, Policy, Statement } from './policy.ts';
import { appliesTo, type Principal } from './principal.ts';
import { compile, covers, type Variables } from './wildcard.ts';

/** A policy under the name that the answer shall call it by. */
export interface NamedPolicy {
  readonly name: string;
  readonly policy: Policy;
}

export interface Request {
  readonly principal: Principal;
  /** `sns:Publish`. */
  readonly action: string;
  /** The resource's ARN, or `*` for an action on none. */
  readonly resource: string;
  /** Condition keys of the request, in any case: `aws:SourceArn`. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export type Decision = 'allowed' | 'implicitDeny' | 'explicitDeny';

/** A statement, by its policy and its place in it, counted from 0. */
export interface StatementReference {
  readonly policy: string;
  readonly statement: number;
  readonly sid?: string;
}

/** A statement that would have allowed the action, and the first thing that kept it from applying. */
export interface NearMiss extends StatementReference {
  readonly element: 'Principal' | 'Resource' | 'Condition';
  /** The condition that was not met. */
  readonly condition?: Condition;
}

export interface Evaluation {
  readonly decision: Decision;
  /** The statement that decided; absent for an implicit deny. */
  readonly matched?: StatementReference;
  /** For an implicit deny. */
  readonly nearMisses: readonly NearMiss[];
}

/** How many near misses an answer tells of. */
const MOST_NEAR_MISSES = 20;

/** Evaluates policies of one kind together: a request that any of them allows and none denies is allowed. */
export function evaluatePolicies(policies: readonly NamedPolicy[], request: Request): Evaluation {
  const context = contextOf(request);
  const nearMisses: NearMiss[] = [];
  let allowed: StatementReference | undefined;
  for (const { name, policy } of policies) {
    const variables = policy.version === '2012-10-17' ? variablesOf(context) : undefined;
    for (const [index, statement] of policy.statements.entries()) {
      const reference = { policy: name, statement: index, ...(statement.sid !== undefined && { sid: statement.sid }) };
      const obstacle = obstacleOf(statement, request, context, variables);
      if (!obstacle && statement.effect === 'Deny') {
        return { decision: 'explicitDeny', matched: reference, nearMisses: [] };
      }
      if (!obstacle) allowed ??= reference;
      else if (statement.effect === 'Allow' && obstacle.element !== 'Action' && nearMisses.length < MOST_NEAR_MISSES) {
        nearMisses.push({ ...reference, ...obstacle });
      }
    }
  }
  return allowed ? { decision: 'allowed', matched: allowed, nearMisses: [] } : { decision: 'implicitDeny', nearMisses };
}

type Obstacle = Pick<NearMiss, 'element' | 'condition'> | { element: 'Action' };

/** The first element by which a statement does not apply to a request; undefined when it applies. */
function obstacleOf(
  { action, principal, resource, conditions }: Statement,
  request: Request,
  context: Context,
  variables: Variables | undefined,
): Obstacle | undefined {
  if (action && !includes(action, request.action.toLowerCase(), (text) => compile(text.toLowerCase(), undefined))) {
    return { element: 'Action' };
  }
  if (principal && !appliesTo(principal, request.principal)) return { element: 'Principal' };
  if (resource && !includes(resource, request.resource, (text) => compile(text, variables))) {
    return { element: 'Resource' };
  }
  const condition = conditions.find((each) => !isMet(each, context, variables));
  return condition && { element: 'Condition', condition };
}

/** Whether an element includes a value. One with a variable that has no value applies to nothing. */
function includes(
  { values, negated }: Clause<string>,
  given: string,
  compiled: (text: string) => ReturnType<typeof compile>,
): boolean {
  const patterns = values.map(compiled);
  if (negated && patterns.includes(undefined)) return false;
  return patterns.some((pattern) => pattern !== undefined && covers(pattern, given)) !== negated;
}

/** Keys are compared without regard to case. */
function contextOf(request: Request): Context {
  const entries = Object.entries(request.context);
  return new Map(entries.map(([key, value]) => [key.toLowerCase(), typeof value === 'string' ? [value] : value]));
}

/** Keys of several values cannot be variables. */
function variablesOf(context: Context): Variables {
  return (key) => {
    const values = context.get(key.toLowerCase());
    return values?.length === 1 ? values[0] : undefined;
  };
}
