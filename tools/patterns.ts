/*
 * AWS writes the patterns of its API models for Java, and for matching a value as a whole. This makes of each
 * the source of a JavaScript regular expression (flag `u`) that means the same and that no value can make run
 * long: a pattern that backtracks more than linearly is refused until it stands below in a form that does not.
 */
import { check } from 'recheck';

/** Patterns said otherwise by hand: what Java means by them, in linear time. */
const BY_HAND: Readonly<Record<string, string>> = {
  '^[ \\t]*[\\x20-\\x7E]+([ \\t]+[\\x20-\\x7E]+)*[ \\t]*$': '\\t*[\\x20-\\x7E][\\t\\x20-\\x7E]*',
  '^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$':
    '\\t*[^\\x00-\\x1F:\\x7F][^\\x00-\\x08\\x0A-\\x1F:\\x7F]*',
  '^arn:aws([a-z]|\\-)*:events:([a-z]|\\d|\\-)*:([0-9]{12})?:.+\\/.+$':
    'arn:aws[a-z-]*:events:[a-z\\d-]*:(?:[0-9]{12})?:.[^\\/\\n\\r\\u2028\\u2029]*\\/.+',
  '\\/?.+\\/.+': '.[^\\/\\n\\r\\u2028\\u2029]*\\/.+',
  'arn:aws.*:.+:.*:.*:.+': 'arn:aws[^:]*:.[^:]*:[^:]*:[^:]*:.+',
  'arn:.+:iam::[0-9]{12}:role/.+': 'arn:[^:]+:iam::[0-9]{12}:role\\/.+',
  'arn:aws(-[\\w]+)*:.+:.+:[0-9]{12}:.+': 'arn:aws(?:-\\w+)*:[^:]+:[^:]+:[0-9]{12}:.+',
  '(http:|https:)+[^\\s]+[\\w]': 'https?:\\S+\\w',
  '^[a-z0-9*](?:[._\\-/a-z0-9*]?[a-z0-9*]+)*$': '[a-z0-9*]+(?:[._\\x2d\\/][a-z0-9*]+)*',
  '(?i)all|[0-9]{12}': '[aA][lL][lL]|[0-9]{12}',
  '^https://.+$|^s3://([^/]+)/(.*?([^/]+))$': 'https:\\/\\/.+|s3:\\/\\/[^\\/]+\\/.*[^\\/]',
  '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+':
    '[\\t\\n\\r\\x20-\\x7E\\x85\\xA0-\\uD7FF\\uE000-\\uFFFD\\u{10000}-\\u{10FFFF}]+',
};

/** The source of the expression, without anchors; undefined for a pattern that lets everything pass. */
export async function regexpOf(pattern: string): Promise<string | undefined> {
  if (pattern === '[\\s\\S]*') return undefined;
  const source = BY_HAND[pattern] ?? (isExpression(pattern) ? pattern : translate(pattern));
  const { status } = await check(`^(?:${source})$`, 'u');
  if (status !== 'safe') throw new Error(`A value could hold up the pattern ${pattern} (${status}): say it by hand.`);
  return source;
}

function isExpression(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}

/** Takes the backslash off characters that need none, and gives it to a dash that would look like a range. */
function translate(pattern: string): string {
  return pattern.replace(/\\(.)|(?<=\\[wds])-(?=[^\]])/gs, (escaped, character: string | undefined) => {
    if (character === undefined) return '\\-';
    if (character === '-') return '\\x2d';
    return /[_@:=,#%&!~'"<> ;`]/.test(character) ? character : escaped;
  });
}
