/*
 * Carillon's own pages beside AWS's: how the engine is, and its clock in the user's hand.
 *
 *   GET  /_carillon/health   version, clock, services
 *   GET  /_carillon/clock    the present moment
 *   POST /_carillon/clock    {"advance": "5 minutes"} or {"to": "2026-01-01T00:00:00Z"}; answers when settled
 *   POST /_carillon/reset    forgets everything
 *
 * Where callers have to sign, so do those of these pages, health alone excepted: curl does with `--aws-sigv4
 * aws:amz:us-east-1:carillon --user KEY:SECRET`.
 */
import { type ClockControls, isoMillis } from '../kernel/clock.ts';
import type { PlainReply, PlainRequest, PlainRoute } from './gateway.ts';

export interface Controlled {
  readonly version: string;
  readonly clock: ClockControls;
  readonly services: readonly string[];
  reset(): Promise<void>;
}

export function controlRoutes(engine: Controlled): PlainRoute[] {
  const { clock, version, services } = engine;
  const time = () => ({ now: isoMillis(clock.now()), speed: clock.speed(), waitingFor: clock.holders() });
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

const USAGE = 'Send {"advance": "5 minutes"} or {"to": "2026-01-01T00:00:00Z"}.';

async function move(clock: ClockControls, request: PlainRequest): Promise<void> {
  const wish: unknown = JSON.parse(Buffer.from(request.body).toString() || 'null');
  const { advance, to } = (wish ?? {}) as Record<string, unknown>;
  if (typeof advance === 'string' || typeof advance === 'number') await clock.advance(advance);
  else if (typeof to === 'string' || typeof to === 'number') await clock.advanceTo(to);
  else throw new RangeError(USAGE);
}

function json(status: number, body: unknown): PlainReply {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(body, undefined, 2)}\n` };
}
