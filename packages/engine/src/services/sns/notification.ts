/*
 * What subscribers get: a notification's JSON text with its signature, and the event that a function gets.
 *
 * Of all that a message becomes, only the subscription's own ARN differs between subscribers: what is the same is
 * written, and signed, once.
 *
 * Developer Guide, "Verifying the signatures of Amazon SNS messages" and "Parsing Amazon SNS message formats"; Lambda
 * Developer Guide, "Invoking Lambda functions with Amazon SNS notifications".
 */
import { sign } from 'node:crypto';
import { getOrMake } from '../../kernel/maps.ts';
import type { Host } from '../../kernel/service.ts';
import { type Attributes, toldAttributes } from './message-attributes.ts';
import { signingKeyOf } from './signing-key.ts';

/** A message that was published. */
export interface Message {
  readonly id: string;
  readonly topicArn: string;
  /** ISO 8601, with milliseconds. */
  readonly timestamp: string;
  readonly subject?: string;
  readonly attributes: Attributes;
  readonly signatureVersion: string;
  /** Of FIFO topics. */
  readonly sequenceNumber?: string;
}

/** What is signed of a message, and how its JSON text begins and ends. */
interface Rendered {
  readonly signature: string;
  readonly head: string;
  readonly tail: string;
}

export interface Notifications {
  /** The JSON text that queues and addresses get. */
  json(text: string, subscriptionArn: string): string;
  /** A function's event, as JSON text. */
  event(text: string, subscriptionArn: string): string;
}

/** Writes a message for its subscribers; `text` is what the message says in the subscriber's protocol. */
export function notificationsOf(host: Host, message: Message): Notifications {
  const rendered = new Map<string, Rendered>();
  const renderedOf = (text: string) => getOrMake(rendered, text, () => render(host, message, text));
  return {
    json(text, subscriptionArn) {
      const { head, tail } = renderedOf(text);
      return `${head}"UnsubscribeURL" : ${JSON.stringify(unsubscribeUrl(host, subscriptionArn))}${tail}`;
    },
    event: (text, subscriptionArn) => eventOf(host, message, text, subscriptionArn, renderedOf(text).signature),
  };
}

/** Messages of FIFO topics are not signed. */
function render(host: Host, message: Message, text: string): Rendered {
  const { id, topicArn, timestamp, subject, attributes, signatureVersion, sequenceNumber } = message;
  const type = 'Notification';
  const signed = {
    Message: text,
    MessageId: id,
    Subject: subject,
    Timestamp: timestamp,
    TopicArn: topicArn,
    Type: type,
  };
  const signature = sequenceNumber === undefined ? signatureOf(host, signed, signatureVersion) : '';
  const head = {
    Type: type,
    MessageId: id,
    SequenceNumber: sequenceNumber,
    TopicArn: topicArn,
    Subject: subject,
    Message: text,
    Timestamp: timestamp,
    ...(sequenceNumber === undefined && {
      SignatureVersion: signatureVersion,
      Signature: signature,
      SigningCertURL: certificateUrl(host),
    }),
  };
  const told = Object.entries(toldAttributes(attributes));
  const lines = told.map(([name, value]) => `    ${JSON.stringify(name)} : ${JSON.stringify(value)}`);
  const tail = lines.length > 0 ? `,\n  "MessageAttributes" : {\n${lines.join(',\n')}\n  }\n}` : '\n}';
  return { signature, head: `{\n${membersOf(head)},\n  `, tail };
}

function eventOf(host: Host, message: Message, text: string, subscriptionArn: string, signature: string): string {
  const { id, topicArn, timestamp, subject = null, attributes, signatureVersion } = message;
  const Sns = {
    Type: 'Notification',
    MessageId: id,
    TopicArn: topicArn,
    Subject: subject,
    Message: text,
    Timestamp: timestamp,
    SignatureVersion: signatureVersion,
    Signature: signature,
    SigningCertUrl: certificateUrl(host),
    UnsubscribeUrl: unsubscribeUrl(host, subscriptionArn),
    MessageAttributes: toldAttributes(attributes),
  };
  const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscriptionArn, Sns };
  return JSON.stringify({ Records: [record] });
}

/** The message that asks an address whether it wants to be, or to stay, subscribed. */
export function confirmationOf(
  host: Host,
  message: Omit<Message, 'subject' | 'attributes' | 'sequenceNumber'>,
  type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
  text: string,
  token: string,
): string {
  const { id, topicArn, timestamp, signatureVersion } = message;
  const told = {
    Type: type,
    MessageId: id,
    Token: token,
    TopicArn: topicArn,
    Message: text,
    SubscribeURL: subscribeUrl(host, topicArn, token),
    Timestamp: timestamp,
  };
  const { Message, MessageId, SubscribeURL, Timestamp, Token, TopicArn, Type } = told;
  const signed = { Message, MessageId, SubscribeURL, Timestamp, Token, TopicArn, Type };
  const signature = signatureOf(host, signed, signatureVersion);
  const all = {
    ...told,
    SignatureVersion: signatureVersion,
    Signature: signature,
    SigningCertURL: certificateUrl(host),
  };
  return `{\n${membersOf(all)}\n}`;
}

/** Signs names and values, each on a line of its own; version 1 by SHA-1, version 2 by SHA-256. */
function signatureOf(host: Host, members: Readonly<Record<string, string | undefined>>, version: string): string {
  const lines = Object.entries(members).filter(([, value]) => value !== undefined);
  const text = lines.map(([name, value]) => `${name}\n${value}\n`).join('');
  return sign(version === '2' ? 'sha256' : 'sha1', Buffer.from(text), signingKeyOf(host).key).toString('base64');
}

function membersOf(members: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`)
    .join(',\n');
}

function certificateUrl(host: Host): string {
  return host.endpoint + signingKeyOf(host).path;
}

function unsubscribeUrl({ endpoint }: Host, subscriptionArn: string): string {
  return `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
}

export function subscribeUrl({ endpoint }: Host, topicArn: string, token: string): string {
  return `${endpoint}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
}
