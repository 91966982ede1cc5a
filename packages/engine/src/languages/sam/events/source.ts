/* What rings a function or starts a state machine: an event of its Events, and what all kinds of them share. */
import { isObject, type JsonObject, type Value } from '../../template/value.ts';
import { SamFault } from '../error.ts';
import type { Expansion, SamResource } from '../expansion.ts';
import type { Policy } from '../policies.ts';
import type { Properties } from '../properties.ts';
import { getAtt, ref } from '../values.ts';

/** The function or state machine that events go to. */
export interface Target {
  readonly id: string;
  readonly resource: SamResource;
  /** What everything made for it inherits. */
  readonly attributes: JsonObject;
  /** Of what is to run: the alias, where it has one. */
  readonly arn: Value;
  /** As permissions take it; undefined for a state machine, which is started by roles. */
  readonly name?: Value;
  /** What stands in `${…}` where a text needs its ARN: `HelloAliaslive`, `Hello.Arn`. */
  readonly invokePath: string;
  /** Those that are propagated. */
  readonly tags: JsonObject[] | undefined;
  readonly permissionsBoundary?: Value | undefined;
  /** What its events need its role to allow; they add to it. */
  readonly policies: Policy[];
}

export interface EventSource {
  /** The target's logical id and the event's name. */
  readonly id: string;
  readonly name: string;
  readonly values: JsonObject;
  readonly target: Target;
}

export interface EventType {
  readonly properties: Properties;
  readonly expand: (expansion: Expansion, event: EventSource) => void;
}

export const faultOf = ({ target, name }: EventSource, words: string): SamFault =>
  SamFault.ofEvent(target.id, name, words);

interface Allowed {
  readonly principal: string;
  readonly sourceArn?: Value | undefined;
  readonly sourceAccount?: Value | undefined;
  readonly eventSourceToken?: Value | undefined;
  readonly suffix?: string;
  readonly prefix?: string;
}

/** Allows a service to invoke the function. Returns the permission's logical id. */
export function addPermission(expansion: Expansion, { id, target }: EventSource, allowed: Allowed): string {
  const { principal, sourceArn, sourceAccount, eventSourceToken, suffix = '', prefix = id } = allowed;
  const properties = {
    Action: 'lambda:InvokeFunction',
    FunctionName: target.name,
    Principal: principal,
    SourceArn: sourceArn,
    SourceAccount: sourceAccount,
    EventSourceToken: eventSourceToken,
  };
  return expansion.add(`${prefix}Permission${suffix}`, 'AWS::Lambda::Permission', properties, target.attributes);
}

/** Adds a queue, tagged as its target propagates. Returns its logical id. */
export const addQueue = (expansion: Expansion, id: string, { tags, attributes }: Target): string =>
  expansion.add(id, 'AWS::SQS::Queue', { Tags: tags }, attributes);

interface QueueSender {
  readonly queueArn: Value;
  readonly queueUrl: Value;
  readonly principal: Value;
  readonly sourceArn: Value;
}

/** Allows a rule or a topic to send to a queue. */
export function addQueuePolicy(expansion: Expansion, id: string, { attributes }: Target, sender: QueueSender): void {
  const statement = {
    Action: 'sqs:SendMessage',
    Effect: 'Allow',
    Principal: sender.principal,
    Resource: sender.queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': sender.sourceArn } },
  };
  const document = { Version: '2012-10-17', Statement: [statement] };
  expansion.add(id, 'AWS::SQS::QueuePolicy', { PolicyDocument: document, Queues: [sender.queueUrl] }, attributes);
}

/** The DeadLetterConfig of a rule or a schedule: of the queue that is named, or of one that is made. */
export function deadLetter(expansion: Expansion, event: EventSource): { config?: JsonObject; made?: string } {
  const given = event.values.DeadLetterConfig;
  if (!isObject(given)) return {};
  const { Arn, Type, QueueLogicalId } = given;
  const fault = (words: string) => SamFault.ofEvent(event.target.id, event.id, words);
  if (Arn !== undefined && Type !== undefined) {
    throw fault("You can either define 'Arn' or 'Type' property of DeadLetterConfig.");
  }
  if (Arn !== undefined) return { config: { Arn } };
  if (Type === undefined) throw fault("No 'Arn' or 'Type' property provided for DeadLetterConfig.");
  if (Type !== 'SQS') throw fault("The only valid value for 'Type' property of DeadLetterConfig is 'SQS'.");
  const queue = typeof QueueLogicalId === 'string' ? QueueLogicalId : `${event.id}Queue`;
  addQueue(expansion, queue, event.target);
  return { config: { Arn: getAtt(queue, 'Arn') }, made: queue };
}

/** The queue's policy, where SAM made the queue of a rule's dead letters. */
export function allowDeadLetters(expansion: Expansion, { id, target }: EventSource, queue: string | undefined): void {
  if (queue === undefined) return;
  addQueuePolicy(expansion, `${id}QueuePolicy`, target, {
    queueArn: getAtt(queue, 'Arn'),
    queueUrl: ref(queue),
    principal: { Service: 'events.amazonaws.com' },
    sourceArn: getAtt(id, 'Arn'),
  });
}
