/*
 * All sandboxes of the engine: a request goes to a warm one of its function version, the most recently used first, else
 * to a new one. A sandbox that idled long enough is reclaimed, as on Lambda.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Callers } from '../../../kernel/callers.ts';
import { type Clock, isoSeconds, type MachineTimer, type Timer, turn } from '../../../kernel/clock.ts';
import type { Ids } from '../../../kernel/ids.ts';
import type { Credentials } from '../../../kernel/keyring.ts';
import type { Weather } from '../../../kernel/weather.ts';
import { type Cache, createCache } from './cache.ts';
import { letCallersWait } from './callers.ts';
import { createRuntimeApi } from './custom.ts';
import {
  functionEnvironment,
  needsOwnStart,
  nodeLayerPaths,
  pythonLayerPaths,
  startEnvironment,
} from './environment.ts';
import { Grip } from './grip.ts';
import { createInterpreterFinder, type Interpreter, type InterpreterFinder, parseRuntime } from './interpreters.ts';
import { createManagedRuntime } from './managed.ts';
import { Output } from './output.ts';
import { createInterpreterPool, type InterpreterPool } from './pool.ts';
import { findLeash, type Leash, SandboxProcess } from './process.ts';
import type { Runtime } from './runtime.ts';
import { Sandbox } from './sandbox.ts';
import type { FunctionSpec, InvocationResult, InvokeRequest } from './spec.ts';
import { createSupplier, type Supplier } from './supplied.ts';
import { type Gate, openGate, type Stay, Turnstile } from './turnstile.ts';

const MINUTE_MS = 60_000;

/** How many different things users are warned of. */
const MOST_WARNINGS = 1_000;

export interface FleetOptions {
  clock: Clock;
  /** Who is kept waiting for time; nobody is looked at when absent. */
  callers?: Callers;
  /** Real time, for guards against functions that hang. */
  machine: MachineTimer;
  ids: Pick<Ids, 'hex'>;
  /** What the sandbox of a log stream signs with, so that its calls can be told from those of others. */
  credentialsOf(spec: FunctionSpec, logStream: string): Credentials;
  /** Holds the bootstraps: `packages/engine/runtimes`. */
  runtimesDirectory: string;
  /** For the sandboxes' own files; emptied when the fleet closes. */
  privateDirectory: string;
  /** Engine time after which an idle sandbox is reclaimed; 15 minutes when absent. */
  idleMs?: number;
  /** Interpreters kept ready for each runtime that is in use; 2 when absent. */
  poolSize?: number;
  /** How long cold starts take and sandboxes live, where that is not as it comes. */
  weather?: Pick<Weather, 'coldStartOf' | 'sandboxLifetime'>;
  /** Sandboxes that may idle at one time; the least recently used are reclaimed. 100 when absent. */
  idleSandboxes?: number;
  /** Requests that may run at one time; 1,000 when absent. The caller throttles before that. */
  concurrency?: number;
  /** What is fetched is kept there; `~/.cache/carillon` when absent. */
  cacheDirectory?: string;
  /** Whether a runtime runs on its own interpreter or not at all. */
  strict?: boolean;
  /** Told once of each runtime that does not run on its own interpreter, and of each way out of virtual time. */
  onWarning?(message: string): void;
}

interface Launch {
  spec: FunctionSpec;
  interpreter: Interpreter | undefined;
  /** Directories of the modules that Lambda supplies. */
  supplied: readonly string[];
  logStream: string;
  output: Output;
  grip: Grip;
}

interface ManagedLaunch extends Launch {
  interpreter: Interpreter;
}

interface Idle {
  sandbox: Sandbox;
  reclaim: Timer;
}

/** Thrown for a request over the fleet's own bound. */
export class FleetFullError extends Error {}

export class SandboxFleet {
  #options: FleetOptions;
  #cache: Cache;
  #finder: InterpreterFinder;
  #supplier: Supplier;
  #pool: InterpreterPool;
  #leash: Leash = { prefix: [] };
  #ready: Promise<void>;
  #gate: Gate;
  #forgetCallers: () => void = () => {};
  /** By key; the most recently used last. A Map keeps the order in which sandboxes became idle. */
  #idle = new Map<Sandbox, Idle>();
  #idleByKey = new Map<string, Sandbox[]>();
  #busy = new Set<Sandbox>();
  #inFlight = new Map<string, number>();
  #retired = new WeakSet<Sandbox>();
  #processes = new Set<SandboxProcess>();
  #warned = new Set<string>();
  #total = 0;
  /** Names directories: processes start when the machine likes, so the engine's ids are not spent on them. */
  #processNumber = 0;
  #closed = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#gate = options.clock.virtual ? new Turnstile(options.machine) : openGate;
    this.#cache = createCache({
      directory: options.cacheDirectory,
      onNews: (message) => options.onWarning?.(message),
    });
    this.#finder = createInterpreterFinder(this.#cache);
    this.#supplier = createSupplier({
      cache: this.#cache,
      runtimesDirectory: options.runtimesDirectory,
      onWarning: (message) => this.#warn(message),
    });
    this.#pool = createInterpreterPool(options.poolSize ?? 2, options.machine, (interpreter) =>
      this.#startBootstrap(interpreter),
    );
    const { callers, clock, machine } = options;
    if (callers && clock.virtual) {
      this.#forgetCallers = letCallersWait({ callers, machine, running: () => this.#busy });
    }
    this.#ready = findLeash().then((leash) => {
      this.#leash = leash;
    });
  }

  /** Requests under way: of a key, or of all. */
  inFlight(key?: string): number {
    return key === undefined ? this.#total : (this.#inFlight.get(key) ?? 0);
  }

  /** Sandboxes that exist: of a key, or of all. */
  running(key?: string): number {
    if (key === undefined) return this.#idle.size + this.#busy.size;
    const busy = [...this.#busy].filter((sandbox) => sandbox.spec.key === key).length;
    return busy + (this.#idleByKey.get(key)?.length ?? 0);
  }

  /** Keeps interpreters ready for a runtime from now on: for when a function of it was made. */
  async warmUp(runtime: string): Promise<void> {
    await this.#ready;
    const interpreter = await this.#interpreterOf(runtime);
    if (interpreter && !this.#closed) this.#pool.warmUp(interpreter);
  }

  /** Fetches what a function needs, ahead of its first request, which waits for it else. */
  async prepare(spec: FunctionSpec): Promise<void> {
    try {
      const interpreter = await this.#interpreterOf(spec.runtime);
      if (interpreter) await this.#supplier.modulesFor(spec, interpreter);
    } catch {
      // The first request fails of it, too, and says so.
    }
  }

  /** Runs a request in a sandbox. Rejects only when the fleet is full or closed: a function's failures are results. */
  async invoke(spec: FunctionSpec, request: InvokeRequest): Promise<InvocationResult> {
    if (this.#closed) throw new FleetFullError('The engine is closing.');
    const bound = this.#options.concurrency ?? 1_000;
    if (this.#total >= bound) throw new FleetFullError(`${bound} functions are running already.`);
    const release = this.#options.clock.hold(`function ${spec.functionName} (starting)`);
    this.#count(spec.key, 1);
    const stay = this.#gate.enter();
    try {
      const sandbox = this.#takeWarm(spec.key) ?? (await this.#create(spec));
      const result = this.#use(sandbox, request, stay);
      release();
      return await result;
    } finally {
      stay.leave(() => {});
      this.#count(spec.key, -1);
      release();
    }
  }

  /** Ends the sandboxes of a key: idle ones now, busy ones after their request. */
  retire(key: string): void {
    for (const sandbox of [...(this.#idleByKey.get(key) ?? [])]) this.#reclaim(sandbox);
    for (const sandbox of this.#busy) if (sandbox.spec.key === key) this.#retired.add(sandbox);
  }

  /** Ends everything. Requests under way end as if their process had been killed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#forgetCallers();
    this.#cache.close();
    await this.#ready;
    this.#pool.close();
    for (const { reclaim } of this.#idle.values()) reclaim.cancel();
    const processes = [...this.#processes];
    for (const process of processes) process.kill();
    await Promise.all(processes.map((process) => process.gone));
    await rm(this.#options.privateDirectory, { recursive: true, force: true });
  }

  async #use(sandbox: Sandbox, request: InvokeRequest, stay: Stay): Promise<InvocationResult> {
    this.#busy.add(sandbox);
    try {
      const result = await sandbox.invoke(request, stay);
      // Starting a process takes milliseconds: the answer leaves first.
      if (result.cold) void turn().then(() => this.#pool.refill());
      return result;
    } finally {
      this.#busy.delete(sandbox);
      this.#release(sandbox);
    }
  }

  #count(key: string, change: 1 | -1): void {
    this.#total += change;
    const count = this.inFlight(key) + change;
    if (count > 0) this.#inFlight.set(key, count);
    else this.#inFlight.delete(key);
  }

  #takeWarm(key: string): Sandbox | undefined {
    for (;;) {
      const sandbox = this.#idleByKey.get(key)?.at(-1);
      if (!sandbox) return undefined;
      this.#forgetIdle(sandbox);
      if (sandbox.isUsable) return sandbox;
      void sandbox.stop();
    }
  }

  #release(sandbox: Sandbox): void {
    if (!sandbox.isUsable) return;
    const { clock, idleMs = 15 * MINUTE_MS, idleSandboxes = 100 } = this.#options;
    const leftMs = Math.min(idleMs, sandbox.until - clock.now());
    if (this.#closed || this.#retired.has(sandbox) || leftMs <= 0) {
      void sandbox.stop();
      return;
    }
    const reclaim = clock.at(clock.now() + leftMs, () => this.#reclaim(sandbox));
    this.#idle.set(sandbox, { sandbox, reclaim });
    const others = this.#idleByKey.get(sandbox.spec.key);
    if (others) others.push(sandbox);
    else this.#idleByKey.set(sandbox.spec.key, [sandbox]);
    if (this.#idle.size > idleSandboxes) this.#reclaim(this.#idle.keys().next().value!);
  }

  #forgetIdle(sandbox: Sandbox): void {
    this.#idle.get(sandbox)?.reclaim.cancel();
    this.#idle.delete(sandbox);
    const rest = (this.#idleByKey.get(sandbox.spec.key) ?? []).filter((other) => other !== sandbox);
    if (rest.length > 0) this.#idleByKey.set(sandbox.spec.key, rest);
    else this.#idleByKey.delete(sandbox.spec.key);
  }

  #reclaim(sandbox: Sandbox): void {
    this.#forgetIdle(sandbox);
    void sandbox.stop();
  }

  async #create(spec: FunctionSpec): Promise<Sandbox> {
    const { clock, machine, ids, weather } = this.#options;
    // Whatever is drawn is drawn before anything is waited for: the order of draws is the order of requests.
    const logStream = logStreamName(spec, clock.now(), ids.hex(32));
    const coldStartMs = weather?.coldStartOf(spec.runtime);
    const until = clock.now() + (weather?.sandboxLifetime() ?? Number.POSITIVE_INFINITY);
    await this.#ready;
    const interpreter = await this.#interpreterOf(spec.runtime);
    const supplied = interpreter ? await this.#supplier.modulesFor(spec, interpreter) : [];
    const output = new Output(spec, () => clock.now());
    const grip = new Grip(clock, machine, this.#gate, `function ${spec.functionName}`);
    return new Sandbox({
      spec,
      logStream,
      output,
      clock,
      grip,
      machine,
      until,
      coldStartMs,
      ...runtimeVersion(spec, interpreter),
      launch: () => this.#launch({ spec, interpreter, supplied, logStream, output, grip }),
    });
  }

  #launch({ interpreter, ...launch }: Launch): Promise<Runtime> {
    const { spec } = launch;
    if (interpreter) return this.#launchManaged({ interpreter, ...launch });
    if (spec.runtime.startsWith('provided')) return this.#launchCustom(launch);
    throw new Error(missingInterpreter(spec.runtime));
  }

  async #launchManaged({ spec, interpreter, supplied, logStream, output, grip }: ManagedLaunch): Promise<Runtime> {
    const { clock } = this.#options;
    const runtimeDirectory = join(this.#options.runtimesDirectory, interpreter.language);
    const credentials = this.#options.credentialsOf(spec, logStream);
    const around = { interpreterPath: interpreter.path, runtimeDirectory, logStream, credentials, supplied };
    const environmentIn = (temporaryDirectory: string) => functionEnvironment(spec, { ...around, temporaryDirectory });
    const process = needsOwnStart(spec)
      ? this.#startBootstrap(interpreter, environmentIn)
      : await this.#pool.take(interpreter);
    const init = {
      runtime: spec.runtime,
      handler: spec.handler,
      codeDirectory: spec.codeDirectory,
      paths: interpreter.language === 'python' ? pythonLayerPaths(spec) : nodeLayerPaths(spec),
      supplied,
      environment: environmentIn(process.scratchDirectory),
      logFormat: spec.logFormat ?? 'Text',
      logLevel: spec.logFormat === 'JSON' ? spec.applicationLogLevel : undefined,
    };
    const onLeak = (what: string) => this.#warn(leakOf(spec, what));
    const supply = (name: string) => this.#supplier.packageFor(name, interpreter, spec.runtime);
    return createManagedRuntime({ process, init, output, clock, grip, onLeak, supply });
  }

  async #launchCustom({ spec, logStream, output }: Omit<Launch, 'interpreter' | 'supplied'>): Promise<Runtime> {
    const { clock } = this.#options;
    const command = findBootstrap(spec);
    const api = await createRuntimeApi(clock);
    const runtimeDirectory = this.#options.runtimesDirectory;
    const credentials = this.#options.credentialsOf(spec, logStream);
    const process = this.#start({
      command,
      args: [],
      directory: spec.codeDirectory,
      channel: false,
      environmentIn: (temporaryDirectory) => ({
        ...functionEnvironment(spec, { runtimeDirectory, logStream, credentials, temporaryDirectory }),
        AWS_LAMBDA_RUNTIME_API: api.address,
        ...(clock.virtual && { CARILLON_TIME_MS: String(clock.now()) }),
      }),
    });
    return api.attach(process, output);
  }

  #startBootstrap(
    interpreter: Interpreter,
    environmentIn: (temporaryDirectory: string) => Record<string, string> = () => startEnvironment(interpreter.path),
  ): SandboxProcess {
    const file = interpreter.language === 'node' ? 'node/bootstrap.cjs' : 'python/bootstrap.py';
    const { runtimesDirectory } = this.#options;
    const args = [join(runtimesDirectory, file), ...(this.#options.clock.virtual ? ['virtual'] : [])];
    return this.#start({ command: interpreter.path, args, directory: runtimesDirectory, channel: true, environmentIn });
  }

  #start(options: {
    command: string;
    args: string[];
    directory: string;
    channel: boolean;
    environmentIn(temporaryDirectory: string): Record<string, string>;
  }): SandboxProcess {
    if (this.#closed) throw new Error('The engine is closing.');
    const scratchDirectory = join(this.#options.privateDirectory, String(this.#processNumber++));
    const { environmentIn, ...rest } = options;
    const environment = environmentIn(scratchDirectory);
    const process = new SandboxProcess({ ...rest, environment, scratchDirectory, leash: this.#leash });
    this.#processes.add(process);
    void process.gone.then(() => this.#processes.delete(process));
    return process;
  }

  async #interpreterOf(runtime: string): Promise<Interpreter | undefined> {
    const interpreter = await this.#finder.find(runtime);
    if (this.#options.strict && !interpreter?.exact) return undefined;
    if (interpreter && !interpreter.exact) this.#warn(inexactInterpreter(runtime, interpreter));
    return interpreter;
  }

  /** Says each thing once. */
  #warn(text: string): void {
    if (this.#warned.has(text) || this.#warned.size >= MOST_WARNINGS) return;
    this.#warned.add(text);
    this.#options.onWarning?.(text);
  }
}

/** `2026/11/21/[$LATEST]<32 hexadecimal digits>`; with the function's name in a log group that it may share. */
function logStreamName(spec: FunctionSpec, now: number, id: string): string {
  const date = isoSeconds(now).slice(0, 10).replaceAll('-', '/');
  const name = spec.logGroup === `/aws/lambda/${spec.functionName}` ? '' : spec.functionName;
  return `${date}/${name}[${spec.functionVersion}]${id}`;
}

/** Shaped as AWS's, `nodejs:22.v1` and an ARN; the digest stands for the interpreter that runs it here. */
function runtimeVersion(spec: FunctionSpec, interpreter: Interpreter | undefined) {
  const [, family, release] = /^([a-z]+)\.?(.*?)(?:\.x)?$/.exec(spec.runtime) ?? [];
  const version = `${family}:${release ? `${release}.` : ''}v1`;
  const digest = createHash('sha256').update(`${spec.runtime} ${interpreter?.version}`).digest('hex');
  return { runtimeVersion: version, runtimeVersionArn: `arn:aws:lambda:${spec.region}::runtime:${digest}` };
}

/** The function's own `bootstrap`, or a layer's. Throws with Lambda's words when it cannot be run. */
function findBootstrap(spec: FunctionSpec): string {
  const places = [spec.codeDirectory, ...spec.layers.toReversed()].map((directory) => join(directory, 'bootstrap'));
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]");
  try {
    accessSync(found, constants.X_OK);
  } catch {
    throw new Error('fork/exec /var/task/bootstrap: permission denied');
  }
  return found;
}

function inexactInterpreter(runtime: string, { language, version, path, reason }: Interpreter): string {
  const name = language === 'node' ? 'Node.js' : 'Python';
  return `${runtime} runs on ${name} ${version} here (${path}). ${remedyFor(runtime, reason)}`;
}

function remedyFor(runtime: string, reason?: string): string {
  const { language, wanted } = parseRuntime(runtime)!;
  const version = wanted.join('.');
  if (language === 'node')
    return `Its own interpreter, Node.js ${version}, is not to be had: ${reason ?? 'none was found'}.`;
  return `For its own interpreter, install Python ${version}, for example by \`pyenv install ${version}\`: it is looked for on the PATH and in ~/.pyenv.`;
}

function leakOf(spec: FunctionSpec, what: string): string {
  return `Function ${spec.functionName} uses ${what}, which lives in real time. Virtual time stands still meanwhile.`;
}

function missingInterpreter(runtime: string): string {
  const parsed = parseRuntime(runtime);
  if (!parsed) return `Carillon does not run ${runtime}. It runs nodejs*, python* and provided.* runtimes.`;
  return `No interpreter for ${runtime} was found on this machine. ${remedyFor(runtime)}`;
}
