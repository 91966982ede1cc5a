/* Simple values written as text: in forms, headers, query strings, paths and XML. */
import type { Shape, TimestampFormat } from '../model.ts';
import { formatTimestamp, parseTimestamp } from '../timestamps.ts';
import { toBytes } from './tree-codec.ts';

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const SPECIAL_NUMBERS = ['NaN', 'Infinity', '-Infinity'];

/** Reads a simple value. Throws SyntaxError when the text is not of the shape. */
export function readText({ kind }: Shape, text: string): unknown {
  switch (kind) {
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw new SyntaxError(`"${text.slice(0, 100)}" is not a boolean`);
    case 'number':
      if (NUMBER.test(text) || SPECIAL_NUMBERS.includes(text)) return Number(text);
      throw new SyntaxError(`"${text.slice(0, 100)}" is not a number`);
    case 'timestamp': {
      const moment = parseTimestamp(text);
      if (moment) return moment;
      throw new SyntaxError(`"${text.slice(0, 100)}" is not a timestamp`);
    }
    case 'blob':
      return Buffer.from(text, 'base64');
    default:
      return text;
  }
}

/** Writes a simple value; timestamps in the shape's format, else in the given one. */
export function writeText({ kind, format }: Shape, value: unknown, timestamps: TimestampFormat): string {
  if (kind === 'timestamp') return formatTimestamp(value, format ?? timestamps);
  if (kind === 'blob') return toBytes(value).toString('base64');
  return String(value);
}
