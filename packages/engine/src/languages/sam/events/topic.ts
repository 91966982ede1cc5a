/* SNS: a subscription to a topic, of the function itself or of a queue before it. */
import { isObject, type JsonObject, type Value } from '../../template/value.ts';
import type { Expansion } from '../expansion.ts';
import { properties } from '../properties.ts';
import { getAtt, ref } from '../values.ts';
import { addPermission, addQueue, addQueuePolicy, type EventSource, type EventType, faultOf } from './source.ts';

const BATCH_SIZE = 10;

export const SNS: EventType = {
  properties: properties('Topic!:string Region FilterPolicy FilterPolicyScope SqsSubscription RedrivePolicy'),
  expand(expansion, event) {
    const { Topic, SqsSubscription } = event.values;
    if (SqsSubscription && SqsSubscription !== 'false') {
      subscribe(expansion, event, 'sqs', queueBefore(expansion, event, SqsSubscription));
    } else {
      subscribe(expansion, event, 'lambda', event.target.arn);
      addPermission(expansion, event, { principal: 'sns.amazonaws.com', sourceArn: Topic });
    }
  },
};

function subscribe(expansion: Expansion, { id, values, target }: EventSource, protocol: string, endpoint: Value): void {
  const { Topic, Region, FilterPolicy, FilterPolicyScope, RedrivePolicy } = values;
  const same = { Region, FilterPolicy, FilterPolicyScope, RedrivePolicy };
  const subscription = { Endpoint: endpoint, Protocol: protocol, TopicArn: Topic, ...same };
  expansion.add(id, 'AWS::SNS::Subscription', subscription, target.attributes);
}

/** The ARN of the queue between topic and function: one that is named, or one that is made. */
function queueBefore(expansion: Expansion, event: EventSource, given: Value): Value {
  const { id, target, values } = event;
  const named = isObject(given) ? given : undefined;
  const queue = named ? namedQueue(event, named) : madeQueue(expansion, event);
  const mapping = {
    BatchSize: named?.BatchSize || BATCH_SIZE,
    Enabled: named?.Enabled || true,
    EventSourceArn: queue.queueArn,
    FunctionName: target.name,
  };
  expansion.add(`${id}EventSourceMapping`, 'AWS::Lambda::EventSourceMapping', mapping, target.attributes);
  target.policies.push({ managed: expansion.managedPolicyArn('service-role/AWSLambdaSQSQueueExecutionRole') });
  addQueuePolicy(expansion, queue.policyId, target, { ...queue, principal: '*', sourceArn: values.Topic! });
  return queue.queueArn;
}

interface SubscribedQueue {
  readonly queueArn: Value;
  readonly queueUrl: Value;
  readonly policyId: string;
}

function madeQueue(expansion: Expansion, { id, target }: EventSource): SubscribedQueue {
  const queue = addQueue(expansion, `${id}Queue`, target);
  return { queueArn: getAtt(queue, 'Arn'), queueUrl: ref(queue), policyId: `${queue}Policy` };
}

function namedQueue(event: EventSource, { QueueArn, QueueUrl, QueuePolicyLogicalId }: JsonObject): SubscribedQueue {
  if (!QueueArn || !QueueUrl) throw faultOf(event, 'No QueueARN or QueueURL provided.');
  const policyId = typeof QueuePolicyLogicalId === 'string' ? QueuePolicyLogicalId : `${event.id}QueuePolicy`;
  return { queueArn: QueueArn, queueUrl: QueueUrl, policyId };
}
