/* The one thing that Map lacks on the oldest Node that we run on (Map.prototype.getOrInsertComputed). */

/** The value of a key, made and kept when there is none. */
export function getOrMake<K, V>(map: Map<K, V>, key: K, make: (key: K) => V): V {
  const held = map.get(key);
  if (held !== undefined) return held;
  const made = make(key);
  map.set(key, made);
  return made;
}
