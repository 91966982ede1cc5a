/*
 * A simulation: an app is set up in an engine of its own, in memory and in virtual time, and lives through a span of
 * time; a report tells what became of it. `@carillon/engine/simulation`.
 *
 *   const report = await simulate({
 *     app: async (engine) => {
 *       const ring = await engine.createFunction('ring', 'exports.handler = async () => {}');
 *       await engine.schedule('every-five', 'rate(5 minutes)', ring);
 *     },
 *     duration: '30 days',
 *   });
 */
import { createEngine, type Engine, type EngineOptions } from '../engine.ts';
import { isoMillis, machineStopwatch, machineTimer, parseDuration, parseMoment, today } from '../kernel/clock.ts';
import { createWorkbench, type Workbench } from '../workbench.ts';
import { ringOf } from './causes.ts';
import { type DueInput, happen, inOrder, type SimulationInput } from './inputs.ts';
import { createReporter, type Report } from './report.ts';
import type { Assumption, Finding, Span } from './section.ts';

export type { Workbench } from '../workbench.ts';
export type { Bill, BillLine } from './costs/bill.ts';
export type { Histogram, Summary } from './distribution.ts';
export { type InvokeInput, parseInputs, type SimulationInput } from './inputs.ts';
export type { Report } from './report.ts';
export type { Assumption, Finding } from './section.ts';
export type { DeliveryReport } from './sections/deliveries.ts';
export type { FunctionReport } from './sections/functions.ts';
export type { LogGroupReport } from './sections/logs.ts';
export type { ScheduleReport } from './sections/schedules.ts';
export type { TimelineReport } from './sections/timeline.ts';

type Chosen = Pick<
  EngineOptions,
  'profile' | 'faults' | 'seed' | 'extensions' | 'account' | 'region' | 'sandboxIdleMs' | 'log'
>;

export interface SimulationOptions extends Chosen {
  /** Sets things up, by the engine's endpoint or by its tools, while time stands still at the beginning of the span. */
  app(engine: Workbench): unknown;
  /** Milliseconds, or words such as `30 days`. */
  duration: number | string;
  /** ISO 8601 or epoch milliseconds; midnight of today, in UTC, when absent. */
  from?: number | string;
  /** What happens from outside, in any order; parseInputs reads them from text. */
  inputs?: readonly SimulationInput[];
  /**
   * What to take for granted of functions in the bill, by name or `*` for all others: in virtual time, a function that
   * waits for nothing takes no time, and AWS bills a millisecond.
   */
  assume?: Readonly<Record<string, Assumption>>;
  /** Whether the bill takes off what the free tier covers. */
  freeTier?: boolean;
  /** Told about four times a second of the machine's time, and at the end. */
  onProgress?(progress: SimulationProgress): void;
  /** Ends the simulation early: the report is then of what has been. */
  signal?: AbortSignal;
}

/** How far a simulation has come. Moments are epoch milliseconds. */
export interface SimulationProgress {
  readonly now: number;
  readonly from: number;
  readonly to: number;
  /** How often schedules were due. */
  readonly rings: number;
  /** Engine time over the machine's time. */
  readonly factor: number;
  /** What holds time back, in words. */
  readonly waitingFor: readonly string[];
}

const PROGRESS_MS = 250;
const DEFAULT_SEED = 0;
/** How many inputs that could not happen are told of one by one. */
const TOLD_FAILURES = 5;

/**
 * Rejects with a RangeError when an option makes no sense, and with the app's own error when it can't be set up or is
 * interrupted while it is.
 */
export async function simulate(options: SimulationOptions): Promise<Report> {
  const { app, signal, seed = DEFAULT_SEED, assume = {}, freeTier = false } = options;
  const from = options.from === undefined ? today() : parseMoment(options.from);
  const span = { from, to: from + parseDuration(options.duration) };
  const inputs = inOrder(span, options.inputs ?? []);
  const engine = await createEngine({ ...chosen(options), seed, clock: `virtual:${isoMillis(from)}` });
  const profile = typeof options.profile === 'object' ? options.profile.name : (options.profile ?? 'ideal');
  const reporter = createReporter(engine, { span, profile, seed: String(seed), assumptions: assume, freeTier });
  const stopWatching = watchProgress(engine, span, options.onProgress);
  try {
    await orAborted(Promise.resolve(app(createWorkbench(engine))), signal);
    const failures = await live(engine, span, inputs, signal);
    return await reporter.report(failures);
  } finally {
    stopWatching();
    await engine.close();
  }
}

function chosen(options: SimulationOptions): Chosen {
  const { profile, faults, seed, extensions, account, region, sandboxIdleMs, log } = options;
  const all = { profile, faults, seed, extensions, account, region, sandboxIdleMs, log };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Lets the span pass, or what there is time for; answers what to tell of inputs that did not happen. */
async function live(
  engine: Engine,
  span: Span,
  inputs: readonly DueInput[],
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const failures = createFailures();
  const pass = (to: number) => orAborted(engine.clock.advanceTo(to, signal ? { signal } : {}), signal);
  try {
    for (const { due, input } of inputs) {
      if (due > span.to) break;
      await pass(due);
      // Functions may take their time: the next input does not wait for them.
      happen(engine, input).catch((error) => failures.add(`${isoMillis(due)} ${(error as Error).message}`));
    }
    await pass(span.to);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  return [...failures.findings(), ...beyond(inputs, span)];
}

function beyond(inputs: readonly DueInput[], { to }: Span): Finding[] {
  const late = inputs.filter(({ due }) => due > to).length;
  if (late === 0) return [];
  return [{ about: 'inputs', text: `${late} of ${inputs.length} inputs lie beyond the end of the span.` }];
}

function createFailures() {
  const told: string[] = [];
  let more = 0;
  return {
    add(text: string): void {
      if (told.length < TOLD_FAILURES) told.push(text);
      else more++;
    },
    findings(): Finding[] {
      const texts = told.map((text) => `An input could not happen: ${text}`);
      if (more > 0) texts.push(`${more} more inputs could not happen.`);
      return texts.map((text) => ({ about: 'inputs', text }));
    },
  };
}

/** Waits no longer than until the signal aborts: what holds time back may never let go. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Tells of progress until the returned function is called, and then once more. */
function watchProgress(engine: Engine, { from, to }: Span, tell: SimulationOptions['onProgress']): () => void {
  if (!tell) return () => {};
  let rings = 0;
  const stop = engine.journal.subscribe((note) => {
    if (ringOf(note)) rings++;
  });
  const elapsedMs = machineStopwatch();
  const tellNow = () => {
    const now = engine.clock.now();
    tell({ now, from, to, rings, factor: (now - from) / Math.max(elapsedMs(), 1), waitingFor: engine.clock.holders() });
  };
  const again = () => {
    tellNow();
    timer = machineTimer.after(PROGRESS_MS, again);
  };
  let timer = machineTimer.after(PROGRESS_MS, again);
  return () => {
    timer.cancel();
    stop();
    tellNow();
  };
}
