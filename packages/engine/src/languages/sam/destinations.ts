/* Destinations of a function: where results of asynchronous invocations go, and the policies that allow it. */
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import type { EventSource } from './events/source.ts';
import type { Expansion } from './expansion.ts';
import type { FunctionDraft } from './function-draft.ts';
import { allow, allowing, type Policy } from './policies.ts';
import { branches, choice, compact, getAtt, hashOf, isNoValue, ref } from './values.ts';

const ACTIONS: Readonly<Record<string, string>> = {
  SQS: 'sqs:SendMessage',
  SNS: 'sns:publish',
  EventBridge: 'events:PutEvents',
  Lambda: 'lambda:InvokeFunction',
};
const KINDS = [...Object.keys(ACTIONS), 'S3Bucket'];

/** What allows a function to send to a destination. `prefix` and the kind name the policy. */
function allowSending(prefix: string, kind: string, arn: Value): Policy {
  const action = ACTIONS[kind];
  if (action !== undefined) return allowing(`${prefix}${kind}Policy`, action, arn);
  const objects = { 'Fn::Join': ['/', [arn, '*']] };
  const statements = [allow('s3:PutObject', objects), allow('s3:ListBucket', arn)];
  return { inline: { PolicyName: `${prefix}S3Policy`, PolicyDocument: { Statement: statements } } };
}

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
    if (destination === undefined) continue;
    if (!isObject(destination)) {
      const words = `Property 'EventInvokeConfig.DestinationConfig.${event}' should be a map.`;
      throw SamFault.ofResource(id, words);
    }
    const arn = addDestination(expansion, draft, destination, { configId, event });
    destinations.push([event, { Destination: arn }]);
    policies.push(allowSending(configId + event, String(destination.Type), arn));
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
  if (!KINDS.includes(kind)) {
    const kinds = KINDS.map((name) => `'${name}'`);
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

const STREAM_KINDS = ['SQS', 'SNS', 'S3', 'Kafka'];

/** An event source's OnFailure: its DestinationConfig without what only SAM knows, and the policy for the role. */
export function onFailure(event: EventSource): { config?: Value; policies: Policy[] } {
  const config = event.values.DestinationConfig;
  const failure = isObject(config) ? config.OnFailure : undefined;
  if (!isObject(failure)) return config === undefined ? { policies: [] } : { config, policies: [] };
  const { Type, Destination } = failure;
  if (Type !== undefined && !STREAM_KINDS.includes(String(Type))) {
    const words = "The only valid values for 'Type' are 'SQS', 'SNS', 'S3', and 'Kafka'";
    throw SamFault.ofEvent(event.target.id, event.id, words);
  }
  const allowed = Type !== undefined && Type !== 'Kafka' && Destination !== undefined;
  return {
    config: { OnFailure: compact({ Destination }) },
    policies: allowed ? [allowSending(event.id, String(Type), Destination)] : [],
  };
}
