/* What an author says of a template or of an output. */
import { TemplateError } from './error.ts';
import { MAX_DESCRIPTION_BYTES } from './limits.ts';
import { textOf, type Value } from './value.ts';

/** Throws TemplateError unless it is a text, and short enough. */
export function readDescription(description: Value | undefined): string | undefined {
  if (description === undefined) return undefined;
  const text = textOf(description);
  if (text === undefined) throw new TemplateError('Template format error: Description must be a string.');
  if (Buffer.byteLength(text) > MAX_DESCRIPTION_BYTES) {
    throw new TemplateError(`Template format error: Description length can not exceed ${MAX_DESCRIPTION_BYTES} bytes.`);
  }
  return text;
}
