/*
 * The regular expressions of filter patterns, matched in time linear in the message: no pattern can make a
 * message slow to match, as backtracking would. AWS's language has no groups, so an expression is a choice of
 * chains of characters, some optional, some repeated: positions in a row. The set of positions reached so far is
 * a state; states and the moves between them are found when first needed and kept, up to a bound.
 *
 * AWS: "Supported regular expressions (regex) syntax", AmazonCloudWatch/latest/logs/regex-expressions.html
 */
import { FilterPatternError, invalidTerm } from './scanner.ts';

/** How many characters an expression may come to when its counts are written out. */
const MAX_POSITIONS = 512;
/** How many states are kept; when a message needs more, the rest of it is matched position by position. */
const MAX_STATES = 512;

/** ASCII by its code, and one symbol for every other character. */
const OTHER = 128;
const SYMBOLS = 129;
type CharacterSet = Uint8Array;

interface Position {
  readonly characters: CharacterSet;
  readonly optional: boolean;
  readonly repeats: boolean;
}

interface Chain {
  readonly positions: Position[];
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

/** A compiled expression: whether it is found anywhere in a text. */
export interface Regex {
  test(text: string): boolean;
}

/** Compiles the expression between two `%`. Throws FilterPatternError for what AWS's language does not have. */
export function parseRegex(source: string): Regex {
  const chains = new RegexParser(source).parse();
  const positions = chains.reduce((sum, chain) => sum + chain.positions.length + 1, 0);
  if (positions > MAX_POSITIONS) throw new FilterPatternError();
  return createMatcher(chains, positions);
}

const LITERALS = /[A-Za-z0-9:_#=@/;,-]/;
const OPERATORS_IN_CLASS = /[\^$?{}|*+.]/;
const ESCAPED_LITERALS = /[\^$?[\]{}|\\*+.:_#=@/;,-]/;

class RegexParser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Chain[] {
    const chains = [this.#chain()];
    while (this.#take('|')) chains.push(this.#chain());
    if (this.#at < this.#source.length) throw this.#invalid();
    return chains;
  }

  #chain(): Chain {
    const fromStart = this.#take('^');
    const positions: Position[] = [];
    while (this.#at < this.#source.length && !'|$'.includes(this.#source.charAt(this.#at))) {
      const characters = this.#characters();
      positions.push(...repeated(characters, ...this.#count()));
      if (positions.length > MAX_POSITIONS) throw new FilterPatternError();
    }
    if (positions.length === 0) throw this.#invalid();
    return { positions, fromStart, toEnd: this.#take('$') };
  }

  #characters(): CharacterSet {
    if (this.#take('.')) return without(everything(), '\n\r');
    if (this.#take('[')) return this.#characterClass();
    return this.#character();
  }

  #characterClass(): CharacterSet {
    const negated = this.#take('^');
    const set: CharacterSet = new Uint8Array(SYMBOLS);
    do {
      const first = this.#classMember();
      const ranged = this.#source.charAt(this.#at) === '-' && this.#source.charAt(this.#at + 1) !== ']';
      if (ranged) this.#at++;
      const last = ranged ? this.#classMember() : first;
      addRange(set, first, last, () => this.#invalid());
    } while (!this.#take(']'));
    return negated ? complement(set) : set;
  }

  /** Operators but for brackets and the backslash mean themselves in a class. */
  #classMember(): CharacterSet {
    const character = this.#source.charAt(this.#at);
    if (!OPERATORS_IN_CLASS.test(character)) return this.#character();
    this.#at++;
    return only(character);
  }

  /** One character, or one of the sets `\d`, `\s`, `\w` and their complements. */
  #character(): CharacterSet {
    const character = this.#next();
    if (LITERALS.test(character)) return only(character);
    if (character !== '\\') throw this.#invalid();
    const escaped = this.#next();
    if (escaped === 'x') return only(String.fromCharCode(this.#hexadecimal()));
    const named = NAMED_SETS[escaped];
    if (named) return named;
    if (!ESCAPED_LITERALS.test(escaped)) throw this.#invalid();
    return only(escaped);
  }

  #hexadecimal(): number {
    const digits = this.#next() + this.#next();
    const code = Number.parseInt(digits, 16);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits) || code >= OTHER) throw this.#invalid();
    return code;
  }

  /** How often the character before stands: at least, and at most. */
  #count(): [least: number, most: number] {
    if (this.#take('?')) return [0, 1];
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (!this.#take('{')) return [1, 1];
    const end = this.#source.indexOf('}', this.#at);
    const match = /^(\d{1,4})(,(\d{1,4})?)?$/.exec(end < 0 ? '' : this.#source.slice(this.#at, end));
    if (!match) throw this.#invalid();
    this.#at = end + 1;
    const least = Number(match[1]);
    const most = match[3] ? Number(match[3]) : match[2] ? Number.POSITIVE_INFINITY : least;
    if (most < least || most === 0) throw this.#invalid();
    return [least, most];
  }

  #take(character: string): boolean {
    if (this.#source.charAt(this.#at) !== character) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const character = this.#source.charAt(this.#at);
    if (character === '') throw this.#invalid();
    this.#at++;
    return character;
  }

  #invalid(): FilterPatternError {
    return invalidTerm(`%${this.#source}%`);
  }
}

function repeated(characters: CharacterSet, least: number, most: number): Position[] {
  const endless = most === Number.POSITIVE_INFINITY;
  const optional = endless ? 1 : most - least;
  if (least + optional > MAX_POSITIONS) throw new FilterPatternError();
  return [
    ...new Array<Position>(least).fill({ characters, optional: false, repeats: false }),
    ...new Array<Position>(optional).fill({ characters, optional: true, repeats: endless }),
  ];
}

function everything(): CharacterSet {
  return new Uint8Array(SYMBOLS).fill(1);
}

function only(characters: string): CharacterSet {
  const set = new Uint8Array(SYMBOLS);
  for (const character of characters) set[character.charCodeAt(0)] = 1;
  return set;
}

function without(set: CharacterSet, characters: string): CharacterSet {
  for (const character of characters) set[character.charCodeAt(0)] = 0;
  return set;
}

function complement(set: CharacterSet): CharacterSet {
  return set.map((has) => 1 - has);
}

/** Adds all between two characters. Where the ends are one and the same set, adds that set. */
function addRange(set: CharacterSet, first: CharacterSet, last: CharacterSet, invalid: () => Error): void {
  if (first === last) {
    for (const [symbol, has] of first.entries()) if (has) set[symbol] = 1;
    return;
  }
  const [from, to] = [first.indexOf(1), last.indexOf(1)];
  if (count(first) > 1 || count(last) > 1 || from > to) throw invalid();
  set.fill(1, from, to + 1);
}

function count(set: CharacterSet): number {
  return set.reduce((sum, has) => sum + has, 0);
}

const DIGITS = only('0123456789');
const SPACES = only(' \t\n\v\f\r');
const WORD = only('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_');
const NAMED_SETS: Record<string, CharacterSet> = {
  d: DIGITS,
  D: complement(DIGITS),
  s: SPACES,
  S: complement(SPACES),
  w: WORD,
  W: complement(WORD),
};

/** A set of places: `places[i]` tells whether position i comes next. The place past a chain's last is its end. */
interface State {
  readonly places: Uint8Array;
  /** Found, whatever follows. */
  readonly found: boolean;
  /** Found, if the text ends here. */
  readonly foundAtEnd: boolean;
  readonly moves: (State | undefined)[];
}

function createMatcher(chains: Chain[], size: number): Regex {
  const positions: (Position | undefined)[] = chains.flatMap((chain) => [...chain.positions, undefined]);
  const ends = positions.flatMap((position, place) => (position ? [] : [place]));
  const starts = ends.map((end, index) => end - chains[index]!.positions.length);
  const anywhere = starts.filter((_, index) => !chains[index]!.fromStart);
  const sureEnds = ends.filter((_, index) => !chains[index]!.toEnd);
  const states = new Map<string, State>();

  /** Sets these places, and all that are reached from there by leaving out what is optional. */
  function enter(places: Uint8Array, entered: readonly number[]): Uint8Array {
    for (const place of entered) places[place] = 1;
    for (let place = 0; place < size; place++) if (places[place] && positions[place]?.optional) places[place + 1] = 1;
    return places;
  }

  /** The places after one more character. */
  function step(places: Uint8Array, symbol: number, next: Uint8Array): Uint8Array {
    for (let place = 0; place < size; place++) {
      const position = places[place] ? positions[place] : undefined;
      if (position?.characters[symbol]) next[position.repeats ? place : place + 1] = 1;
    }
    return enter(next, anywhere);
  }

  /** The state of these places; undefined when it is a new one and no more are kept. */
  function stateOf(places: Uint8Array): State | undefined {
    const key = Buffer.from(places.buffer).toString('latin1');
    const known = states.get(key);
    if (known || states.size === MAX_STATES) return known;
    const found = sureEnds.some((end) => places[end]);
    const state: State = { places, found, foundAtEnd: ends.some((end) => places[end]), moves: new Array(SYMBOLS) };
    states.set(key, state);
    return state;
  }

  function move(state: State, symbol: number): State | undefined {
    const next = stateOf(step(state.places, symbol, new Uint8Array(size)));
    state.moves[symbol] = next;
    return next;
  }

  /** Goes on without states. */
  function walk(text: string, from: number, start: Uint8Array): boolean {
    let places: Uint8Array = start.slice();
    let next: Uint8Array = new Uint8Array(size);
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (isLowSurrogate(code)) continue;
      if (isLastNewline(text, at) && ends.some((end) => places[end])) return true;
      [places, next] = [step(places, Math.min(code, OTHER), next), places.fill(0)];
      if (sureEnds.some((end) => places[end])) return true;
    }
    return ends.some((end) => places[end]);
  }

  const initial = stateOf(enter(new Uint8Array(size), starts))!;

  return {
    test(text) {
      let state = initial;
      for (let at = 0; at < text.length && !state.found; at++) {
        const code = text.charCodeAt(at);
        if (isLowSurrogate(code)) continue;
        if (state.foundAtEnd && isLastNewline(text, at)) return true;
        const symbol = Math.min(code, OTHER);
        const next = state.moves[symbol] ?? move(state, symbol);
        if (!next) return walk(text, at, state.places);
        state = next;
      }
      return state.found || state.foundAtEnd;
    },
  };
}

/** The second half of a character that takes two. */
function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** `$` stands before a newline too, where that is the text's last character. */
function isLastNewline(text: string, at: number): boolean {
  return at === text.length - 1 && text.charCodeAt(at) === 10;
}
