/*
 * Messages sent: by clients, and by AWS's other services on behalf of rules, topics and functions.
 *
 * Words and bounds: API Reference, SendMessage and SendMessageBatch; Developer Guide, "Amazon SQS message quotas".
 */
import { hash } from 'node:crypto';
import type {
  MessageAttributeValue,
  SendMessageBatchRequest,
  SendMessageBatchResult,
  SendMessageRequest,
  SendMessageResult,
} from '@aws-sdk/client-sqs';
import type { Arn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Delivery } from '../../kernel/service.ts';
import { runBatch } from './batches.ts';
import { checkRange, checkToken, invalidParameter, invalidValue, missingParameter, WRONG_TYPE } from './errors.ts';
import { deduplications, recall, remember } from './memories.ts';
import { type Attributes, digestOf, readAttribute, readAttributes, sizeOf } from './message-attributes.ts';
import { addMessage } from './messages.ts';
import { type FoundQueue, findQueue, numberOf, type Queue, queueNamed } from './queue.ts';
import type { AttributeValue, Message } from './tables.ts';

const BATCH_BYTES = 1_048_576;
const DELAY_SECONDS = [0, 900] as const;
/** What XML 1.0 can't carry. */
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const ALLOWED =
  'the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF';
/** What is sent, alone or in a batch. */
type Sent = Omit<SendMessageRequest, 'QueueUrl'>;

export function sendMessage(ctx: Context, input: SendMessageRequest): SendMessageResult {
  return send(ctx, findQueue(ctx, input.QueueUrl!), input);
}

export function sendMessageBatch(ctx: Context, input: SendMessageBatchRequest): SendMessageBatchResult {
  const found = findQueue(ctx, input.QueueUrl!);
  const bytes = (input.Entries ?? []).reduce((sum, entry) => sum + roughSize(entry), 0);
  if (bytes > BATCH_BYTES) {
    const message = `Batch requests cannot be longer than ${BATCH_BYTES} bytes. You have sent ${bytes} bytes.`;
    throw new AwsError('BatchRequestTooLong', message);
  }
  return runBatch('SendMessageBatchRequestEntry', input.Entries, (entry) => {
    const { MD5OfMessageBody, MessageId, ...rest } = send(ctx, found, entry);
    return { MD5OfMessageBody: MD5OfMessageBody!, MessageId: MessageId!, ...rest };
  });
}

function roughSize({ MessageBody = '', MessageAttributes = {} }: Sent): number {
  return Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0),
    Buffer.byteLength(MessageBody),
  );
}

/** What a delivery's parameters are to a queue. */
interface DeliveryParameters {
  readonly messageGroupId?: string;
  readonly messageDeduplicationId?: string;
  /** Message attributes: of type String where only a text is given, none for an empty one. BinaryValue is in base64. */
  readonly attributes?: Readonly<Record<string, string | AttributeValue>>;
}

/** Takes a delivery to a queue: a message with the payload as its body. */
export function acceptDelivery(ctx: Context, delivery: Delivery, arn: Arn): void {
  const { messageGroupId, messageDeduplicationId, attributes = {} } = (delivery.parameters ?? {}) as DeliveryParameters;
  const found = { ctx, name: arn.resource, queue: queueNamed(ctx, arn.resource) };
  send(ctx, found, {
    MessageBody: delivery.payload,
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => [name, attributeOf(value)]),
    ),
    ...(messageGroupId !== undefined && { MessageGroupId: messageGroupId }),
    ...(messageDeduplicationId !== undefined && { MessageDeduplicationId: messageDeduplicationId }),
  });
}

function attributeOf(value: string | AttributeValue): MessageAttributeValue {
  if (typeof value === 'string') return { DataType: 'String', StringValue: value };
  const { BinaryValue, ...rest } = value;
  return { ...rest, ...(BinaryValue !== undefined && { BinaryValue: Buffer.from(BinaryValue, 'base64') }) };
}

function send(sender: Context, { ctx, name, queue }: FoundQueue, sent: Sent): SendMessageResult {
  const body = sent.MessageBody;
  if (!body) throw missingParameter('MessageBody');
  checkBody(body);
  const attributes = readAttributes(sent.MessageAttributes);
  const traceHeader = readTraceHeader(sent);
  checkSize(queue, body, attributes);
  const ordering = queue.fifo ? orderingOf(queue, sent) : unorderedOf(sent);
  const { deduplicationId } = ordering;
  const key = deduplicationId === undefined ? undefined : deduplicationKey(queue, ordering.groupId!, deduplicationId);
  const original = key === undefined ? undefined : recall(ctx, deduplications, key);
  const kept =
    original ??
    outcomeOf(
      addMessage(ctx, name, queue, {
        id: ctx.ids.uuid(),
        body,
        ...(Object.keys(attributes).length > 0 && { attributes }),
        ...(traceHeader && { traceHeader }),
        senderId: sender.scope.account,
        sentAt: ctx.now,
        ...ordering,
        delaySeconds: sent.DelaySeconds ?? numberOf(queue, 'DelaySeconds'),
      }),
    );
  if (!original) ctx.sends(kept.messageId);
  if (key !== undefined && !original) {
    remember(ctx, deduplications, key, {
      at: ctx.now,
      messageId: kept.messageId,
      sequenceNumber: kept.sequenceNumber!,
    });
  }
  const [attributesMd5, systemMd5] = [digestOf(attributes), traceHeader && digestOf({ AWSTraceHeader: traceHeader })];
  return {
    MD5OfMessageBody: hash('md5', body, 'hex'),
    ...(attributesMd5 !== undefined && { MD5OfMessageAttributes: attributesMd5 }),
    ...(systemMd5 !== undefined && { MD5OfMessageSystemAttributes: systemMd5 }),
    MessageId: kept.messageId,
    ...(kept.sequenceNumber !== undefined && { SequenceNumber: kept.sequenceNumber }),
  };
}

function outcomeOf({ id, sequenceNumber }: Message): { messageId: string; sequenceNumber: string | undefined } {
  return { messageId: id, sequenceNumber };
}

function checkBody(body: string): void {
  const forbidden = FORBIDDEN.exec(body)?.[0];
  if (forbidden === undefined) return;
  const code = forbidden.charCodeAt(0).toString(16).toUpperCase();
  throw new AwsError(
    'InvalidMessageContents',
    `Invalid binary character '#x${code}' was found in the message body, ${ALLOWED}`,
  );
}

function checkSize(queue: Queue, body: string, attributes: Attributes): void {
  const most = numberOf(queue, 'MaximumMessageSize');
  if (Buffer.byteLength(body) + sizeOf(attributes) <= most) return;
  throw invalidParameter(`One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`);
}

/** X-Ray's trace header is the only system attribute that can be sent. */
function readTraceHeader({ MessageSystemAttributes = {} }: Sent): AttributeValue | undefined {
  const { AWSTraceHeader, ...others } = MessageSystemAttributes as Record<string, MessageAttributeValue>;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw invalidParameter(`Message system attribute name '${other}' is invalid.`);
  }
  return AWSTraceHeader && readAttribute('AWSTraceHeader', AWSTraceHeader);
}

interface Ordering {
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** A standard queue takes a group too, for fairness among its senders (Developer Guide, "Amazon SQS fair queues"). */
function unorderedOf({ MessageGroupId, MessageDeduplicationId, DelaySeconds }: Sent): Ordering {
  if (MessageDeduplicationId !== undefined) {
    throw invalidValue(MessageDeduplicationId, 'MessageDeduplicationId', WRONG_TYPE);
  }
  checkRange(DelaySeconds, DELAY_SECONDS, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.');
  checkToken(MessageGroupId, 'MessageGroupId');
  return MessageGroupId === undefined ? {} : { groupId: MessageGroupId };
}

function orderingOf(queue: Queue, sent: Sent): Ordering {
  const { MessageGroupId, MessageDeduplicationId, DelaySeconds, MessageBody } = sent;
  if (MessageGroupId === undefined) throw missingParameter('MessageGroupId');
  if (DelaySeconds) throw invalidValue(DelaySeconds, 'DelaySeconds', WRONG_TYPE);
  checkToken(MessageGroupId, 'MessageGroupId');
  checkToken(MessageDeduplicationId, 'MessageDeduplicationId');
  const byContent = queue.attributes.ContentBasedDeduplication === 'true';
  const deduplicationId = MessageDeduplicationId ?? (byContent ? hash('sha256', MessageBody!, 'hex') : undefined);
  if (deduplicationId === undefined) {
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  return { groupId: MessageGroupId, deduplicationId };
}

function deduplicationKey({ id, attributes }: Queue, groupId: string, deduplicationId: string): string {
  const scope = attributes.DeduplicationScope === 'messageGroup' ? groupId : '';
  return `${id} ${scope} ${deduplicationId}`;
}
