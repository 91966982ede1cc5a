/*
 * Message attributes: checked, and written as each protocol has them.
 *
 * Developer Guide, "Amazon SNS message attributes".
 */
import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { invalidValue } from './errors.ts';

/** JSON can't carry bytes. */
export interface Attribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** In base64. */
  readonly BinaryValue?: string;
}

export type Attributes = Readonly<Record<string, Attribute>>;

const LONGEST = 256;
const TYPES = /^(String|Number|Binary)(\..+)?$/s;

/** Attributes as they are kept. Throws an AwsError for what SNS refuses. */
export function readAttributes(given: Readonly<Record<string, MessageAttributeValue>> = {}): Attributes {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      checkName(name);
      return [name, readAttribute(name, value)];
    }),
  );
}

function checkName(name: string): void {
  if (name.length > LONGEST) throw invalidValue(`Length of message attribute name must be less than ${LONGEST} bytes.`);
  if (!/^[\w.-]+$/.test(name)) {
    throw invalidValue(
      'Invalid (non-alphanumeric character) was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.',
    );
  }
  if (/^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name)) {
    throw invalidValue(`Invalid message attribute name: ${name}`);
  }
}

function readAttribute(name: string, { DataType, StringValue, BinaryValue }: MessageAttributeValue): Attribute {
  if (!DataType) throw invalidValue(`The message attribute '${name}' must contain non-empty message attribute type.`);
  const [, base] = TYPES.exec(DataType) ?? [];
  if (base === undefined || DataType.length > LONGEST) {
    throw invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  if (base === 'Binary' ? !BinaryValue?.length : !StringValue) {
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  }
  if (base === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(StringValue!)) {
    throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
  }
  return base === 'Binary' ? { DataType, BinaryValue: base64(BinaryValue!) } : { DataType, StringValue: StringValue! };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Attributes as notifications tell of them. */
export function toldAttributes(attributes: Attributes): Record<string, { Type: string; Value: string }> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue! },
    ]),
  );
}

/** How many bytes of a message they take: names, types and values. */
export function sizeOf(attributes: Attributes): number {
  return Object.entries(attributes).reduce((sum, [name, { DataType, StringValue, BinaryValue }]) => {
    const value =
      BinaryValue === undefined ? Buffer.byteLength(StringValue!) : Buffer.byteLength(BinaryValue, 'base64');
    return sum + Buffer.byteLength(name) + Buffer.byteLength(DataType) + value;
  }, 0);
}
