/*
 * Messages published: by clients, alone and in batches, and by AWS's other services.
 *
 * Words and bounds: SNS API Reference, Publish and PublishBatch; Developer Guide, "Message deduplication for FIFO
 * topics". What is published goes on its way in the transaction that takes it.
 */
import { hash } from 'node:crypto';
import type {
  BatchResultErrorEntry,
  PublishBatchInput,
  PublishBatchRequestEntry,
  PublishBatchResponse,
  PublishBatchResultEntry,
  PublishInput,
  PublishResponse,
} from '@aws-sdk/client-sns';
import type { Arn } from '../../kernel/arn.ts';
import { isoMillis } from '../../kernel/clock.ts';
import { AwsError, notImplemented } from '../../kernel/errors.ts';
import type { Context, Delivery } from '../../kernel/service.ts';
import { nextSequence, recall, remember } from './deduplication.ts';
import { invalidParameter } from './errors.ts';
import { fanOut, type Ordering } from './fan-out.ts';
import { type Attribute, readAttributes, sizeOf } from './message-attributes.ts';
import { type FoundTopic, findTopic, topicArn } from './topic.ts';

/** The largest message with its attributes, and the largest batch, in bytes. */
const LARGEST = 262_144;
const LONGEST_SUBJECT = 100;
const MOST_ENTRIES = 10;
/** The form of ids that clients give to groups and messages. */
const TOKEN = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;

type Sent = Omit<PublishInput, 'TopicArn' | 'TargetArn' | 'PhoneNumber'>;

export function publish(ctx: Context, input: PublishInput): PublishResponse {
  const { TopicArn, TargetArn, PhoneNumber } = input;
  const given = [TopicArn, TargetArn, PhoneNumber].filter((target) => target !== undefined && target !== '');
  if (given.length === 0) throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
  if (given.length > 1) throw invalidParameter('Only one of TopicArn, TargetArn or PhoneNumber can be specified');
  if (PhoneNumber) return publishToPhone(ctx, PhoneNumber, input);
  if (/:(endpoint|app)\//.test(TargetArn ?? '')) throw notImplemented('sns', 'Publish to a platform endpoint');
  return send(findTopic(ctx, (TopicArn || TargetArn)!, TopicArn ? 'TopicArn' : 'TargetArn'), input);
}

/** An SMS is a journal entry. */
function publishToPhone(ctx: Context, phone: string, { Message: message = '' }: PublishInput): PublishResponse {
  if (!/^\+?[\d\s().-]{5,20}$/.test(phone))
    throw invalidParameter(`PhoneNumber Reason: ${phone} is not valid to publish to`);
  if (message === '') throw invalidParameter('Empty message');
  ctx.note({ kind: 'sms', subject: phone, outcome: 'ok', detail: { message } });
  return { MessageId: ctx.ids.uuid() };
}

export function publishBatch(ctx: Context, input: PublishBatchInput): PublishBatchResponse {
  const found = findTopic(ctx, input.TopicArn!);
  const entries = input.PublishBatchRequestEntries ?? [];
  checkBatch(entries);
  const result = { Successful: [] as PublishBatchResultEntry[], Failed: [] as BatchResultErrorEntry[] };
  for (const entry of entries) {
    try {
      result.Successful.push({ Id: entry.Id, ...send(found, entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      result.Failed.push(failureOf(entry, error));
    }
  }
  return result;
}

function failureOf({ Id }: PublishBatchRequestEntry, { code, message, fault }: AwsError): BatchResultErrorEntry {
  const named = code === 'InvalidParameterValueException' ? 'ParameterValueInvalid' : code.replace(/Exception$/, '');
  return { Id, Code: named, Message: message, SenderFault: fault === 'Sender' };
}

function checkBatch(entries: readonly PublishBatchRequestEntry[]): void {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequestException', "The batch request doesn't contain any entries.");
  }
  if (entries.length > MOST_ENTRIES) {
    throw new AwsError(
      'TooManyEntriesInBatchRequestException',
      'The batch request contains more entries than permissible.',
    );
  }
  for (const { Id } of entries) {
    if (/^[\w-]{1,80}$/.test(Id!)) continue;
    throw new AwsError(
      'InvalidBatchEntryIdException',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError(
      'BatchEntryIdsNotDistinctException',
      'Two or more batch entries in the request have the same Id.',
    );
  }
  const bytes = entries.reduce((sum, { Message, MessageAttributes }) => {
    const attributes = Object.entries(MessageAttributes ?? {}).reduce(
      (total, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
        total + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0),
      0,
    );
    return sum + Buffer.byteLength(Message!) + attributes;
  }, 0);
  if (bytes > LARGEST) {
    throw new AwsError(
      'BatchRequestTooLongException',
      'The length of all the batch messages put together is more than the limit.',
    );
  }
}

/** What a delivery's parameters are to a topic. */
interface DeliveryParameters {
  readonly subject?: string;
  readonly messageGroupId?: string;
  readonly messageDeduplicationId?: string;
  /** Message attributes: of type String where only a text is given, none for an empty one. BinaryValue is in base64. */
  readonly attributes?: Readonly<Record<string, string | Attribute>>;
}

/** Takes a delivery to a topic: the payload is the message. */
export function acceptDelivery(ctx: Context, { payload, parameters }: Delivery, arn: Arn): void {
  const { subject, messageGroupId, messageDeduplicationId, attributes = {} } = (parameters ?? {}) as DeliveryParameters;
  const told = Object.entries(attributes).filter(([, value]) => value !== '');
  send(findTopic(ctx, topicArn(ctx.scope, arn.resource)), {
    Message: payload,
    MessageAttributes: Object.fromEntries(told.map(([name, value]) => [name, attributeOf(value)])),
    ...(subject !== undefined && { Subject: subject }),
    ...(messageGroupId !== undefined && { MessageGroupId: messageGroupId }),
    ...(messageDeduplicationId !== undefined && { MessageDeduplicationId: messageDeduplicationId }),
  });
}

function attributeOf(value: string | Attribute) {
  if (typeof value === 'string') return { DataType: 'String', StringValue: value };
  const { BinaryValue, ...rest } = value;
  return { ...rest, ...(BinaryValue !== undefined && { BinaryValue: Buffer.from(BinaryValue, 'base64') }) };
}

function send(found: FoundTopic, sent: Sent): PublishResponse {
  const { ctx, topic } = found;
  const { Message: message = '', Subject: subject } = sent;
  if (message === '') throw invalidParameter('Empty message');
  const attributes = readAttributes(sent.MessageAttributes);
  if (Buffer.byteLength(message) + sizeOf(attributes) > LARGEST) throw invalidParameter('Message too long');
  if (subject !== undefined) checkSubject(subject);
  const texts = textsOf(message, sent.MessageStructure);
  const ordering = topic.fifo ? orderingOf(found, sent, texts.default!) : unorderedOf(sent);
  const { key } = ordering;
  const original = key === undefined ? undefined : recall(ctx, key);
  if (original) return original;
  const id = ctx.ids.uuid();
  ctx.sends(id);
  const sequenceNumber = topic.fifo ? nextSequence(ctx, topic.id) : undefined;
  const told = {
    id,
    topicArn: found.arn,
    timestamp: isoMillis(ctx.now),
    attributes,
    signatureVersion: topic.attributes.SignatureVersion ?? '1',
    ...(subject !== undefined && { subject }),
    ...(sequenceNumber !== undefined && { sequenceNumber }),
  };
  fanOut(found, { message: told, texts, ...ordering });
  if (sequenceNumber === undefined) return { MessageId: id };
  const published = { MessageId: id, SequenceNumber: sequenceNumber };
  remember(ctx, topic.id, key!, published);
  return published;
}

/** What a message says, by protocol; `default` for all others. */
function textsOf(message: string, structure: string | undefined): Readonly<Record<string, string>> {
  if (structure === undefined || structure === '') return { default: message };
  if (structure !== 'json') throw invalidParameter('MessageStructure');
  let given: unknown;
  try {
    given = JSON.parse(message);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  const texts = Object.fromEntries(Object.entries(given).filter(([, text]) => typeof text === 'string'));
  if (texts.default === undefined) {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  return texts;
}

function checkSubject(subject: string): void {
  if (subject === '' || subject.length > LONGEST_SUBJECT || /\p{Cc}/u.test(subject)) throw invalidParameter('Subject');
}

/** A standard topic hands a group on to its standard queues, for fairness among senders. */
function unorderedOf({ MessageGroupId: groupId, MessageDeduplicationId }: Sent): Ordering {
  if (MessageDeduplicationId !== undefined) {
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  if (groupId === undefined) return {};
  checkToken('MessageGroupId', groupId);
  return { groupId };
}

function orderingOf({ topic }: FoundTopic, sent: Sent, text: string): Ordering {
  const { MessageGroupId: groupId, MessageDeduplicationId } = sent;
  if (groupId === undefined || groupId === '') {
    throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  }
  checkToken('MessageGroupId', groupId);
  if (MessageDeduplicationId !== undefined) checkToken('MessageDeduplicationId', MessageDeduplicationId);
  const byContent = topic.attributes.ContentBasedDeduplication?.toLowerCase() === 'true';
  const deduplicationId = MessageDeduplicationId ?? (byContent ? hash('sha256', text, 'hex') : undefined);
  if (deduplicationId === undefined) {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  const scope = topic.attributes.FifoThroughputScope === 'MessageGroup' ? groupId : '';
  return { groupId, deduplicationId, key: `${topic.id} ${scope} ${deduplicationId}` };
}

function checkToken(name: string, token: string): void {
  if (TOKEN.test(token)) return;
  throw invalidParameter(
    `${name} Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`,
  );
}
