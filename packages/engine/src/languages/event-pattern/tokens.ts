/*
 * The JSON of a pattern, token by token. AWS says where in the pattern a fault lies, in the words and by the
 * positions of the parser it uses (Jackson): a name is met only once the first character of its value has been read,
 * a string before its text has been. Tokens know these positions, so that the errors point to where AWS's do.
 */
import { EventPatternError } from './error.ts';

/** Where AWS's parser stands after a token is an offset into the pattern's text. */
export type Token =
  | { readonly type: '{' | '}' | '[' | ']'; readonly at: number }
  | { readonly type: 'name'; readonly at: number; readonly text: string }
  | StringToken
  | NumberToken
  | { readonly type: 'true' | 'false' | 'null'; readonly at: number; readonly text: string };

export interface StringToken {
  readonly type: 'string';
  readonly at: number;
  readonly text: string;
  /** Where the parser stands once the text has been read. */
  readonly end: number;
}

export interface NumberToken {
  readonly type: 'number';
  readonly at: number;
  readonly text: string;
}

/** The most of a pattern that an error quotes, in characters. */
const QUOTED_LENGTH = 500;
const WORDS = ['true', 'false', 'null'] as const;
const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/** Reads the tokens of one JSON value, lazily, and puts positions on errors. */
export class Tokens {
  readonly #text: string;
  /** Where each open object or array starts. */
  readonly #open: { readonly type: '{' | '['; readonly start: number }[] = [];
  #at = 0;
  #first = true;
  #value: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token. Throws EventPatternError where the text is not JSON. */
  next(): Token {
    const value = this.#value;
    if (value) {
      this.#value = undefined;
      return value;
    }
    this.#skipBlank();
    const inside = this.#open.at(-1);
    const char = this.#text[this.#at];
    if (char === '}' || char === ']') return this.#close(char);
    if (inside && !this.#first) this.#comma(inside.type);
    return inside?.type === '{' ? this.#name() : this.#takeValue();
  }

  /** The text from the first character of an array or object, by its first token, to behind the last token. */
  textSince(start: Token): string {
    return this.#text.slice(start.at - 1, this.#at);
  }

  /** Throws unless nothing but blanks is left. */
  end(): void {
    this.#skipBlank();
    if (this.#at < this.#text.length) throw this.#unexpected('expected the end of the pattern');
  }

  /** An error with a reason that AWS would give at this token, or with its text already read. */
  error(reason: string, token: Token, read = false): EventPatternError {
    return this.#error(reason, read && token.type === 'string' ? token.end : token.at);
  }

  #error(reason: string, at: number): EventPatternError {
    return new EventPatternError(`${reason}\n at ${this.#location(at)}`);
  }

  #location(at: number): string {
    const before = this.#text.slice(0, at).split(/\r\n|\r|\n/);
    const left = this.#text.length - QUOTED_LENGTH;
    const quoted = `"${this.#text.slice(0, QUOTED_LENGTH)}"${left > 0 ? `[truncated ${left} chars]` : ''}`;
    return `[Source: (String)${quoted}; line: ${before.length}, column: ${before.at(-1)!.length + 1}]`;
  }

  #unexpected(expectation: string): EventPatternError {
    const char = this.#text[this.#at];
    if (char === undefined) return this.#error(`Unexpected end-of-input: ${expectation}`, this.#at);
    const reason = `Unexpected character ('${char}' (code ${char.charCodeAt(0)})): ${expectation}`;
    return this.#error(reason, this.#at + 1);
  }

  #skipBlank(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #takeChar(char: string, expectation: string): void {
    this.#skipBlank();
    if (this.#text[this.#at] !== char) throw this.#unexpected(expectation);
    this.#at++;
    this.#skipBlank();
  }

  #comma(inside: '{' | '['): void {
    const entries = inside === '{' ? 'Object' : 'Array';
    this.#takeChar(',', `was expecting comma to separate ${entries} entries`);
  }

  #close(type: '}' | ']'): Token {
    const inside = this.#open.at(-1);
    if (!inside) throw this.#unexpected(`expected a valid value ${VALUES}`);
    const wanted = inside.type === '{' ? '}' : ']';
    this.#at++;
    if (type !== wanted) {
      const kind = inside.type === '{' ? 'Object' : 'Array';
      const start = this.#location(inside.start);
      throw this.#error(
        `Unexpected close marker '${type}': expected '${wanted}' (for ${kind} starting at ${start})`,
        this.#at,
      );
    }
    this.#open.pop();
    this.#first = false;
    return { type, at: this.#at };
  }

  #name(): Token {
    if (this.#text[this.#at] !== '"') throw this.#unexpected('was expecting double-quote to start field name');
    const { text } = this.#string();
    this.#takeChar(':', 'was expecting a colon to separate field name and value');
    this.#value = this.#takeValue();
    return { type: 'name', at: this.#value.at, text };
  }

  #takeValue(): Token {
    const char = this.#text[this.#at];
    this.#first = false;
    if (char === '"') return this.#string();
    if (char === '{' || char === '[') {
      this.#open.push({ type: char, start: this.#at });
      this.#first = true;
      return { type: char, at: ++this.#at };
    }
    const number = this.#match(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y);
    if (number) return this.#scalar({ type: 'number', at: this.#at + number.length, text: number });
    const word = this.#match(/[A-Za-z_$][A-Za-z0-9_$]*/y);
    const type = WORDS.find((known) => known === word);
    if (type) return this.#scalar({ type, at: this.#at + type.length, text: type });
    if (word) throw this.#error(`Unrecognized token '${word}': was expecting ${VALUES}`, this.#at + word.length);
    throw this.#unexpected(`expected a valid value ${VALUES}`);
  }

  #scalar(token: Token): Token {
    this.#at = token.at;
    if (/[^\s,\]}]/.test(this.#text[this.#at] ?? ' ')) {
      throw this.#unexpected('Expected space separating root-level values');
    }
    return token;
  }

  #match(regex: RegExp): string | undefined {
    regex.lastIndex = this.#at;
    return regex.exec(this.#text)?.[0];
  }

  #string(): StringToken {
    const start = this.#at;
    const quoted = this.#match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    if (quoted === undefined) throw this.#badString(start);
    this.#at += quoted.length;
    return { type: 'string', at: start + 1, text: JSON.parse(quoted) as string, end: this.#at };
  }

  /** What is wrong with a string that is not one: its first character that cannot be. */
  #badString(start: number): EventPatternError {
    const good = this.#match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y)!;
    const at = start + good.length;
    const char = this.#text[at];
    if (char === undefined) {
      return this.#error('Unexpected end-of-input: was expecting closing quote for a string value', at);
    }
    const escaped = this.#text[at + 1] ?? '';
    if (char === '\\') {
      return this.#error(`Unrecognized character escape '${escaped}' (code ${escaped.charCodeAt(0)})`, at + 2);
    }
    const code = char.charCodeAt(0);
    const words = 'has to be escaped using backslash to be included in string value';
    return this.#error(`Illegal unquoted character ((CTRL-CHAR, code ${code})): ${words}`, at + 1);
  }
}
