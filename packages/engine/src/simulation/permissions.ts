/*
 * Whether a rule may invoke the functions that it rings. Carillon rings them either way; AWS asks the function's
 * resource policy (EventBridge User Guide, "Using resource-based policies for Amazon EventBridge").
 */
import { AwsError, type Engine, type Scope } from '../engine.ts';
import { parseArn } from '../kernel/arn.ts';
import { evaluatePolicies, parsePolicy } from '../languages/iam-policy/index.ts';
import { functionName } from './invocation.ts';
import type { Finding } from './section.ts';

interface Rule {
  readonly name: string;
  readonly arn: string;
}

/** What to tell of a rule that lacks the permission to invoke a function; undefined where there is nothing to tell. */
export async function missingPermission(engine: Engine, rule: Rule, functionArn: string): Promise<Finding | undefined> {
  const { account, region } = parseArn(functionArn)!;
  const policy = await policyOf(engine, { account, region }, functionArn);
  if (policy === undefined || (policy !== NONE && allows(policy, rule.arn, functionArn))) return undefined;
  const name = functionName(functionArn);
  return {
    about: rule.arn,
    text: `The rule ${rule.name} may not invoke the function ${name}: on AWS, none of its rings would reach it.`,
    remedy: addPermission(rule, name, functionArn.split(':')[7]),
  };
}

/** Stands for a function without a policy. */
const NONE = Symbol('no policy');

/** The policy's document; undefined where there is no function. */
async function policyOf(engine: Engine, scope: Scope, functionArn: string): Promise<string | typeof NONE | undefined> {
  const FunctionName = functionArn.split(':').slice(0, 7).join(':');
  const exists = await found(engine.call('lambda', 'GetFunctionConfiguration', { FunctionName }, scope));
  if (!exists) return undefined;
  const answer = await found(engine.call('lambda', 'GetPolicy', { FunctionName }, scope));
  return answer?.Policy ?? NONE;
}

async function found<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function allows(document: string, ruleArn: string, functionArn: string): boolean {
  const request = {
    principal: { type: 'Service', id: 'events.amazonaws.com' },
    action: 'lambda:InvokeFunction',
    resource: functionArn,
    context: { 'aws:SourceArn': ruleArn, 'aws:SourceAccount': parseArn(ruleArn)!.account },
  } as const;
  const policy = { name: 'resource policy', policy: parsePolicy(document) };
  return evaluatePolicies([policy], request).decision === 'allowed';
}

/** Statement ids have no dots, as names of rules may. */
function addPermission(rule: Rule, name: string, qualifier: string | undefined): string {
  return [
    `aws lambda add-permission --function-name ${name}`,
    ...(qualifier === undefined ? [] : [`--qualifier ${qualifier}`]),
    `--statement-id ${rule.name.replaceAll('.', '-')}`,
    '--action lambda:InvokeFunction --principal events.amazonaws.com',
    `--source-arn ${rule.arn}`,
  ].join(' ');
}
