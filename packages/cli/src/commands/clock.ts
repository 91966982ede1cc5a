/* `carillon clock`: the time of the engine that is up, told, stopped and moved. */
import { type Control, controlOf } from '../control.ts';
import { type Command, textOf, UsageError, type Values } from '../options.ts';
import { createJourneyWords, createProgressLine, type Journey } from '../progress.ts';
import { endpointOf } from '../running.ts';
import { exitCodeOf, stopSignal } from '../signals.ts';
import { complain, paint } from '../terminal.ts';

/** What the engine says of its clock. */
interface Clock {
  /** ISO 8601. */
  readonly now: string;
  readonly virtual: boolean;
  readonly speed: number;
  readonly waitingFor: readonly string[];
  /** While a journey is under way; `to` is null when only a condition ends it. */
  readonly journey?: Omit<Journey, 'to' | 'waitingFor'> & { readonly to: number | null; readonly stops: number };
}

/** How often a journey is looked at, in milliseconds. */
const LOOK_MS = 250;

export const clock: Command = {
  name: 'clock',
  about: `Tells, stops and moves the time of the engine that is up. Moves are over when all that was due is done; Ctrl-C
ends one where time then stands.

now                 tell the time, and what holds it back
pause, resume       let time stand still, or run on
speed N             let time run N times as fast as the machine's
advance DURATION    go on by 5 minutes, 90s, 3d12h
to TIME             go on to 2027-03-28T00:55:00Z
until CONDITION     go on until 'function ring ran 10 times', 'function ring failed', 'function ring logged "done"',
                    'any function failed'`,
  operands: 'now|pause|resume|speed|advance|to|until …',
  options: {
    port: { value: 'PORT', help: 'Port of the engine (that of AWS_ENDPOINT_URL, else 4566)' },
    'at-most': { value: 'DURATION', help: 'With until: how far to go at most' },
    json: { help: 'Print what the engine says, as JSON' },
  },
  examples: [
    ['carillon clock now', 'what time it is'],
    ['carillon clock advance 3d12h', 'three days and a half, in a moment'],
    ["carillon clock until 'function ring ran 10 times'", 'as long as it takes'],
    ['carillon clock speed 60', 'a minute a second'],
  ],

  async run(values, [action = 'now', ...words]) {
    const wish = wishOf(action, words.join(' '), values);
    const control = controlOf(endpointOf(values));
    if (wish === undefined) return tell((await control('clock')) as Clock, values);
    const controller = new AbortController();
    let stopped: NodeJS.Signals | undefined;
    void stopSignal().then((signal) => {
      stopped = signal;
      controller.abort();
    });
    const journey = control('clock', wish, controller.signal);
    const watching = isJourney(action) ? watch(control, journey) : undefined;
    try {
      return tell((await journey.finally(() => watching)) as Clock, values);
    } catch (error) {
      if (stopped === undefined) throw error;
    }
    const where = (await control('clock')) as Clock;
    complain(`Interrupted: time stands at ${where.now}${held(where)}.`);
    return exitCodeOf(stopped);
  },
};

function isJourney(action: string): boolean {
  return ['advance', 'to', 'until'].includes(action);
}

/** What to send to the engine; undefined when it is only asked. */
function wishOf(action: string, rest: string, values: Values): object | undefined {
  const atMost = textOf(values, 'at-most');
  if (atMost !== undefined && action !== 'until') throw new UsageError('--at-most goes with carillon clock until.');
  const needed = (example: string) => {
    if (rest === '') throw new UsageError(`How far? carillon clock ${action} ${example}.`);
    return rest;
  };
  switch (action) {
    case 'now':
    case 'pause':
    case 'resume':
      if (rest !== '') throw new UsageError(`carillon clock ${action} takes no ${rest}.`);
      return action === 'now' ? undefined : { [action]: true };
    case 'advance':
      return { advance: needed('5m') };
    case 'to':
      return { to: needed('2027-03-28T00:55:00Z') };
    case 'until':
      return { until: needed("'function ring ran 10 times'"), ...(atMost !== undefined && { atMost }) };
    case 'speed':
      return { speed: speedOf(needed('60')) };
    default:
      throw new UsageError(`The clock has no ${action}. See carillon clock --help.`);
  }
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (Number.isFinite(speed) && speed >= 0) return speed;
  throw new UsageError(`${text} is not a speed. Give 0, 1, 60, ...`);
}

function tell(clock: Clock, { json }: Values): 0 {
  if (json) console.log(JSON.stringify(clock, undefined, 2));
  else console.log(`${clock.now}  ${paint('dim', `${paceOf(clock)}${held(clock)}`)}`);
  return 0;
}

function paceOf({ virtual, speed, journey }: Clock): string {
  if (journey) return 'on a journey';
  if (!virtual && speed === 1) return "the machine's own time";
  if (speed === 0) return 'standing still';
  return speed === 1 ? 'running' : `running ${speed.toLocaleString('en')} times as fast`;
}

function held({ waitingFor }: Clock): string {
  return waitingFor.length > 0 ? `, waiting for ${waitingFor.join(', ')}` : '';
}

/** Shows how far a journey has come, until it ends. */
async function watch(control: Control, journey: Promise<unknown>): Promise<void> {
  const line = createProgressLine();
  if (!line.isSeen) return;
  const { isoSeconds, machineTimer } = await import('../engine.ts');
  const words = createJourneyWords(isoSeconds);
  let isOver = false;
  const over = journey.then(
    () => undefined,
    () => undefined,
  );
  void over.then(() => {
    isOver = true;
  });
  while (!isOver) {
    await Promise.race([over, new Promise<void>((resolve) => machineTimer.after(LOOK_MS, resolve))]);
    const { journey: under, waitingFor } = (await control('clock')) as Clock;
    if (isOver || !under) continue;
    const to = under.to ?? Number.POSITIVE_INFINITY;
    line.show(words({ ...under, to, waitingFor }, `${under.stops.toLocaleString('en')} stops`));
  }
  line.clear();
}
