/*
 * Text whose case is ignored. AWS takes each character of a pattern for its lower-case and its upper-case form and
 * for nothing else: `ß` is met by `ß` and `SS`, and `k` not by the Kelvin sign.
 */

/** One character of a pattern: the bytes of its two forms. */
export interface Letter {
  readonly lower: Buffer;
  readonly upper: Buffer;
}

export function lettersOf(text: string): Letter[] {
  return Array.from(text, (char) => ({
    lower: Buffer.from(char.toLowerCase()),
    upper: Buffer.from(char.toUpperCase()),
  }));
}

/** Where the letters end that begin at `start`; -1 when they do not stand there. */
export function endOfLetters(letters: readonly Letter[], bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (const letter of letters) {
    if (standsAt(letter.lower, bytes, at, end)) at += letter.lower.length;
    else if (standsAt(letter.upper, bytes, at, end)) at += letter.upper.length;
    else return -1;
  }
  return at;
}

/** Whether the letters stand right before `end`, and not before `start`. */
export function endsWithLetters(letters: readonly Letter[], bytes: Uint8Array, start: number, end: number): boolean {
  let at = end;
  for (let index = letters.length - 1; index >= 0; index--) {
    const { lower, upper } = letters[index]!;
    if (at - lower.length >= start && standsAt(lower, bytes, at - lower.length, at)) at -= lower.length;
    else if (at - upper.length >= start && standsAt(upper, bytes, at - upper.length, at)) at -= upper.length;
    else return false;
  }
  return true;
}

function standsAt(wanted: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  if (at + wanted.length > end) return false;
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

/** A text that is the same for all texts that some pattern takes for each other, and now and then for others too. */
export function fold(text: string): string {
  return Array.from(text, (char) => char.toLowerCase().toUpperCase().toLowerCase()).join('');
}
