/* Reads a filter pattern from left to right. All that is wrong with a pattern is told by one error, in AWS's words. */

/** What is wrong with a filter pattern; the message is what AWS answers with InvalidParameterException. */
export class FilterPatternError extends Error {
  constructor(message = 'Invalid filter pattern') {
    super(message);
    this.name = 'FilterPatternError';
  }
}

/** The error for a term that holds what it must not. */
export function invalidTerm(term: string): FilterPatternError {
  return new FilterPatternError(`Invalid character(s) in term '${term}'`);
}

/** A place in a pattern's text, moved by what is taken from there. */
export class Scanner {
  readonly text: string;
  /** How many regular expressions were taken so far. */
  regexes = 0;
  #at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Whether nothing but space is left. */
  get done(): boolean {
    this.#skipSpace();
    return this.#at === this.text.length;
  }

  /** Takes this very text, after any space. */
  take(literal: string): boolean {
    this.#skipSpace();
    if (!this.text.startsWith(literal, this.#at)) return false;
    this.#at += literal.length;
    return true;
  }

  /** Takes what a sticky expression matches here, after any space. */
  takeMatch(expression: RegExp): RegExpExecArray | undefined {
    this.#skipSpace();
    expression.lastIndex = this.#at;
    const match = expression.exec(this.text);
    if (!match) return undefined;
    this.#at = expression.lastIndex;
    return match;
  }

  /** Takes this very text, or tells what stands in its place. */
  expect(literal: string): void {
    if (!this.take(literal)) throw this.unexpected();
  }

  /** The error for what stands here. */
  unexpected(): FilterPatternError {
    const found = this.takeMatch(/\S+/y)?.[0];
    return found === undefined ? new FilterPatternError() : invalidTerm(found);
  }

  #skipSpace(): void {
    while (/\s/.test(this.text.charAt(this.#at))) this.#at++;
  }
}
