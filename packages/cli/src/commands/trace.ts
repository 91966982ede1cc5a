/* `carillon trace`: what an event, a message or a request led to, and what led to it. */
import { controlOf, followJournal } from '../control.ts';
import { hopOf } from '../hops.ts';
import { type Command, UsageError } from '../options.ts';
import { ENGINE_OPTIONS, namedEndpointOf } from '../running.ts';
import { exitCodeOf, stopSignal } from '../signals.ts';
import { tailLine } from '../tail-line.ts';
import { type ToldTrail, treeLines } from '../trail-tree.ts';

export const trace: Command = {
  name: 'trace',
  about: `Tells what an event led to, as a tree with times, and what led to it: calls, rings, deliveries, runs of functions,
retries and dead letters, through buses, topics and queues.

ID is an event's (PutEvents answers it), a message's, a request's (x-amzn-requestid, a function's RequestId), a
schedule's execution id, or the number of a note that carillon tail shows.`,
  operands: 'ID',
  options: {
    follow: { help: 'Tell it as it happens, and end when all is over' },
    ...ENGINE_OPTIONS,
    json: { help: 'Print the notes as JSON' },
  },
  examples: [
    ['carillon trace 17793124-05d4-b198-2fde-7ededc63b103', 'all that an event caused'],
    ['carillon trace 8f507cfc-7b2a-4c4e-9f0e-2f6f0c0d7f5a --follow', 'until its last retry is done'],
    ['carillon trace 42', 'by the number of a note'],
  ],

  async run(values, [id, ...more]) {
    if (id === undefined)
      throw new UsageError('Whose trace? carillon trace ID, with the id of an event, a message or a request.');
    if (more.length > 0) throw new UsageError(`One id at a time, not ${more[0]} too.`);
    const endpoint = namedEndpointOf(values);
    const ask = async () => (await controlOf(endpoint)(`trace?id=${encodeURIComponent(id)}`)) as ToldTrail;
    let trail = await ask();
    if (values.follow && !trail.settled) {
      const ended = new AbortController();
      let stopped: NodeJS.Signals | undefined;
      void stopSignal().then((signal) => {
        stopped = signal;
        ended.abort();
      });
      const isNew = announcer(values.json === true);
      const ready = Promise.withResolvers<void>();
      const notes = followJournal(endpoint, { signal: ended.signal, onReady: () => ready.resolve() });
      let next = notes.next();
      next.catch(ready.reject);
      await ready.promise;
      trail = await ask();
      isNew(trail);
      while (!trail.settled && !(await next).done) {
        next = notes.next();
        trail = await ask();
        isNew(trail);
      }
      ended.abort();
      await next.catch(() => undefined);
      if (stopped) return exitCodeOf(stopped);
    }
    console.log(values.json ? JSON.stringify(trail) : treeLines(trail).join('\n'));
    return 0;
  },
};

/** Prints the hops of a trail that have ended and were not printed yet. */
function announcer(isSilent: boolean): (trail: ToldTrail) => void {
  const told = new Set<number>();
  return ({ notes }) => {
    if (isSilent) return;
    for (const note of notes) {
      const hop = note.outcome === 'under way' || told.has(note.number) ? undefined : hopOf(note);
      if (!hop) continue;
      told.add(note.number);
      console.log(tailLine(note, hop));
    }
  };
}
