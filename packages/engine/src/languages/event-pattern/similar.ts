/* Names that are nearly the same: `detailType` for `detail-type`, `amout` for `amount`. */

/** The most names that are looked at, and the longest. */
const MAX_NAMES = 1000;
const MAX_LENGTH = 64;

/** The name among others that one was likely meant to be; undefined when none comes near. */
export function similarName(name: string, others: readonly string[]): string | undefined {
  const same = others.find((other) => plain(other) === plain(name));
  if (same !== undefined || name.length > MAX_LENGTH) return same;
  let nearest: string | undefined;
  let least = Math.floor(name.length / 3) + 1;
  for (const other of others.slice(0, MAX_NAMES)) {
    if (Math.abs(other.length - name.length) >= least) continue;
    const distance = distanceOf(name.toLowerCase(), other.toLowerCase());
    if (distance < least) [nearest, least] = [other, distance];
  }
  return nearest;
}

/** A name without regard to case and to what joins its words. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** How many letters have to be added, dropped, changed, or swapped with the next one. */
function distanceOf(one: string, other: string): number {
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const here = [row];
    for (let column = 1; column <= other.length; column++) {
      const differs = one[row - 1] === other[column - 1] ? 0 : 1;
      here[column] = Math.min(above[column]! + 1, here[column - 1]! + 1, above[column - 1]! + differs);
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (swapped) here[column] = Math.min(here[column]!, before[column - 2]! + 1);
    }
    [before, above] = [above, here];
  }
  return above[other.length]!;
}
