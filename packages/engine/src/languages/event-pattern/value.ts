/*
 * A value of an event, as it stands in the event's bytes. One object is led from value to value: what a comparison
 * does not ask for is never made.
 */
import { type Address, parseAddress } from './address.ts';

export const STRING = 0;
export const NUMBER = 1;
/** `true`, `false` or `null`. */
export const WORD = 2;
export type ValueKind = typeof STRING | typeof NUMBER | typeof WORD;

/** A string's text without quotes and escapes, or the text of a number or word. */
export class Value {
  kind: ValueKind = WORD;
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** A number's millionths; NaN for one too large to compare, and for what is no number. */
  micros = Number.NaN;

  set(kind: ValueKind, bytes: Buffer, start: number, end: number, micros: number): this {
    this.kind = kind;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.micros = micros;
    return this;
  }

  get text(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }

  /** The value's own bytes, not copied. */
  get slice(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  /** The address that a string is, if it is one. */
  get address(): Address | undefined {
    return this.kind === STRING ? parseAddress(this.text) : undefined;
  }
}
