/*
 * Carillon's own pages beside AWS's: how the engine is, and its clock in the user's hand.
 *
 *   GET  /_carillon/health   version, clock, services
 *   GET  /_carillon/clock    the present moment
 *   POST /_carillon/clock    {"advance": "5 minutes"}, {"to": "2026-01-01T00:00:00Z"} or {"until": "function ring ran
 *                            10 times", "atMost": "1 day"}, answered when settled; the journey ends with the request.
 *                            {"pause": true}, {"resume": true} or {"speed": 60}
 *   GET  /_carillon/journal  notes of what happens from now on, a line of JSON each, until the client goes; `?since=5`
 *                            begins with those kept from number 5 on, `&kind=call,delivery` has only some kinds
 *   GET  /_carillon/trace    the trail of an event, a message, a request or a note: `?id=...`
 *   POST /_carillon/reset    forgets everything
 *
 * Where callers have to sign, so do those of these pages, health alone excepted: curl does with `--aws-sigv4
 * aws:amz:us-east-1:carillon --user KEY:SECRET`.
 */
import { Readable } from 'node:stream';
import { type ClockControls, isoMillis } from '../kernel/clock.ts';
import type { Journal, JournalNote } from '../kernel/journal.ts';
import type { WebReply } from '../kernel/service.ts';
import type { Trail } from '../kernel/trail.ts';
import type { PlainRequest, PlainRoute } from './gateway.ts';

export interface Controlled {
  readonly version: string;
  readonly clock: ClockControls;
  readonly services: readonly string[];
  readonly journal: Pick<Journal, 'list' | 'subscribe'>;
  /** What led to an id and what followed; undefined when nobody knows it. */
  trail(id: string): Trail | undefined;
  /** What to say then. */
  unknownTrail(id: string): string;
  reset(): Promise<void>;
}

export function controlRoutes(engine: Controlled): PlainRoute[] {
  const { clock, version, services } = engine;
  const time = () => ({
    now: isoMillis(clock.now()),
    virtual: clock.virtual,
    speed: clock.speed(),
    waitingFor: clock.holders(),
    ...(clock.journey() && { journey: clock.journey() }),
  });
  return [
    {
      method: 'GET',
      path: '/_carillon/health',
      open: true,
      handle: () => json(200, { status: 'ok', version, clock: time(), services }),
    },
    { method: 'GET', path: '/_carillon/clock', handle: () => json(200, time()) },
    {
      method: 'POST',
      path: '/_carillon/clock',
      async handle(request) {
        try {
          await move(clock, request);
        } catch (error) {
          if (request.signal.aborted) return json(499, { message: 'The journey ended with its request.' });
          if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
          return json(400, { message: error.message });
        }
        return json(200, time());
      },
    },
    {
      method: 'GET',
      path: '/_carillon/journal',
      handle: (request) => ({
        status: 200,
        headers: { 'content-type': 'application/x-ndjson' },
        body: follow(engine.journal, request),
      }),
    },
    {
      method: 'GET',
      path: '/_carillon/trace',
      handle({ query }) {
        const id = new URLSearchParams(query).get('id') ?? '';
        if (id === '') return json(400, { message: 'Whose trace? /_carillon/trace?id=...' });
        const trail = engine.trail(id);
        return trail ? json(200, timed(trail)) : json(404, { message: engine.unknownTrail(id) });
      },
    },
    {
      method: 'POST',
      path: '/_carillon/reset',
      async handle() {
        await engine.reset();
        return json(200, { status: 'ok' });
      },
    },
  ];
}

const USAGE =
  'Send {"advance": "5 minutes"}, {"to": "2026-01-01T00:00:00Z"}, {"until": "function ring ran 10 times"}, {"pause": true}, {"resume": true} or {"speed": 60}.';

async function move(clock: ClockControls, { body, signal }: PlainRequest): Promise<void> {
  const wish: unknown = JSON.parse(Buffer.from(body).toString() || 'null');
  const { advance, to, until, atMost, pause, resume, speed } = (wish ?? {}) as Record<string, unknown>;
  if (isAmount(advance)) await clock.advance(advance, { signal });
  else if (isAmount(to)) await clock.advanceTo(to, { signal });
  else if (typeof until === 'string') await clock.runUntil(until, { signal, ...(isAmount(atMost) && { atMost }) });
  else if (pause === true) clock.pause();
  else if (resume === true) clock.resume();
  else if (typeof speed === 'number') clock.speed(speed);
  else throw new RangeError(USAGE);
}

/** Moments as text too, for those who read them without a clock. */
function timed({ notes, due, ...rest }: Trail) {
  return {
    ...rest,
    notes: notes.map((note) => ({ ...note, time: isoMillis(note.at) })),
    due: due.map((step) => ({ ...step, time: isoMillis(step.due) })),
  };
}

/** How much a client that reads slowly may fall behind, in characters; what goes beyond it misses. */
const MOST_BEHIND = 8_000_000;

/** Notes as lines, until the client goes. An empty line comes first: it says that none is missed from then on. */
function follow(journal: Controlled['journal'], { query, signal }: PlainRequest): Readable {
  const wish = new URLSearchParams(query);
  const kinds = wish.get('kind')?.split(',');
  const lines = new Readable({ read: () => {}, encoding: 'utf8' });
  let missed = 0;
  const tell = (note: JournalNote) => {
    if (kinds && !kinds.includes(note.kind)) return;
    if (lines.readableLength > MOST_BEHIND) {
      missed++;
      return;
    }
    if (missed > 0) lines.push(`${JSON.stringify({ missed })}\n`);
    missed = 0;
    lines.push(`${JSON.stringify({ ...note, time: isoMillis(note.at) })}\n`);
  };
  const end = () => {
    unsubscribe();
    lines.push(null);
  };
  lines.push('\n');
  const since = wish.get('since');
  if (since !== null) for (const note of journal.list()) if (note.number >= Number(since)) tell(note);
  const unsubscribe = journal.subscribe(tell);
  lines.once('close', unsubscribe);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return lines;
}

function isAmount(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function json(status: number, body: unknown): WebReply {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(body, undefined, 2)}\n` };
}
