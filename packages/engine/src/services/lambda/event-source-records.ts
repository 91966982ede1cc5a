/*
 * Messages of a queue as a function gets them.
 *
 * Developer Guide, "Using Lambda with Amazon SQS": the example events of standard and FIFO queues.
 */
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { EventError } from '../../languages/event-pattern/index.ts';
import { passes } from './event-source-filters.ts';
import type { EventSourceMapping } from './event-source-mapping.ts';

/** A message that was received, as text in an event. */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly json: string;
  /** Of the text, in UTF-8. */
  readonly bytes: number;
  /** Whether the mapping's filters let it through. */
  readonly wanted: boolean;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** What the event of no records has. */
export const EMPTY_EVENT_BYTES = Buffer.byteLength(eventOf([]));

export function eventOf(records: readonly Pick<QueueRecord, 'json'>[]): string {
  return `{"Records":[${records.map(({ json }) => json).join(',')}]}`;
}

export function recordOf(
  message: Message,
  { queueArn, filters }: Pick<EventSourceMapping, 'queueArn' | 'filters'>,
  receivedAt: number,
): QueueRecord {
  const { MessageId, ReceiptHandle, Body = '', MD5OfMessageAttributes } = message;
  const record = {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: systemAttributesOf(message),
    messageAttributes: attributesOf(message.MessageAttributes),
    md5OfBody: message.MD5OfBody,
    ...(MD5OfMessageAttributes !== undefined && { md5OfMessageAttributes: MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3],
  };
  const json = JSON.stringify(record);
  return {
    messageId: MessageId!,
    receiptHandle: ReceiptHandle!,
    json,
    bytes: Buffer.byteLength(json),
    wanted: !filters || isWanted(filters, record),
    receivedAt,
  };
}

const SYSTEM_ATTRIBUTES = [
  'ApproximateReceiveCount',
  'AWSTraceHeader',
  'SentTimestamp',
  'SequenceNumber',
  'MessageGroupId',
  'SenderId',
  'MessageDeduplicationId',
  'ApproximateFirstReceiveTimestamp',
  'DeadLetterQueueSourceArn',
] as const;

function systemAttributesOf({ Attributes = {} }: Message): Record<string, string> {
  const has = SYSTEM_ATTRIBUTES.filter((name) => Attributes[name] !== undefined);
  return Object.fromEntries(has.map((name) => [name, Attributes[name]!]));
}

function attributesOf(attributes: Readonly<Record<string, MessageAttributeValue>> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        ...(BinaryValue ? { binaryValue: Buffer.from(BinaryValue).toString('base64') } : { stringValue: StringValue }),
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ]),
  );
}

/** A body that is nested too deeply for JSON is a text to filters. */
function isWanted(filters: readonly string[], { body, ...rest }: { readonly body: string }): boolean {
  const withBody = (json: string) => `${JSON.stringify(rest).slice(0, -1)},"body":${json}}`;
  const asText = () => passes(filters, withBody(JSON.stringify(body)));
  if (!isStructure(body)) return asText();
  try {
    return passes(filters, withBody(body));
  } catch (error) {
    if (error instanceof EventError) return asText();
    throw error;
  }
}

/** Whether a text is JSON of an object or a list. */
function isStructure(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
