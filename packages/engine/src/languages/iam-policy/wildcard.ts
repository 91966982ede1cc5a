/*
 * Patterns of the policy language: text in which `*` stands for any characters, `?` for one, and `${key}` for a
 * value of the request. What a variable brings in is literal: a user named `*` is not everyone.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

/** The value of a variable, by its key as written; undefined when the request has none. */
export type Variables = (key: string) => string | undefined;

/** A pattern as code units, with two tokens that no code unit can be. */
export type Pattern = readonly number[];
const ANY = -1;
const ONE = -2;
const COLON = 58;

interface Piece {
  readonly text: string;
  readonly literal: boolean;
}

/** Text with its variables filled in; undefined when one has no value. Without `variables`, `${…}` is plain text. */
export function substitute(text: string, variables: Variables | undefined): string | undefined {
  return piecesOf(text, variables)
    ?.map((piece) => piece.text)
    .join('');
}

/** A pattern with its variables filled in; undefined when one has no value. */
export function compile(text: string, variables: Variables | undefined): Pattern | undefined {
  return piecesOf(text, variables)?.flatMap((piece) => tokensOf(piece));
}

function tokensOf({ text, literal }: Piece): number[] {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  if (literal) return units;
  return units.map((unit) => (unit === 42 ? ANY : unit === 63 ? ONE : unit));
}

/** `${key}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`. */
function piecesOf(text: string, variables: Variables | undefined): Piece[] | undefined {
  if (!variables) return [{ text, literal: false }];
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{([^{}]*)\}/g)) {
    const value = resolve(match[1]!, variables);
    if (value === undefined) return undefined;
    pieces.push({ text: text.slice(end, match.index), literal: false }, { text: value, literal: true });
    end = match.index + match[0].length;
  }
  return [...pieces, { text: text.slice(end), literal: false }];
}

function resolve(variable: string, variables: Variables): string | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return variable;
  const comma = variable.indexOf(',');
  if (comma < 0) return variables(variable.trim());
  const fallback = variable.slice(comma + 1).trim();
  const quoted = fallback.length > 1 && fallback.startsWith("'") && fallback.endsWith("'");
  return variables(variable.slice(0, comma).trim()) ?? (quoted ? fallback.slice(1, -1) : undefined);
}

/**
 * Whether a pattern covers the whole of a text. Only the last `*` met is ever gone back to, so that the work is at
 * most the product of both lengths, whatever the pattern.
 */
export function covers(pattern: Pattern, text: string): boolean {
  let [p, t] = [0, 0];
  let [starAt, starText] = [-1, 0];
  while (t < text.length) {
    const token = pattern[p];
    if (token === ANY) {
      starAt = p++;
      starText = t;
    } else if (token === ONE || token === text.charCodeAt(t)) {
      p++;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++starText;
    } else return false;
  }
  while (pattern[p] === ANY) p++;
  return p === pattern.length;
}

/** Whether a pattern covers an ARN, each of the six parts between colons by itself. */
export function coversArn(pattern: Pattern, arn: string): boolean {
  const parts = arn.split(':');
  if (parts.length < 6) return false;
  const wanted = sixParts(pattern);
  const given = [...parts.slice(0, 5), parts.slice(5).join(':')];
  return wanted.length === 6 && wanted.every((part, index) => covers(part, given[index]!));
}

function sixParts(pattern: Pattern): Pattern[] {
  const parts: Pattern[] = [];
  let start = 0;
  for (let index = 0; index < pattern.length && parts.length < 5; index++) {
    if (pattern[index] !== COLON) continue;
    parts.push(pattern.slice(start, index));
    start = index + 1;
  }
  return [...parts, pattern.slice(start)];
}
