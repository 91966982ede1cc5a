/*
 * How many runs began while an earlier one still ran. Runs are told when they end, so that a short one may be heard of
 * before a long one that began first: those that ended lately are kept for comparison.
 */

/** One run. Moments are epoch milliseconds. */
interface Run {
  /** When the ring behind it was due: runs of one ring, such as retries, are no overlap. */
  readonly due: number;
  readonly start: number;
  readonly end: number;
}

/** The longest that a run can take: 15 minutes, and an Init phase of 10 seconds tried twice. */
const LONGEST_RUN_MS = 920_000;
/** How many runs are kept for comparison; of more, the oldest are forgotten. */
const KEPT = 2_000;

export function createOverlapCounter(): { add(run: Run): void; count(): number } {
  let recent: Run[] = [];
  const overlapping = new Set<Run>();
  let forgotten = 0;
  return {
    add(run) {
      recent = recent.filter(({ end }) => end > run.end - LONGEST_RUN_MS).slice(-KEPT);
      for (const other of recent) {
        const [first, second] = other.start <= run.start ? [other, run] : [run, other];
        if (first.due !== second.due && first.end > second.start) overlapping.add(second);
      }
      recent.push(run);
      for (const known of overlapping) {
        if (known.end > run.end - LONGEST_RUN_MS) continue;
        overlapping.delete(known);
        forgotten++;
      }
    },
    count: () => forgotten + overlapping.size,
  };
}
