/*
 * The one door: every API call, ring of the agenda and delivery goes through here. It finds the handler,
 * validates, runs it as a transaction, commits, and notes in the journal what came of it.
 */

import type { Caller } from './access.ts';
import { Agenda, type AgendaChange, type AgendaEntry, agendaRow } from './agenda.ts';
import { parseArn, resourceType, type Scope } from './arn.ts';
import type { EngineClock } from './clock.ts';
import { createDeliveries, DELIVERY_KIND, type Deliveries } from './delivery.ts';
import { AwsError, notImplemented } from './errors.ts';
import type { Guard } from './guard.ts';
import type { Ids } from './ids.ts';
import type { Journal } from './journal.ts';
import type {
  Acting,
  ApiRequest,
  Call,
  Context,
  Delivery,
  DueHandler,
  DueWork,
  Ending,
  Handler,
  Host,
  Note,
  OpenNote,
  Resource,
  ServiceDefinition,
  WaitingContext,
  WaitingDueHandler,
  WaitingHandler,
  Waits,
  WebReply,
  WebRequest,
} from './service.ts';
import type { LogRange } from './state/backend.ts';
import type { Savepoint, Store, Transaction } from './state/store.ts';
import type { Rows, Table } from './state/table.ts';

export interface DispatcherOptions {
  services: readonly ServiceDefinition[];
  host: Host;
  clock: EngineClock;
  ids: Ids;
  journal: Journal;
  /** Not loaded yet: the agenda takes its entries out of it. */
  store: Store;
  use<T>(resource: Resource<T>): T;
  /** Throws an AwsError when the input breaks the operation's shape. Waits only while shapes are being loaded. */
  validate(call: Call): Promise<void> | void;
  /** Asks whether a call or a delivery is allowed; all are when absent. */
  guard?: Guard | undefined;
  onFault(error: unknown): void;
}

export interface Dispatcher {
  readonly services: ReadonlyMap<string, ServiceDefinition>;
  readonly agenda: Agenda;
  /** Answers a call: at once where it can, else with a promise. Throws, or rejects with, an AwsError. */
  call(call: Call): unknown;
  /** Answers a request for what a service offers over plain HTTP. */
  visit(service: ServiceDefinition, request: WebRequest, visit: Visit): Promise<WebReply>;
  close(): void;
}

/** Where plain HTTP is answered, and who waits for it. */
export type Visit = Pick<Call, 'scope' | 'signal' | 'port'>;

/** What is at hand while something is being done: who asked for it, where, and which note stands for it. */
interface Work {
  readonly scope: Scope;
  readonly caller: Caller;
  readonly requestId: string;
  readonly cause: number;
  readonly signal?: AbortSignal;
  /** The TCP port of the client that waits for it. */
  readonly port?: number;
  /** The entry that rang, where one did. */
  readonly entry?: AgendaEntry;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { host, clock, ids, journal, store, use, guard } = options;
  const services = new Map<string, ServiceDefinition>(options.services.map((service) => [service.name, service]));
  const byArnName = new Map(options.services.map((service) => [service.arnName, service]));
  const senderOf = (sourceArn: string) => byArnName.get(parseArn(sourceArn)?.service ?? '');
  const closing = new AbortController();

  const deliveries: Deliveries = createDeliveries({
    acceptorOf: (arn) => byArnName.get(arn.service)?.accepts?.[resourceType(arn)],
    attemptWithin: (ctx, accept, ...noted) => (ctx as TransactionContext).attempt(accept, ...noted),
    codeOf: ({ sourceArn }, error) => senderOf(sourceArn)?.deadLetterCode?.(error) ?? error.code,
    guard,
  });
  const dueHandlers = new Map<string, DueHandler | Waits<WaitingDueHandler>>([[DELIVERY_KIND, deliveries.attempt]]);
  for (const service of options.services) {
    for (const [kind, handler] of Object.entries(service.due ?? {}))
      dueHandlers.set(`${service.name}.${kind}`, handler);
  }
  const agenda = new Agenda({
    clock,
    ring,
    boundsOf: (kind) => {
      const handler = dueHandlers.get(kind);
      return typeof handler === 'object' ? handler : { concurrency: Number.POSITIVE_INFINITY };
    },
    onFault: options.onFault,
  });
  store.load((row) => agenda.restore(row));

  const surroundings = { clock, ids, journal, host, use, deliver: deliveries.deliver };

  function call(request: Call): unknown {
    const { service, operation, scope, caller, requestId } = request;
    const cause = request.cause ?? (caller.session === undefined ? undefined : host.errands.noteOf(caller.session));
    const note = journal.open('call', `${service}:${operation}`, scope, cause, requestId);
    try {
      const handler = services.get(service)?.operations[operation];
      if (!handler) throw notImplemented(service, operation);
      const loading = options.validate(request);
      const run = () => {
        guard?.call(request, (noted) => journal.note(noted, scope, note.number));
        return handle(handler, request, note.number);
      };
      // Time stands meanwhile: shapes are loaded in the machine's time.
      const answer = loading ? loading.finally(clock.hold(`${service}:${operation}`)).then(run) : run();
      if (!(answer instanceof Promise)) {
        note.end('ok');
        return answer;
      }
      return answer.then(
        (result) => {
          note.end('ok');
          return result;
        },
        (error) => {
          note.end(codeOf(error));
          throw error;
        },
      );
    } catch (error) {
      note.end(codeOf(error));
      throw error;
    }
  }

  function handle(handler: Handler | Waits<WaitingHandler>, request: Call, cause: number): unknown {
    const { scope, caller, requestId, signal, port, input } = request;
    const work: Work = { scope, caller, requestId, cause, ...(signal && { signal }), ...(port && { port }) };
    if (typeof handler === 'function') return transact(work, (ctx) => handler(ctx, input));
    return wait(work, `${request.service}:${request.operation}`, (ctx) => handler.waits(ctx, input));
  }

  async function visit({ name, web }: ServiceDefinition, request: WebRequest, visit: Visit): Promise<WebReply> {
    const what = `${name} ${request.method} ${request.path}`;
    const note = journal.open('request', what, visit.scope, undefined);
    const work: Work = { ...visit, caller: request.signer ?? {}, requestId: ids.uuid(), cause: note.number };
    try {
      const reply = await wait(work, what, (ctx) => web!.serve(ctx, request));
      note.end(reply.status < 400 ? 'ok' : String(reply.status));
      return reply;
    } catch (error) {
      note.end(codeOf(error));
      throw error;
    }
  }

  /** Runs a handler as one transaction. */
  function transact<T>(work: Work, handler: (ctx: TransactionContext) => T): T | Promise<T> {
    const transaction = store.begin();
    const ctx = new TransactionContext(transaction, work, surroundings);
    let result: T;
    try {
      result = handler(ctx);
    } catch (error) {
      transaction.rollback();
      throw error;
    }
    const changes = ctx.agendaChanges;
    if (store.lasting) for (const change of changes) transaction.record(agendaRow(change));
    const committed = transaction.commit();
    if (!committed) {
      if (changes.length > 0) agenda.apply(changes);
      return result;
    }
    agenda.expect(changes);
    return committed.then(() => {
      agenda.apply(changes);
      return result;
    });
  }

  /** Runs a handler that waits; the clock is held meanwhile, save where the handler lets time pass. */
  async function wait<T>(work: Work, what: string, handler: (ctx: WaitingContext) => Promise<T>): Promise<T> {
    let release = clock.hold(what);
    const ctx: WaitingContext = {
      scope: work.scope,
      caller: work.caller,
      requestId: work.requestId,
      ids,
      host,
      use,
      clock,
      note: (note) => journal.note(note, work.scope, work.cause),
      openNote: (kind, subject) => journal.open(kind, subject, work.scope, work.cause),
      sends: (id) => journal.sent(work.cause, id),
      takes: (ids) => journal.taken(work.cause, ids),
      get signal() {
        return work.signal ? AbortSignal.any([work.signal, closing.signal]) : closing.signal;
      },
      transact: async (inner) => transact(work, inner),
      read: (log: string, range: LogRange) => store.read(log, range),
      letTimePass: async (promise) => {
        const passed = work.port === undefined ? undefined : host.callers.begin(work.port);
        release();
        try {
          return await promise;
        } finally {
          release = clock.hold(what);
          passed?.();
        }
      },
      call: async (service, operation, input, how) =>
        (await call(callWithin(work, { service, operation, input }, how))) as never,
      begin: (note, inner) => begin(work, note, inner),
      mayCall: (service, operation, input, how) => {
        const note = (noted: Note) => journal.note(noted, work.scope, work.cause);
        guard?.call(callWithin(work, { service, operation, input }, how), note);
      },
    };
    try {
      return await handler(ctx);
    } finally {
      release();
    }
  }

  /** Work of its own, that the work at hand begins and does not wait for. */
  function begin(
    { scope, caller, cause }: Work,
    { kind, subject }: Pick<Note, 'kind' | 'subject'>,
    handler: (ctx: WaitingContext) => Promise<Ending>,
  ): void {
    const note = journal.open(kind, subject, scope, cause);
    const work: Work = { scope, caller, requestId: ids.uuid(), cause: note.number };
    wait(work, `${kind} ${subject}`, handler).then(
      ({ outcome, detail }) => note.end(outcome, detail),
      (error) => {
        note.end(codeOf(error));
        if (!closing.signal.aborted) options.onFault(error);
      },
    );
  }

  /** A call that the work at hand makes. */
  function callWithin(work: Work, request: ApiRequest, { scope, caller = work.caller, signal }: Acting = {}): Call {
    const where = { ...work.scope, ...scope };
    return { ...request, scope: where, caller, cause: work.cause, requestId: ids.uuid(), ...(signal && { signal }) };
  }

  /** Does the work of an agenda entry, and takes it off: in one transaction, or once it has waited. */
  function ring(entry: AgendaEntry): Promise<void> | undefined {
    const { kind, id, scope } = entry;
    const handler = dueHandlers.get(kind);
    if (!handler) throw new Error(`Nobody handles due work of the kind ${kind}.`);
    const note = journal.open('due', `${kind} ${id}`, scope, entry.cause);
    const work: Work = { scope, caller: {}, requestId: ids.uuid(), cause: note.number, entry };
    const detail = { due: entry.due };
    const fail = (error: unknown) => {
      note.end(codeOf(error), detail);
      throw error;
    };
    try {
      if (typeof handler === 'function') {
        const done = transact(work, (ctx) => {
          handler(ctx, entry);
          if (!ctx.hasScheduled(kind, id)) ctx.unschedule(kind, id);
        });
        if (done instanceof Promise) return done.then(() => note.end('ok', detail), fail);
        note.end('ok', detail);
        return undefined;
      }
      return wait(work, `${kind} ${id}`, (ctx) => handler.waits(ctx, entry))
        .then(() => (agenda.holds(entry) ? transact(work, (ctx) => ctx.unschedule(kind, id)) : undefined))
        .then(() => note.end('ok', detail), fail);
    } catch (error) {
      return fail(error);
    }
  }

  return {
    services,
    agenda,
    call,
    visit,
    close() {
      agenda.stop();
      closing.abort();
    },
  };
}

interface TransactionSurroundings {
  readonly clock: EngineClock;
  readonly ids: Ids;
  readonly journal: Journal;
  readonly host: Host;
  use<T>(resource: Resource<T>): T;
  deliver(ctx: Context, delivery: Delivery): void;
}

class TransactionContext implements Context {
  readonly scope: Scope;
  readonly caller: Caller;
  readonly requestId: string;
  readonly now: number;
  readonly agendaChanges: AgendaChange[];
  #transaction: Transaction;
  #work: Work;
  #around: TransactionSurroundings;

  constructor(transaction: Transaction, work: Work, around: TransactionSurroundings, outer?: TransactionContext) {
    this.scope = work.scope;
    this.caller = work.caller;
    this.requestId = work.requestId;
    this.now = outer?.now ?? around.clock.now();
    this.agendaChanges = outer?.agendaChanges ?? [];
    this.#transaction = transaction;
    this.#work = work;
    this.#around = around;
  }

  get ids(): Ids {
    return this.#around.ids;
  }

  get host(): Host {
    return this.#around.host;
  }

  use<T>(resource: Resource<T>): T {
    return this.#around.use(resource);
  }

  rows<T>(table: Table<T>): Rows<T> {
    return this.#transaction.rows(table, this.scope.account, this.scope.region);
  }

  append(log: string, at: number, data: string): void {
    this.#transaction.append(log, at, data);
  }

  truncate(log: string, before?: number): void {
    this.#transaction.truncate(log, before);
  }

  /** Work that puts itself on the agenda again keeps the cause that it had. */
  schedule(work: DueWork): void {
    const { kind, id, due, payload } = work;
    const own = this.#work.entry;
    const cause = own?.kind === kind && own.id === id ? own.cause : this.#work.cause;
    this.agendaChanges.push({ scope: this.scope, kind, id, due, payload, cause });
  }

  unschedule(kind: string, id: string): void {
    const cause = this.#work.cause;
    this.agendaChanges.push({ scope: this.scope, kind, id, due: undefined, payload: undefined, cause });
  }

  hasScheduled(kind: string, id: string): boolean {
    return this.agendaChanges.some(({ id: put, kind: of, due }) => put === id && of === kind && due !== undefined);
  }

  deliver(delivery: Delivery): void {
    this.#around.deliver(this, delivery);
  }

  note(note: Note): number {
    return this.#around.journal.note(note, this.scope, this.#work.cause);
  }

  openNote(kind: string, subject: string): OpenNote {
    return this.#around.journal.open(kind, subject, this.scope, this.#work.cause);
  }

  sends(id: string): void {
    this.#around.journal.sent(this.#work.cause, id);
  }

  takes(ids: readonly string[]): void {
    this.#around.journal.taken(this.#work.cause, ids);
  }

  within(scope: Scope, caller: Caller = this.caller): Context {
    return this.#inside(scope, caller, this.#work.cause);
  }

  #inside(scope: Scope, caller: Caller, cause: number): Context {
    const work: Work = { scope, caller, requestId: this.requestId, cause };
    return new TransactionContext(this.#transaction, work, this.#around, this);
  }

  /** Does something in another scope, on behalf of another caller, that is a note of its own and is taken back when it throws. */
  attempt(inside: (ctx: Context) => void, scope: Scope, caller: Caller, note: number): void {
    const savepoint: Savepoint = this.#transaction.savepoint();
    const changes = this.agendaChanges.length;
    try {
      inside(this.#inside(scope, caller, note));
    } catch (error) {
      this.#transaction.rollbackTo(savepoint);
      this.agendaChanges.length = changes;
      throw error;
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof AwsError ? error.code : 'fault';
}
