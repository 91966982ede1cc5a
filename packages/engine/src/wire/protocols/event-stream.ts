/*
 * Event streams: an output that is a sequence of messages, each a member of a union, in AWS's binary framing: lengths
 * of the message and of its headers, their checksum, headers, payload, and the checksum of all. Written whole.
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */
import { crc32 } from 'node:zlib';
import type { Shape } from '../model.ts';
import { toBytes } from './tree-codec.ts';

export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream';

/** The type of a header's value that is text. */
const STRING = 7;
/** Lengths and their checksum before the headers, and a checksum at the end. */
const FRAME = { prelude: 12, end: 4 };

export type Event = Readonly<Record<string, unknown>>;

interface StructureFormat {
  readonly contentType: string;
  writeBody(shape: Shape, value: unknown): string;
}

/** Writes events, `{ <member of the union>: <structure> }` each. */
export function writeEvents(union: Shape, events: Iterable<Event>, format: StructureFormat): Uint8Array {
  return Buffer.concat(
    Array.from(events, (event) => {
      const member = union.members.find(({ name }) => event[name] !== undefined);
      if (!member) throw new TypeError(`${union.name} has no member for ${Object.keys(event)}.`);
      return writeEvent(member.name, member.shape, event[member.name] as Event, format);
    }),
  );
}

function writeEvent(type: string, shape: Shape, fields: Event, format: StructureFormat): Buffer {
  const bytes = shape.members.find(({ traits }) => traits.eventPayload);
  const [contentType, payload] = bytes
    ? ['application/octet-stream', toBytes(fields[bytes.name] ?? '')]
    : [format.contentType, Buffer.from(format.writeBody(shape, fields))];
  return message({ ':message-type': 'event', ':event-type': type, ':content-type': contentType }, payload);
}

function message(headers: Readonly<Record<string, string>>, payload: Uint8Array): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const prelude = Buffer.alloc(FRAME.prelude);
  prelude.writeUInt32BE(FRAME.prelude + head.length + payload.byteLength + FRAME.end, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const end = Buffer.alloc(FRAME.end);
  end.writeUInt32BE(crc32(payload, crc32(head, crc32(prelude))), 0);
  return Buffer.concat([prelude, head, payload, end]);
}

function header(name: string, value: string): Buffer {
  const [key, text] = [Buffer.from(name), Buffer.from(value)];
  return Buffer.concat([
    Buffer.from([key.length]),
    key,
    Buffer.from([STRING, text.length >> 8, text.length & 255]),
    text,
  ]);
}
