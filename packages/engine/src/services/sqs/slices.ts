/* Due work on more rows than should be changed at once: slice by slice, with a turn for everybody else in between. */
import { turn } from '../../kernel/clock.ts';
import { type Context, type DueWork, type WaitingDueHandler, type Waits, waits } from '../../kernel/service.ts';

/** How many rows of a table are changed at once. */
export const SLICE = 1_000;

/** Changes one slice, as one transaction; returns where the next begins, or undefined after the last. */
export type Slice<Place> = (ctx: Context, work: DueWork, from: Place | undefined) => Place | undefined;

/** Does the work slice by slice. A crash has it begin anew; whoever asks for it again meanwhile gets it again. */
export function inSlices<Place>(slice: Slice<Place>): Waits<WaitingDueHandler> {
  return waits(async (ctx, work) => {
    let from: Place | undefined;
    do {
      from = await ctx.transact((tx) => slice(tx, work, from));
      if (from !== undefined) await turn();
    } while (from !== undefined);
  });
}
