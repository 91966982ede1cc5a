/*
 * One execution environment: a process that was initialised for one function version and serves one request at a time
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html). Its log, its limits and the way in
 * which it fails are Lambda's.
 */
import type { Clock, MachineTimer, Timer } from '../../../kernel/clock.ts';
import type { Grip } from './grip.ts';
import { createPlatformLog, type Phase, type PlatformLog, type Status, timeoutWords } from './logs.ts';
import { readMemory } from './memory.ts';
import type { Output } from './output.ts';
import { allRead, type SandboxProcess } from './process.ts';
import type { Exit, InitOutcome, Reported, Result, Runtime } from './runtime.ts';
import { type FunctionSpec, type InvocationResult, type InvokeRequest, LIMITS } from './spec.ts';
import type { Stay } from './turnstile.ts';

/** Real milliseconds between two looks at a running function's memory. */
const MEMORY_WATCH_MS = 50;

/** Real milliseconds between an invocation and the freezing of its process, in virtual time. */
const REST_MS = 20;

export interface SandboxOptions {
  spec: FunctionSpec;
  logStream: string;
  output: Output;
  clock: Clock;
  grip: Grip;
  machine: MachineTimer;
  runtimeVersion: string;
  runtimeVersionArn: string;
  /** When it is given up, however busy, epoch milliseconds; Infinity for never. */
  until: number;
  /** How long its Init phase is to take, in milliseconds of engine time; as long as it takes when undefined. */
  coldStartMs: number | undefined;
  /** Starts a process for the function; called again when its first init phase fails. */
  launch(): Promise<Runtime>;
}

/** Time or memory ran out. */
interface Exhausted {
  kind: 'timeout' | 'out-of-memory';
}

/** There is no process: the interpreter or the bootstrap cannot be run. */
interface Unstarted {
  kind: 'unstarted';
  reason: string;
}

type BadEnding = Reported | Exit | Exhausted | Unstarted;

interface Failure {
  status: Status;
  errorType: string;
  payload: Buffer;
}

export class Sandbox {
  readonly spec: FunctionSpec;
  readonly logStream: string;
  readonly until: number;
  #options: SandboxOptions;
  #log: PlatformLog;
  #runtime: Runtime | undefined;
  /** Neither failed for good nor ended by anybody. */
  #usable = true;
  /** The most memory seen in use: of a process that is gone, nothing can be asked any more. */
  #peakMb = 0;
  #rest: Timer | undefined;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.spec = options.spec;
    this.logStream = options.logStream;
    this.until = options.until;
    this.#log = createPlatformLog({
      ...options,
      now: () => options.clock.now(),
      emit: (message) => options.output.platform(message),
    });
  }

  /** Whether it can take another request. */
  get isUsable(): boolean {
    return this.#usable && this.#runtime?.process.pid !== undefined;
  }

  get pid(): number | undefined {
    return this.#runtime?.process.pid;
  }

  get enginePort(): number {
    return Number(new URL(this.spec.endpointUrl).port);
  }

  /** Lets go of the clock until it regains it, or a timer rings: its function waits for time in a way that it cannot tell. */
  stepAside(onBack: () => void): void {
    const { grip } = this.#options;
    if (this.#runtime?.askAside) {
      grip.mayStepAside(onBack);
      this.#runtime.askAside();
    } else grip.stepAside(onBack);
  }

  regain(): void {
    const { clock, grip } = this.#options;
    grip.regain();
    this.#runtime?.process.send({ type: 'time', now: clock.now(), pace: clock.pace });
  }

  /** Ends the process, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#usable = false;
    this.#runtime?.stop();
    await this.#runtime?.process.gone;
  }

  /** Runs one request; the first one initialises the sandbox. */
  async invoke(request: InvokeRequest, stay: Stay): Promise<InvocationResult> {
    const { grip, output } = this.#options;
    grip.take(stay, request.onWait);
    request.onTaken?.(this.logStream);
    output.open((line) => request.onLog(line, this.logStream));
    try {
      const result = this.#runtime ? await this.#run(request) : await this.#initialiseAndRun(request);
      await grip.turn();
      return result;
    } finally {
      output.close();
      grip.release();
      if (!this.isUsable) void this.stop();
    }
  }

  async #initialiseAndRun(request: InvokeRequest): Promise<InvocationResult> {
    const first = await this.#initialise('init', LIMITS.initMs);
    if (first.failure === undefined) return this.#run(request, { initDurationMs: first.durationMs });
    // Lambda tries a failed init phase once more, within the invocation and its timeout.
    const again = await this.#initialise('invoke', this.spec.timeoutMs);
    if (again.failure === undefined) return this.#run(request, { spentMs: again.durationMs });
    this.#usable = false;
    this.#log.start(request.requestId);
    const failure = again.failure(request);
    return this.#finish(request, failure, { durationMs: again.durationMs, cold: true, memoryUsedMb: 0 });
  }

  async #initialise(phase: Phase, limitMs: number) {
    const { clock } = this.#options;
    this.#log.initStart(phase);
    const start = clock.stopwatch();
    const ending = await this.#launch(limitMs);
    if (ending.kind === 'ready') await this.#prolongInit(start);
    const durationMs = ending.kind === 'timeout' ? limitMs : clock.stopwatch() - start;
    await this.#drain();
    if (ending.kind === 'ready') {
      this.#log.initReport({ phase, durationMs, status: 'success' });
      return { durationMs };
    }
    const status = ending.kind === 'timeout' ? 'timeout' : 'error';
    this.#log.initReport({ phase, durationMs, status, errorType: errorTypeOf(ending) });
    this.#runtime?.stop();
    return { durationMs, failure: (request: InvokeRequest) => this.#failureOf(ending, request) };
  }

  /** Lets the Init phase take as long as it would elsewhere. */
  async #prolongInit(start: number): Promise<void> {
    const { clock, coldStartMs = 0, grip } = this.#options;
    const leftMs = coldStartMs - (clock.stopwatch() - start);
    if (leftMs > 0) await new Promise<void>((resolve) => grip.waitUntil(clock.now() + Math.ceil(leftMs), resolve));
  }

  /** Waiting for a process is not the function's time, so no limit applies to it. */
  async #launch(limitMs: number): Promise<InitOutcome | Unstarted | Exhausted> {
    try {
      const runtime = await this.#options.launch();
      this.#runtime = runtime;
      return await this.#within(limitMs, runtime.init());
    } catch (error) {
      return { kind: 'unstarted', reason: (error as Error).message };
    }
  }

  async #run(
    request: InvokeRequest,
    cold?: { initDurationMs: number; spentMs?: never } | { spentMs: number; initDurationMs?: never },
  ): Promise<InvocationResult> {
    const { clock } = this.#options;
    const runtime = this.#runtime!;
    const limitMs = Math.max(0, this.spec.timeoutMs - (cold?.spentMs ?? 0));
    this.#rest?.cancel();
    runtime.process.thaw();
    this.#log.start(request.requestId);
    const start = clock.stopwatch();
    const payload = Buffer.isBuffer(request.payload) ? request.payload : Buffer.from(request.payload);
    const deadline = clock.now() + limitMs;
    const ending = await this.#within(limitMs, runtime.invoke({ ...request, payload, deadline }));
    const spent = ending.kind === 'timeout' ? limitMs : clock.stopwatch() - start;
    const memoryUsedMb = this.#memoryUsed(ending);
    await this.#drain();
    const outcome = ending.kind === 'result' ? ending : this.#failureOf(ending, request);
    const measured = {
      durationMs: spent + (cold?.spentMs ?? 0),
      initDurationMs: cold?.initDurationMs,
      cold: cold !== undefined,
      memoryUsedMb,
    };
    this.#freeze(runtime.process);
    return this.#finish(request, outcome, measured);
  }

  /** In virtual time a process that nothing is asked of waits anyhow: stopping it soon enough spares stopping it often. */
  #freeze(process: SandboxProcess): void {
    const { clock, machine } = this.#options;
    if (clock.virtual) this.#rest = machine.after(REST_MS, () => process.freeze());
    else process.freeze();
  }

  #finish(
    request: InvokeRequest,
    ending: Failure | Result,
    measured: { durationMs: number; initDurationMs?: number | undefined; cold: boolean; memoryUsedMb: number },
  ): InvocationResult {
    const failure = 'status' in ending ? ending : undefined;
    const result = 'status' in ending ? undefined : ending;
    const { durationMs, initDurationMs, cold, memoryUsedMb } = measured;
    const billedDurationMs = Math.max(1, Math.ceil(durationMs + (initDurationMs ?? 0)));
    const report = { requestId: request.requestId, durationMs, billedDurationMs, memoryUsedMb, initDurationMs };
    this.#log.report({ ...report, status: failure?.status ?? 'success', errorType: failure?.errorType });
    return {
      payload: ending.payload,
      ...(failure && { functionError: 'Unhandled', errorType: failure.errorType }),
      streamed: result?.streamed ?? false,
      contentType: result?.contentType ?? 'application/json',
      durationMs,
      billedDurationMs,
      ...(initDurationMs !== undefined && { initDurationMs }),
      memoryUsedMb,
      cold,
      logStream: this.logStream,
    };
  }

  /** Waits for an outcome, but no longer than the limits of time and memory allow. */
  async #within<Outcome>(limitMs: number, outcome: Promise<Outcome>): Promise<Outcome | Exhausted> {
    const { clock, grip, machine } = this.#options;
    const { promise, resolve } = Promise.withResolvers<Outcome | Exhausted>();
    const timedOut = () => {
      grip.regain();
      resolve({ kind: 'timeout' });
    };
    const timers = [clock.at(clock.now() + limitMs, timedOut), grip.guard(Math.max(limitMs, LIMITS.hungMs), timedOut)];
    const watchMemory = () => {
      const use = readMemory(this.#runtime?.process.pid);
      this.#peakMb = Math.max(this.#peakMb, use?.peakMb ?? 0);
      if (use && use.ownMb > this.spec.memoryMb) resolve({ kind: 'out-of-memory' });
      else timers[2] = machine.after(MEMORY_WATCH_MS, watchMemory);
    };
    timers.push(machine.after(MEMORY_WATCH_MS, watchMemory));
    try {
      return await Promise.race([outcome, promise]);
    } finally {
      for (const timer of timers) timer.cancel();
    }
  }

  /** Takes in all that the function wrote before its outcome. */
  async #drain(): Promise<void> {
    await allRead();
    const dropped = this.#options.output.flush();
    if (dropped) this.#log.logsDropped(dropped);
  }

  /** Not told in virtual time: it is the machine's chance, and a run can be repeated to the byte. */
  #memoryUsed(ending: Result | BadEnding): number {
    if (ending.kind === 'out-of-memory') return this.spec.memoryMb;
    if (this.#options.clock.virtual) return 0;
    const reportedKb = 'memoryKb' in ending ? (ending.memoryKb ?? 0) : 0;
    this.#peakMb = Math.max(this.#peakMb, readMemory(this.#runtime?.process.pid)?.peakMb ?? reportedKb / 1024);
    return Math.min(this.spec.memoryMb, Math.ceil(this.#peakMb));
  }

  /** What Lambda answers to this ending. A sandbox that was killed or ended by itself takes no more requests. */
  #failureOf(ending: BadEnding, request: InvokeRequest): Failure {
    if (ending.kind === 'error') {
      this.#usable = !ending.last;
      return { status: 'error', errorType: ending.errorType, payload: ending.payload };
    }
    this.#usable = false;
    const status = ending.kind === 'timeout' ? 'timeout' : 'error';
    if (status === 'timeout') this.#log.timedOut(request.requestId);
    const errorType = errorTypeOf(ending);
    const errorMessage = `RequestId: ${request.requestId} Error: ${this.#wordsOf(ending)}`;
    return { status, errorType, payload: Buffer.from(JSON.stringify({ errorType, errorMessage })) };
  }

  #wordsOf(ending: BadEnding): string {
    if (ending.kind === 'timeout') return timeoutWords(this.spec);
    if (ending.kind === 'unstarted') return ending.reason;
    if (ending.kind === 'out-of-memory') return 'Runtime exited with error: signal: killed';
    if (ending.kind !== 'exit' || ending.reason === undefined) return 'Runtime exited without providing a reason';
    return `Runtime exited with error: ${ending.reason}`;
  }
}

function errorTypeOf(ending: BadEnding): string {
  return ending.kind === 'error' ? ending.errorType : ERROR_TYPES[ending.kind];
}

const ERROR_TYPES = {
  timeout: 'Sandbox.Timedout',
  'out-of-memory': 'Runtime.OutOfMemory',
  unstarted: 'Runtime.InvalidEntrypoint',
  exit: 'Runtime.ExitError',
} as const;
