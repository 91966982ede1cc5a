/** Rings: says what the schedule sent, and how often this process has rung. */
let count = 0;

export async function handler(event) {
  count += 1;
  console.log(`ding ${count}, due at ${event.time}`);
  return { count };
}
