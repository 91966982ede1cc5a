/* Destinations of a function: where results of asynchronous invocations go, and the policies that allow it. */
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import type { Expansion } from './expansion.ts';
import type { FunctionDraft } from './function.ts';
import { allowing, type Policy } from './policies.ts';
import { branches, choice, compact, getAtt, hashOf, isNoValue, ref } from './values.ts';

/** Kinds of destinations, and what a function does to send to one. */
export const SENDING: Readonly<Record<string, Value>> = {
  SQS: 'sqs:SendMessage',
  SNS: 'sns:publish',
  EventBridge: 'events:PutEvents',
  Lambda: 'lambda:InvokeFunction',
  S3Bucket: ['s3:PutObject', 's3:ListBucket'],
};

interface MadeKind {
  readonly suffix: string;
  readonly type: string;
  readonly reference: (id: string) => Value;
}

/** Those that SAM makes where none is named. */
const MADE: Readonly<Record<string, MadeKind>> = {
  SQS: { suffix: 'Queue', type: 'AWS::SQS::Queue', reference: (id) => getAtt(id, 'Arn') },
  SNS: { suffix: 'Topic', type: 'AWS::SNS::Topic', reference: ref },
};

/** Adds the function's AWS::Lambda::EventInvokeConfig, where it asks for one. Returns policies for its role. */
export function addEventInvokeConfig(expansion: Expansion, draft: FunctionDraft): Policy[] {
  const { id, values, attributes, alias, aliasName } = draft;
  const config = values.EventInvokeConfig;
  if (!isObject(config)) return [];
  const configId = `${id}EventInvokeConfig`;
  const given = isObject(config.DestinationConfig) ? config.DestinationConfig : {};
  const destinations: [string, Value][] = [];
  const policies: Policy[] = [];
  for (const event of ['OnSuccess', 'OnFailure'] as const) {
    const destination = given[event];
    if (!isObject(destination)) continue;
    const arn = addDestination(expansion, draft, destination, { configId, event });
    destinations.push([event, { Destination: arn }]);
    const kind = String(destination.Type);
    policies.push(allowing(`${configId}${event}${kind}Policy`, SENDING[kind]!, arn));
  }
  expansion.add(
    configId,
    'AWS::Lambda::EventInvokeConfig',
    {
      DestinationConfig: Object.fromEntries(destinations),
      FunctionName: ref(id),
      MaximumEventAgeInSeconds: config.MaximumEventAgeInSeconds,
      MaximumRetryAttempts: config.MaximumRetryAttempts,
      Qualifier: aliasName ?? '$LATEST',
    },
    { ...attributes, ...(alias !== undefined && { DependsOn: [alias] }) },
  );
  return policies;
}

interface Place {
  readonly configId: string;
  readonly event: string;
}

/** The ARN of a destination, which is made where none is named, or where a condition leaves it unnamed. */
function addDestination(expansion: Expansion, draft: FunctionDraft, destination: JsonObject, place: Place): Value {
  const { id, attributes } = draft;
  const kind = String(destination.Type ?? 'None');
  if (SENDING[kind] === undefined) {
    const kinds = Object.keys(SENDING).map((name) => `'${name}'`);
    throw SamFault.ofResource(id, `'Type: ${kind}' must be one of [${kinds.join(', ')}]`);
  }
  const made = MADE[kind];
  const given = destination.Destination;
  if (given === undefined || isNoValue(given)) {
    if (!made) throw SamFault.ofResource(id, "Destination is required if Type is not ['SQS', 'SNS']");
    return addMade(expansion, draft, made, place, attributes);
  }
  const [condition, yes, no] = branches(given) ?? [];
  if (!made || condition === undefined || isNoValue(yes) === isNoValue(no)) return given;
  const unnamed = isNoValue(yes) ? condition : expansion.negation(condition, place.configId);
  const own = addMade(expansion, draft, made, place, { ...attributes, Condition: both(expansion, draft, unnamed) });
  return choice(unnamed, own, isNoValue(yes) ? no! : yes!);
}

function addMade(
  expansion: Expansion,
  { tagging }: FunctionDraft,
  { suffix, type, reference }: MadeKind,
  { configId, event }: Place,
  attributes: JsonObject,
): Value {
  return reference(expansion.add(`${configId}${event}${suffix}`, type, { Tags: tagging.propagated }, attributes));
}

/** The condition that holds where the function's own and another do. */
function both(expansion: Expansion, { id, attributes }: FunctionDraft, other: string): string {
  const own = attributes.Condition;
  if (typeof own !== 'string') return other;
  const name = `${own}AND${other}${hashOf(id)}`;
  const parts = [own, other].map((condition) => ({ Condition: { Condition: condition } }));
  expansion.conditions.set(name, { 'Fn::And': parts });
  return name;
}

/** An event source's OnFailure: its DestinationConfig without what only SAM knows, and the policy for the role. */
export function onFailure(id: string, config: Value | undefined): { config?: Value; policies: Policy[] } {
  const failure = isObject(config) ? config.OnFailure : undefined;
  if (!isObject(failure)) return config === undefined ? { policies: [] } : { config, policies: [] };
  const { Type, Destination } = failure;
  const action = SENDING[String(Type)];
  return {
    config: { OnFailure: compact({ Destination }) },
    policies: action && Destination ? [allowing(`${id}${Type}Policy`, action, Destination)] : [],
  };
}
