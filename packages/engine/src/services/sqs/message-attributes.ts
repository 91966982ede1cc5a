/*
 * Message attributes: checked, digested as clients verify them, and selected by name.
 *
 * Developer Guide, "Amazon SQS message metadata" and "Calculating the MD5 message digest for message attributes".
 */
import { hash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/errors.ts';
import { invalidParameter } from './errors.ts';
import type { AttributeValue } from './tables.ts';

const MOST = 10;
const LONGEST = 256;
const TYPES = /^(String|Number|Binary)(\..+)?$/s;
const CODES = { String: 1, Number: 1, Binary: 2 };

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Attributes as they are kept. Throws an AwsError for what SQS refuses. */
export function readAttributes(given: Readonly<Record<string, MessageAttributeValue>> = {}): Attributes {
  const entries = Object.entries(given);
  if (entries.length > MOST) {
    throw invalidParameter(`Number of message attributes [${entries.length}] exceeds the allowed maximum [${MOST}].`);
  }
  return Object.fromEntries(entries.map(([name, value]) => [checkName(name), readAttribute(name, value)]));
}

function checkName(name: string): string {
  if (name.length > LONGEST) {
    throw invalidParameter(`Length of message attribute name must be less than ${LONGEST} bytes.`);
  }
  if (!/^[\w.-]+$/.test(name)) {
    throw invalidParameter(
      'Invalid (non-alphanumeric character) was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.',
    );
  }
  if (/^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name)) {
    throw invalidParameter(`The message attribute name '${name}' is invalid.`);
  }
  return name;
}

/** One attribute as it is kept. */
export function readAttribute(name: string, given: MessageAttributeValue): AttributeValue {
  const { DataType, StringValue, BinaryValue, StringListValues, BinaryListValues } = given;
  if (StringListValues?.length || BinaryListValues?.length) {
    throw new AwsError(
      'UnsupportedOperation',
      'Message attribute list values in SendMessage operation are not supported.',
    );
  }
  if (!DataType)
    throw invalidParameter(`The message attribute '${name}' must contain non-empty message attribute type.`);
  const [, base] = TYPES.exec(DataType) ?? [];
  if (base === undefined || DataType.length > LONGEST) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const isBinary = base === 'Binary';
  if (isBinary ? !BinaryValue?.length : !StringValue) {
    throw invalidParameter(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  }
  if (base === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(StringValue!)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  return isBinary ? { DataType, BinaryValue: base64(BinaryValue!) } : { DataType, StringValue: StringValue! };
}

/** Attributes as clients get them. */
export function writeAttributes(attributes: Attributes): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      BinaryValue === undefined
        ? { DataType, StringValue: StringValue! }
        : { DataType, BinaryValue: Buffer.from(BinaryValue, 'base64') },
    ]),
  );
}

/** Their MD5, in hexadecimal digits; undefined when there are none. */
export function digestOf(attributes: Attributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts: Buffer[] = [];
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  };
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name]!;
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    parts.push(Buffer.from([CODES[DataType.split('.')[0] as keyof typeof CODES]]));
    add(BinaryValue === undefined ? Buffer.from(StringValue!) : Buffer.from(BinaryValue, 'base64'));
  }
  return hash('md5', Buffer.concat(parts), 'hex');
}

/** How many bytes of a message they take: names, types and values. */
export function sizeOf(attributes: Attributes): number {
  return Object.entries(attributes).reduce((sum, [name, { DataType, StringValue, BinaryValue }]) => {
    const value =
      BinaryValue === undefined ? Buffer.byteLength(StringValue!) : Buffer.byteLength(BinaryValue, 'base64');
    return sum + Buffer.byteLength(name) + Buffer.byteLength(DataType) + value;
  }, 0);
}

/** Those that a receiver asks for: by name, by `prefix.*`, or all by `All` or `.*`. */
export function selectAttributes(attributes: Attributes, wanted: readonly string[]): Attributes {
  const isWanted = (name: string) =>
    wanted.some((want) =>
      want === 'All' || want === '.*' ? true : want.endsWith('.*') ? name.startsWith(want.slice(0, -2)) : name === want,
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
