/*
 * Text with `*` for any characters, with `\*` and `\\` for themselves. Literal parts are sought one after the other,
 * each as far to the left as it goes: no going back, so the work is linear in the text.
 *
 * AWS: "Comparison operators", wildcard matching, EventBridge/latest/userguide/eb-create-pattern-operators.html
 */

/** The literal parts between the stars, at least one; the first and the last may be empty. */
export type Wildcard = readonly Buffer[];

/** Reads a wildcard; throws an Error whose message is AWS's reason, with positions counted from the opening quote. */
export function parseWildcard(text: string): Wildcard {
  const parts: string[] = [''];
  const source = `"${text}"`;
  for (let at = 1; at < source.length - 1; at++) {
    const char = source[at]!;
    if (char === '*') {
      if (source[at + 1] === '*') throw new Error(`Consecutive wildcard characters at pos ${bytesBefore(source, at)}`);
      parts.push('');
    } else if (char === '\\') {
      const escaped = source[++at]!;
      if (at === source.length - 1 || (escaped !== '*' && escaped !== '\\')) {
        throw new Error(`Invalid escape character at pos ${bytesBefore(source, at - 1)}`);
      }
      parts[parts.length - 1] += escaped;
    } else parts[parts.length - 1] += char;
  }
  return parts.map((part) => Buffer.from(part));
}

function bytesBefore(text: string, at: number): number {
  return Buffer.byteLength(text.slice(0, at));
}

export function matchesWildcard(parts: Wildcard, text: Buffer): boolean {
  const first = parts[0]!;
  if (parts.length === 1) return first.equals(text);
  const last = parts.at(-1)!;
  const end = text.length - last.length;
  if (first.length > end || !text.subarray(0, first.length).equals(first) || !text.subarray(end).equals(last)) {
    return false;
  }
  const middle = text.subarray(0, end);
  let at = first.length;
  for (let index = 1; index < parts.length - 1; index++) {
    const found = middle.indexOf(parts[index]!, at);
    if (found < 0) return false;
    at = found + parts[index]!.length;
  }
  return true;
}
