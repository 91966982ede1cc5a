/*
 * Carillon's own pages beside AWS's: how the engine is, and its clock in the user's hand.
 *
 *   GET  /_carillon/health   version, clock, services
 *   GET  /_carillon/clock    the present moment
 *   POST /_carillon/clock    {"advance": "5 minutes"}, {"to": "2026-01-01T00:00:00Z"} or {"until": "function ring ran
 *                            10 times", "atMost": "1 day"}, answered when settled; the journey ends with the request.
 *                            {"pause": true}, {"resume": true} or {"speed": 60}
 *   POST /_carillon/reset    forgets everything
 *
 * Where callers have to sign, so do those of these pages, health alone excepted: curl does with `--aws-sigv4
 * aws:amz:us-east-1:carillon --user KEY:SECRET`.
 */
import { type ClockControls, isoMillis } from '../kernel/clock.ts';
import type { WebReply } from '../kernel/service.ts';
import type { PlainRequest, PlainRoute } from './gateway.ts';

export interface Controlled {
  readonly version: string;
  readonly clock: ClockControls;
  readonly services: readonly string[];
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

function isAmount(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function json(status: number, body: unknown): WebReply {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(body, undefined, 2)}\n` };
}
