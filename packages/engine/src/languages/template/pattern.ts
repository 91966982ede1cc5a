/*
 * A parameter's AllowedPattern: one of Java's regular expressions, which has to match the whole value. It is the
 * template's author who writes it, and some patterns take for ever on some values: so it runs where V8 can stop it.
 */
import { runInNewContext } from 'node:vm';
import { TemplateError } from './error.ts';
import { MAX_PATTERN_MS } from './limits.ts';

/** What Java writes otherwise than JavaScript. */
const DIALECT: readonly (readonly [RegExp, string])[] = [
  [/\\A/g, '^'],
  [/\\[zZ]/g, '$'],
  [/\\p\{Alnum\}/g, '[A-Za-z0-9]'],
  [/\\p\{Alpha\}/g, '[A-Za-z]'],
  [/\\p\{Digit\}/g, '[0-9]'],
  [/\\p\{Lower\}/g, '[a-z]'],
  [/\\p\{Upper\}/g, '[A-Z]'],
  [/\\p\{Punct\}/g, '[!-\\/:-@\\[-`{-~]'],
  [/\\p\{Space\}/g, '\\s'],
  [/\\p\{ASCII\}/g, '[\\x00-\\x7f]'],
  [/\\h/g, '[ \\t\\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]'],
];

/** Compiles a pattern; throws TemplateError when it is none. What it gives tells whether the pattern matches all of some texts. */
export function compilePattern(pattern: string): (texts: readonly string[]) => boolean {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(pattern)!;
  const source = DIALECT.reduce((text, [java, javascript]) => text.replace(java, javascript), rest);
  const whole = regexOf(`^(?:${source})$`, flags);
  if (!whole) {
    throw new TemplateError(`Template format error: AllowedPattern ${pattern} is not a valid regular expression.`);
  }
  return (texts) => matches(whole, texts, pattern);
}

function regexOf(source: string, flags: string): RegExp | undefined {
  for (const more of ['u', '']) {
    try {
      return new RegExp(source, flags + more);
    } catch {}
  }
  return undefined;
}

function matches(regex: RegExp, texts: readonly string[], pattern: string): boolean {
  try {
    return runInNewContext(
      'texts.every((text) => regex.test(text))',
      { regex, texts },
      { timeout: MAX_PATTERN_MS },
    ) as boolean;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new TemplateError(`Template format error: AllowedPattern ${pattern} takes too long to match.`);
  }
}
