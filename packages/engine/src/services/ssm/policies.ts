/*
 * Policies of parameters: a parameter that expires goes; the notifications are kept and read back.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
 */
import type { ParameterInlinePolicy } from '@aws-sdk/client-ssm';
import { parseMoment } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import type { Version } from './parameter.ts';

const EXPIRY = 'ssm.expiry';
const MOST = 10;

/** The attributes that each kind has to have, all texts. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  Expiration: ['Timestamp'],
  ExpirationNotification: ['Before', 'Unit'],
  NoChangeNotification: ['After', 'Unit'],
};

interface Policy {
  readonly Type: string;
  readonly Version: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

/** Reads `Policies` of a request into the text of each; `[{}]` and `{}` are none. Throws AWS's errors. */
export function readPolicies(text: string): string[] {
  const policies = [listOf(text)].flat().filter((policy) => !isEmpty(policy));
  if (policies.length > MOST) {
    throw new AwsError('PoliciesLimitExceededException', `A parameter can have ${MOST} policies at most.`);
  }
  for (const policy of policies) check(policy as Policy);
  const kinds = policies.map((policy) => (policy as Policy).Type);
  if (kinds.filter((kind) => kind === 'Expiration').length > 1) {
    throw new AwsError('IncompatiblePolicyException', 'A parameter can have one Expiration policy only.');
  }
  if (kinds.includes('ExpirationNotification') && !kinds.includes('Expiration')) {
    throw new AwsError('IncompatiblePolicyException', 'An ExpirationNotification policy needs an Expiration policy.');
  }
  return policies.map((policy) => JSON.stringify(policy));
}

function listOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrongType(`The policies are not JSON: ${text}`);
  }
}

function isEmpty(policy: unknown): boolean {
  return typeof policy === 'object' && policy !== null && Object.keys(policy).length === 0;
}

function check(policy: Partial<Policy> | null): void {
  const { Type, Version, Attributes } = policy ?? {};
  const names = Object.hasOwn(ATTRIBUTES, Type ?? '') ? ATTRIBUTES[Type!]! : undefined;
  if (!names)
    throw wrongType(
      `The policy type ${Type} isn't supported. Parameter Store supports Expiration, ExpirationNotification, and NoChangeNotification.`,
    );
  if (Version !== '1.0') throw wrongAttribute(`The version of the policy ${Type} must be 1.0.`);
  const missing = names.find((name) => typeof Attributes?.[name] !== 'string');
  if (missing) throw wrongAttribute(`The policy ${Type} must have the attribute ${missing}.`);
  const { Timestamp, Unit, Before, After } = Attributes!;
  if (Type === 'Expiration') {
    readMoment(Timestamp!);
    return;
  }
  if (Unit !== 'Days' && Unit !== 'Hours') throw wrongAttribute(`The Unit ${Unit} is neither Days nor Hours.`);
  if (!/^[1-9]\d*$/.test(Before ?? After!)) throw wrongAttribute(`${Before ?? After} is not a number of ${Unit}.`);
}

function readMoment(timestamp: string): number {
  try {
    return parseMoment(timestamp);
  } catch {
    throw wrongAttribute(`The Timestamp ${timestamp} is not a moment in ISO 8601.`);
  }
}

function wrongType(message: string): AwsError {
  return new AwsError('InvalidPolicyTypeException', message);
}

function wrongAttribute(message: string): AwsError {
  return new AwsError('InvalidPolicyAttributeException', message);
}

/** Puts a parameter's end on the agenda, or takes it off. */
export function scheduleExpiry(ctx: Context, name: string, policies: readonly string[]): void {
  const expiration = policies.map((text) => JSON.parse(text) as Policy).find(({ Type }) => Type === 'Expiration');
  if (expiration) ctx.schedule({ kind: EXPIRY, id: name, due: readMoment(expiration.Attributes.Timestamp!) });
  else ctx.unschedule(EXPIRY, name);
}

/** Takes a parameter's end off the agenda. */
export function forgetExpiry(ctx: Context, name: string): void {
  ctx.unschedule(EXPIRY, name);
}

/** A version's policies as AWS shows them. */
export function policiesOf({ policies }: Version): ParameterInlinePolicy[] {
  return policies.map((text) => ({
    PolicyText: text,
    PolicyType: (JSON.parse(text) as Policy).Type,
    PolicyStatus: 'Pending',
  }));
}
