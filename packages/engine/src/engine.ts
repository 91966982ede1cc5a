/*
 * The engine: clock, store, agenda, journal, dispatcher and gateway, put together.
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { watchFor } from './conditions.ts';
import { parseFault } from './faults.ts';
import { accountOf } from './kernel/access-keys.ts';
import type { Scope } from './kernel/arn.ts';
import { createCallers } from './kernel/callers.ts';
import { type ClockControls, type ClockOptions, EngineClock, parseMoment } from './kernel/clock.ts';
import { createDispatcher, type Dispatcher } from './kernel/dispatcher.ts';
import { createErrands } from './kernel/errands.ts';
import { createGuard, type PermissionMode } from './kernel/guard.ts';
import { createIds } from './kernel/ids.ts';
import { Journal } from './kernel/journal.ts';
import { createKeyring, type IssuedCredentials, keptRoot, newRoot, seededRoot } from './kernel/keyring.ts';
import { createResourceTypes } from './kernel/resource-types.ts';
import { createResources } from './kernel/resources.ts';
import type { CallFunction, Host, ServiceDefinition } from './kernel/service.ts';
import { createMemoryBackend } from './kernel/state/memory.ts';
import { createSqliteBackend } from './kernel/state/sqlite.ts';
import { Store } from './kernel/state/store.ts';
import type { TableReader } from './kernel/state/table.ts';
import { trailOf, unknownTrail } from './kernel/trail.ts';
import { createWeather, type Profile } from './kernel/weather.ts';
import { profileNamed } from './profiles.ts';
import { services } from './services.ts';
import { controlRoutes } from './wire/control.ts';
import { parseForwards } from './wire/forward.ts';
import { createGateway, type PlainRoute } from './wire/gateway.ts';
import { readRequest } from './wire/sdk-request.ts';
import { validateCall } from './wire/validate.ts';

export type { Scope } from './kernel/arn.ts';
export {
  type ClockControls,
  dateOf,
  isoMillis,
  isoSeconds,
  type JourneyOptions,
  type MachineTimer,
  machinePause,
  machineTimer,
  type Progress,
  parseMoment,
} from './kernel/clock.ts';
export { AwsError } from './kernel/errors.ts';
export type { PermissionMode } from './kernel/guard.ts';
export type { JournalNote } from './kernel/journal.ts';
export type { CallFunction, Input, OperationName, Output, ServiceName } from './kernel/service.ts';
export { DataError } from './kernel/state/sqlite.ts';
export type { Trail, TrailNote } from './kernel/trail.ts';
export type { Profile } from './kernel/weather.ts';
export { profiles } from './profiles.ts';

export interface EngineOptions {
  /** `real` (the default), `virtual` from the machine's present, or `virtual:<ISO 8601>`. */
  clock?: string;
  /** Directory to keep everything in; nothing is kept beyond the process when absent. */
  data?: string;
  /** TCP port; a free one when 0, which is the default. */
  port?: number;
  /** Address to listen on; 127.0.0.1 unless given. One that other machines reach needs `auth`. */
  host?: string;
  /** Has every request signed: by one of these access keys (secrets by key id), or by one that the engine hands out. */
  auth?: { readonly keys: Readonly<Record<string, string>> };
  /** Makes ids and jitter the same on every run. A virtual engine that keeps nothing has one by default. */
  seed?: string | number;
  /** The account of callers whose access key is not an account's number. */
  account?: string;
  region?: string;
  /** Turns on what goes beyond AWS, such as `rate(10 seconds)`. */
  extensions?: boolean;
  /** How long a function's sandbox idles before it is reclaimed, in milliseconds of engine time. */
  sandboxIdleMs?: number;
  /** How AWS's own delays and faults are: `ideal` (the default), `aws`, `aws-2016`, or your own. */
  profile?: string | Profile;
  /** What is to go wrong, in words: `function ring fails 10% of the time`, `queue jobs is down from 10:00 to 10:20`. */
  faults?: readonly string[];
  /** What comes of what AWS's policies would refuse: `warn` (the default), `enforce` or `off`. */
  permissions?: PermissionMode;
  /** Where requests to services go that others answer, by their names: `{ dynamodb: 'http://127.0.0.1:8000' }`. */
  forward?: Readonly<Record<string, string>>;
  /** Functions run on the interpreter of their runtime or not at all, and retired runtimes are refused, as AWS does. */
  strict?: boolean;
  /** Gets what the user should see: warnings, and faults of Carillon's own with their stacks. */
  log?: (line: string) => void;
}

export interface Engine {
  /** `http://127.0.0.1:<port>`: what AWS_ENDPOINT_URL takes. */
  readonly endpoint: string;
  readonly clock: ClockControls;
  readonly journal: Pick<Journal, 'get' | 'list' | 'subscribe'>;
  /** Calls an operation of a service from inside, with the SDK's types. Rejects with an AwsError. */
  readonly call: CallFunction<Partial<Scope>>;
  /** Makes something go wrong, in words as in `faults`; returns the function that mends it. */
  fault(words: string): () => void;
  /** Resolves when all that is due has been delivered and every function has finished. */
  settle(): Promise<void>;
  /** Forgets everything, as if just started. The clock goes on. */
  reset(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const resourceTypes = createResourceTypes(services);

const DEFAULTS = { account: '000000000000', region: 'us-east-1', host: '127.0.0.1', sandboxIdleMs: 15 * 60_000 };

/**
 * Starts an engine; it listens when the promise resolves. Rejects with a RangeError on an option that makes no sense,
 * with a DataError when the data directory can't be used, and with Node's own error when the port can't.
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const address = options.host ?? DEFAULTS.host;
  if (!isLoopback(address) && !options.auth) {
    throw new RangeError(
      `Other machines reach ${address}, so callers have to sign: give their access keys with --auth FILE, or listen on 127.0.0.1.`,
    );
  }
  const forwards = parseForwards(options.forward);
  const clock = new EngineClock({
    ...clockOptions(options.clock ?? 'real'),
    watch: (condition) => watchFor(condition, engine, clock.now()),
  });
  // What is kept over a restart must not meet its own ids again.
  const seed = options.seed ?? (clock.virtual && options.data === undefined ? 0 : undefined);
  const ids = createIds(seed);
  const journal = new Journal(clock);
  const scope: Scope = { account: options.account ?? DEFAULTS.account, region: options.region ?? DEFAULTS.region };
  const log = options.log ?? ((line) => process.stderr.write(`${line}\n`));
  const files = fileSpace(options.data);
  const onFault = (error: unknown) => log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const weather = createWeather(profileOf(options.profile), ids);
  for (const fault of options.faults ?? []) weather.add(parseFault(fault));
  let endpoint = '';

  const host: Host = {
    clock,
    callers: createCallers(),
    errands: createErrands(),
    ids,
    get endpoint() {
      return endpoint;
    },
    settings: {
      extensions: options.extensions ?? false,
      sandboxIdleMs: options.sandboxIdleMs ?? DEFAULTS.sandboxIdleMs,
      strict: options.strict ?? false,
    },
    weather,
    directory: files.directory,
    lasting: options.data !== undefined,
    credentialsOf: (account, actor) => keyring.credentialsOf(account, actor),
    secretFor: (name) => keyring.secretFor(name),
    readRequest,
    resourceType: resourceTypes,
    warn: once(log),
  };
  const resources = createResources(host);
  const backend = options.data === undefined ? createMemoryBackend() : createSqliteBackend(resolve(options.data));
  const store = new Store({ backend, hold: (what) => clock.hold(what) });
  const keyring = createKeyring({
    root: secretRoot(options, seed),
    keys: options.auth?.keys ?? {},
    issued: (accessKeyId) => issuedCredentials(store, accessKeyId, scope),
  });
  const readerOf = ({ account, region }: Scope): TableReader => {
    const reader = store.begin();
    return (table) => reader.rows(table, account, region);
  };
  const dispatcher: Dispatcher = createDispatcher({
    services,
    host,
    clock,
    ids,
    journal,
    store,
    use: resources.use,
    validate: ({ service, operation, input }) => validateCall(service, operation, input),
    guard: createGuard({
      mode: permissionMode(options.permissions),
      services,
      host,
      read: readerOf,
    }),
    onFault,
  });
  // What is due already rings once the endpoint is known.
  dispatcher.agenda.stop();

  /** Set once the engine is to close: to close it again is to wait for the same. */
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    dispatcher.close();
    await gateway.close();
    await resources.close();
    clock.close();
    await store.close();
    files.close();
  }

  const engine: Engine = {
    get endpoint() {
      return endpoint;
    },
    clock,
    journal,
    async call(service, operation, input, where = {}) {
      const request = { service, operation, input, scope: { ...scope, ...where }, caller: {}, requestId: ids.uuid() };
      return (await dispatcher.call(request)) as never;
    },
    fault: (words) => weather.add(parseFault(words)),
    settle: () => clock.settle(),
    async reset() {
      dispatcher.agenda.stop();
      await resources.close();
      await store.clear();
      files.clear();
      journal.clear();
      dispatcher.agenda.clear();
    },
    close() {
      closed ??= close();
      return closed;
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };
  const gateway = createGateway({
    services: dispatcher.services,
    call: dispatcher.call,
    clock,
    ids,
    account: scope.account,
    region: scope.region,
    accountOf,
    forwards,
    actorOf: keyring.actorOf,
    crossOrigin: (request) => {
      for (const { name, crossOrigin } of services) {
        const headers = crossOrigin?.(readerOf(scope), request);
        if (headers) return { service: name, headers };
      }
      return undefined;
    },
    ...(options.auth && { auth: { secretOf: keyring.secretOf, anyTime: () => clock.apart } }),
    routes: [
      ...controlRoutes({
        version: packageJson.version,
        clock,
        services: [...dispatcher.services.keys()],
        journal,
        trail: (id) => trailOf(journal, dispatcher.agenda, id),
        unknownTrail,
        reset: engine.reset,
      }),
      ...services.flatMap((service) => webRoute(service, dispatcher, scope)),
    ],
    onFault,
  });
  try {
    const { port } = await gateway.listen({ host: address, port: options.port ?? 0 });
    endpoint = `http://${reachable(address)}:${port}`;
  } catch (error) {
    await engine.close();
    throw error;
  }
  dispatcher.agenda.resume();
  return engine;
}

/** Whether an address is reached from this machine alone. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** What secrets follow from: chance where callers have to sign, kept where data is. */
function secretRoot({ auth, data }: EngineOptions, seed: string | number | undefined): Buffer {
  if (seed !== undefined && !auth) return seededRoot(seed);
  return data === undefined ? newRoot() : keptRoot(resolve(data));
}

/** The credentials behind an access key that a service handed out. */
function issuedCredentials(store: Store, accessKeyId: string, { account, region }: Scope) {
  const reader = store.begin();
  const owner = accountOf(accessKeyId) ?? account;
  return services.reduce<IssuedCredentials | undefined>(
    (found, { credentials }) => found ?? credentials?.((table) => reader.rows(table, owner, region), accessKeyId),
    undefined,
  );
}

/** Where a client on this machine reaches what listens on an address. */
function reachable(address: string): string {
  if (address === '0.0.0.0' || address === 'localhost') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}

/** The way to what a service offers over plain HTTP. */
function webRoute(service: ServiceDefinition, dispatcher: Dispatcher, scope: Scope): PlainRoute[] {
  const { name, web } = service;
  if (!web) return [];
  const { paths = [], hosts } = web;
  return [`/_carillon/${name}/`, ...paths].map((prefix) => ({
    method: '*',
    path: `${prefix}*`,
    ...(hosts && { hosts }),
    open: true,
    everywhere: true,
    handle: ({ signal, port, ...request }) =>
      dispatcher.visit(service, request, { scope, signal, ...(port && { port }) }),
  }));
}

function permissionMode(mode: string = 'warn'): PermissionMode {
  if (mode === 'off' || mode === 'warn' || mode === 'enforce') return mode;
  throw new RangeError(`"${mode}" is no way to treat permissions. Use off, warn or enforce.`);
}

function profileOf(profile: EngineOptions['profile'] = 'ideal'): Profile {
  return typeof profile === 'string' ? profileNamed(profile) : profile;
}

function clockOptions(text: string): ClockOptions {
  if (text === 'real') return { virtual: false };
  if (text === 'virtual') return { virtual: true };
  if (text.startsWith('virtual:')) return { virtual: true, start: parseMoment(text.slice('virtual:'.length)) };
  throw new RangeError(`"${text}" is not a clock. Use real, virtual or virtual:2026-01-01T00:00:00Z.`);
}

/** Where services keep files: beside the data, or in a temporary directory that goes with the engine. */
function fileSpace(data: string | undefined) {
  let root = data === undefined ? undefined : join(resolve(data), 'files');
  const made = new Set<string>();
  const clear = () => {
    made.clear();
    if (root) rmSync(root, { recursive: true, force: true });
  };
  return {
    directory(name: string): string {
      root ??= mkdtempSync(join(tmpdir(), 'carillon-'));
      const directory = join(root, name);
      if (!made.has(directory)) mkdirSync(directory, { recursive: true });
      made.add(directory);
      return directory;
    },
    clear,
    close() {
      if (data === undefined) clear();
    },
  };
}

/** Says each thing once. */
function once(log: (line: string) => void): (line: string) => void {
  const said = new Set<string>();
  return (line) => {
    if (said.has(line) || said.size > 1_000) return;
    said.add(line);
    log(line);
  };
}
