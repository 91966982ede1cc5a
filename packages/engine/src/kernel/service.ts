/*
 * The shape that every service has: operations that take calls, due work that takes what the agenda rings,
 * and resources that take deliveries. Services never import each other: they meet here.
 */
import type { ResourceSchema } from '../languages/resource-schema/index.ts';
import type { AccessRules, Caller, HeldPolicies, Identity } from './access.ts';
import type { Arn, Scope } from './arn.ts';
import type { Callers } from './callers.ts';
import type { Clock } from './clock.ts';
import type { Errands } from './errands.ts';
import type { AwsError } from './errors.ts';
import type { Ids } from './ids.ts';
import type { Actor, Credentials, IssuedCredentials } from './keyring.ts';
import type { LogEntry, LogRange } from './state/backend.ts';
import type { Rows, Table, TableReader } from './state/table.ts';
import type { Hop, Weather } from './weather.ts';

/** One API call, from the wire or from inside. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly scope: Scope;
  readonly caller: Caller;
  readonly requestId: string;
  /** The journal entry that caused this call; absent for a client's own. */
  readonly cause?: number;
  /** Aborts when the client has gone, for operations that wait. */
  readonly signal?: AbortSignal;
  /** The TCP port that a client's connection comes from. */
  readonly port?: number;
}

/** Due work: rings once at `due`, survives a crash, and is named by its kind and id. */
export interface DueWork {
  /** `<service>.<name>`, as the service's `due` lists it. */
  readonly kind: string;
  /** Unique within the kind and scope; putting the same id again moves it. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly due: number;
  readonly payload?: unknown;
}

/** A payload on its way to a resource named by ARN. */
export interface Delivery {
  readonly targetArn: string;
  /** What the target gets, as text; a function's event, a message's body. */
  readonly payload: string;
  /** The id of what is delivered: an event's, a message's. */
  readonly about?: string;
  /** The way it takes, which a profile may make slow. */
  readonly hop?: Hop;
  /** What stands in the payload for the number of the attempt, which counts from 1; with it, each gets its own. */
  readonly attemptMark?: string;
  /** The service principal that delivers, and the resource on whose behalf. */
  readonly principal: string;
  readonly sourceArn: string;
  /** The role that the target is reached with, where one is named. */
  readonly roleArn?: string;
  /** What the target's kind needs beside the payload, e.g. a queue's message group. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** What has to arrive in the order in which it was sent, each after the other; a name that is the sender's own. */
  readonly lane?: string;
  readonly retry?: RetryPolicy;
  readonly deadLetterArn?: string;
  /** What a dead letter holds, where that is not the payload. */
  readonly deadLetterPayload?: string;
  /** What the dead letter tells beside the error, e.g. RULE_ARN. */
  readonly deadLetterAttributes?: Readonly<Record<string, string>>;
  /** A dead letter's parameters, of a sender whose dead letters tell nothing of the error. */
  readonly deadLetterParameters?: Readonly<Record<string, unknown>>;
}

export interface RetryPolicy {
  readonly maximumAttempts: number;
  readonly maximumAgeSeconds: number;
  /** The pauses before each try after the first, phase by phase; the kernel's own when absent. */
  readonly phases?: readonly RetryPhase[];
}

/** So many tries with the same pause before each. */
export interface RetryPhase {
  readonly tries: number;
  readonly pauseMs: number;
}

/** What every handler is given. */
interface Surroundings {
  readonly scope: Scope;
  readonly caller: Caller;
  readonly requestId: string;
  readonly ids: Ids;
  readonly host: Host;
  /** Notes in the journal what happened, caused by the work at hand; returns the note's number. */
  note(note: Note): number;
  /** Begins a note, caused by the work at hand, of what causes more before it ends. */
  openNote(kind: string, subject: string): OpenNote;
  /** The work at hand sends what goes by this id, an event or a message: whoever takes it later is led back to here. */
  sends(id: string): void;
  /** The work at hand takes what was sent by these ids, from where it waited. */
  takes(ids: readonly string[]): void;
  /** A thing with a lifetime, one for each engine, opened when first used. */
  use<T>(resource: Resource<T>): T;
}

/** What a handler may do: read and write tables, put work on the agenda. It has no other effect. */
export interface Context extends Surroundings {
  /** The moment of the call, epoch milliseconds. */
  readonly now: number;
  /** A table's rows of this account and region. */
  rows<T>(table: Table<T>): Rows<T>;
  /** Appends bulk data to a log: kept in order of `at`, read with WaitingContext.read. */
  append(log: string, at: number, data: string): void;
  /** Drops a log's entries before a moment, or all of them. */
  truncate(log: string, before?: number): void;
  /** Puts due work on the agenda; the same kind and id again moves it. */
  schedule(work: DueWork): void;
  /** Takes due work off the agenda. */
  unschedule(kind: string, id: string): void;
  /** Hands a payload to a resource: now when it can be taken at once, else from the agenda, by its retry policy. */
  deliver(delivery: Delivery): void;
  /** The same transaction in another scope, or on behalf of another caller. */
  within(scope: Scope, caller?: Caller): Context;
}

/** What an operation that truly waits may do: it reads and writes in transactions of its own. */
export interface WaitingContext extends Surroundings {
  readonly clock: Clock;
  /** Aborts when the client is gone or the engine closes. */
  readonly signal: AbortSignal;
  /** Awaits a promise while engine time may move: for what waits on time, or holds it by itself. */
  letTimePass<T>(promise: Promise<T>): Promise<T>;
  /** Runs a handler as one transaction; resolves with its result once that is committed. */
  transact<T>(handler: (ctx: Context) => T): Promise<T>;
  /** Reads bulk data. */
  read(log: string, range: LogRange): Promise<LogEntry[]>;
  /** Calls an operation of any service: where and on whose behalf the work at hand is done, unless said otherwise. */
  readonly call: CallFunction<Acting>;
  /**
   * Begins work beside the work at hand, with a note of its own that ends with what comes of it. It is not durable:
   * what the engine's end cuts short is not taken up again.
   */
  begin(note: Pick<Note, 'kind' | 'subject'>, work: (ctx: WaitingContext) => Promise<Ending>): void;
  /** Makes no call, and throws the error of one that policies would refuse. */
  readonly mayCall: <S extends ServiceName, O extends OperationName<S>>(
    service: S,
    operation: O,
    input: Input<S, O>,
    how?: Acting,
  ) => void;
}

/** Where a call is made and who makes it, where that is not as in the work that makes it. */
export interface Acting {
  readonly scope?: Partial<Scope>;
  readonly caller?: Caller;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** Calls an operation of a service, with the SDK's types; `how` says what else is to be known of the call. */
export type CallFunction<How> = <S extends ServiceName, O extends OperationName<S>>(
  service: S,
  operation: O,
  input: Input<S, O>,
  how?: How,
) => Promise<Output<S, O>>;

/** A note of something under way. */
export interface OpenNote {
  readonly number: number;
  /** Ends the note: with `ok` or the code of what went wrong. */
  end(outcome: string, detail?: Note['detail']): void;
}

/** What happened, for the journal. */
export interface Note {
  /** What it is, e.g. `invocation`. */
  kind: string;
  /** What it is about: an operation, an ARN. */
  subject: string;
  /** `ok`, or the code of what went wrong. */
  outcome: string;
  detail?: Readonly<Record<string, unknown>>;
  /** The ids under which something was taken from one place, and sent on to another. */
  passes?: { readonly from: string; readonly to: string };
}

/** What came of something. */
export type Ending = Pick<Note, 'outcome' | 'detail'>;

/** The engine, as services with resources of their own see it. */
export interface Host {
  readonly clock: Clock;
  readonly callers: Callers;
  readonly errands: Errands;
  readonly ids: Ids;
  readonly settings: Settings;
  /** What goes slowly or wrong on purpose. */
  readonly weather: Weather;
  /** Where the engine listens: `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** A directory for a service's own files: lasting where the engine's data is, else removed at its end. */
  directory(name: string): string;
  /** Whether what is kept outlives the process. */
  readonly lasting: boolean;
  /** What a function, or anyone else who acts in a role, signs with. */
  credentialsOf(account: string, actor: Actor): Credentials;
  /** A secret that belongs to a name, and that nobody can guess who knows the name. */
  secretFor(name: string): string;
  /**
   * Reads a request that a service makes for a user through an SDK: by the SDK's names (`cloudwatchlogs`,
   * `putLogEvents`), from JSON whose names are in any case, its bytes and moments as text. Rejects with an AwsError.
   */
  readRequest(sdkService: string, action: string, json: string): Promise<ApiRequest>;
  /** A resource type of any service, by AWS's name: `AWS::SQS::Queue`. */
  resourceType(name: string): KnownType | undefined;
  /** Tells the user something once, on the engine's log. */
  warn(text: string): void;
}

/** An operation, and what it is called with. */
export type ApiRequest = Pick<Call, 'service' | 'operation' | 'input'>;

/** What the user chose for the whole engine. */
export interface Settings {
  /** Whether what goes beyond AWS is on, such as `rate(10 seconds)`. */
  readonly extensions: boolean;
  /** How long a sandbox idles before it is reclaimed. */
  readonly sandboxIdleMs: number;
  /** Whether what AWS has retired is refused. */
  readonly strict: boolean;
}

/** A thing with a lifetime, one for each engine. */
export interface Resource<T> {
  open(host: Host): T;
  close(thing: T): Promise<void> | void;
}

/** Declares a thing with a lifetime; a handler gets it by `ctx.use(...)`. */
export function resource<T>(resource: Resource<T>): Resource<T> {
  return resource;
}

// biome-ignore lint/suspicious/noExplicitAny: handlers of all shapes stand in one list; the wire gives each its own shape.
export type Handler = (ctx: Context, input: any) => unknown;
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type WaitingHandler = (ctx: WaitingContext, input: any) => Promise<unknown>;

/** Marks a handler that truly waits: it gets a WaitingContext and is not one transaction. */
export interface Waits<H> {
  readonly waits: H;
  /** How many run at once, for due work; the agenda's default when absent. */
  readonly concurrency?: number;
  /** Who share fewer places than these; all share all when absent. */
  readonly crowd?: Crowd;
}

/** Due work on one thing, which may hang: it gets so many places, so that it never keeps back work on other things. */
export interface Crowd {
  /** Its name, within the kind and scope. */
  of(work: DueWork): string;
  /** How many of it run at once. */
  readonly most: number;
}

export function waits<H extends WaitingHandler>(handler: H, options: Omit<Waits<H>, 'waits'> = {}): Waits<H> {
  return { waits: handler, ...options };
}

/** What a service offers, in one screen. */
export interface ServiceDefinition {
  /** Its folder's name, and its name in `call`. */
  readonly name: ServiceName;
  /** Its name in ARNs: `events`, `lambda`, `logs`. */
  readonly arnName: string;
  /** Operations by AWS's names. A handler's whole run is one transaction, unless it waits. */
  readonly operations: Readonly<Record<string, Handler | Waits<WaitingHandler>>>;
  /** Due work by its kind, without the service's name. It is off the agenda once its handler has run. */
  readonly due?: Readonly<Record<string, DueHandler | Waits<WaitingDueHandler>>>;
  /** How its resources take deliveries, by the resource's type in the ARN (`function`), or `''` for a bare name. */
  readonly accepts?: Readonly<Record<string, Acceptor | Waits<WaitingAcceptor>>>;
  /** What its dead letters call an error; by the error's code when absent. */
  readonly deadLetterCode?: (error: AwsError) => string;
  /** Operations that links in its messages name: anybody may call them, unsigned, by GET. */
  readonly open?: readonly string[];
  /** The credentials behind an access key that it handed out, for services that do. */
  readonly credentials?: (rows: TableReader, accessKeyId: string) => IssuedCredentials | undefined;
  /** What callers have to be allowed; all may call a service without. */
  readonly access?: AccessRules;
  /** Who an access key stands for, for services that hand them out. */
  readonly identityOf?: (rows: TableReader, accessKeyId: string) => Identity | undefined;
  /** The policies that a role or user holds, for the service that keeps them. */
  readonly policiesHeldBy?: (rows: TableReader, arn: Arn) => HeldPolicies | undefined;
  /** Its resource types of CloudFormation and Cloud Control, by AWS's names: `AWS::SQS::Queue`. */
  readonly resources?: Readonly<Record<string, ResourceType>>;
  /** What it answers over plain HTTP, beside AWS's API. */
  readonly web?: Web;
  /**
   * The headers that let a web page of another site in, by rules that its users gave; undefined for what is not the
   * service's. Throws AwsError where no rule lets it in.
   */
  readonly crossOrigin?: (rows: TableReader, request: CrossOriginRequest) => Record<string, string> | undefined;
}

/** What a web page asks for, or asks whether it may ask for. */
export interface CrossOriginRequest {
  readonly origin: string;
  /** Of the request itself, also where this is the question before it. */
  readonly method: string;
  readonly path: string;
  readonly isPreflight: boolean;
  /** The names of headers that the question is about. */
  readonly headers: readonly string[];
}

/**
 * Plain HTTP of a service's own: all below `/_carillon/<service>/`, other paths, and whole hosts. Anybody may ask for
 * it, unsigned and from any web site: the service looks after who may.
 */
export interface Web {
  /** What paths of the service begin with beside that. */
  readonly paths?: readonly string[];
  /** Hosts that belong to the service, whatever the path. */
  readonly hosts?: RegExp;
  serve(ctx: WaitingContext, request: WebRequest): Promise<WebReply>;
}

export interface WebRequest {
  readonly method: string;
  /** As sent, still percent-encoded: the whole path, on hosts too. */
  readonly path: string;
  readonly query: string;
  /** Header names in lower case, as node:http gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The client's IP address. */
  readonly address: string;
  /** Who signed it, where anybody did; with a signature that holds, where callers have to sign. */
  readonly signer?: Caller;
}

export interface WebReply {
  readonly status: number;
  /** A header with several values is sent so many times. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/**
 * A resource's properties, or all that can be read of it: JSON, of the types that AWS's schema says (numbers and
 * booleans that a template gives as text are numbers and booleans here; documents given as text are parsed).
 */
// biome-ignore lint/suspicious/noExplicitAny: AWS's schema says what is in it, at run time.
export type Properties = Readonly<Record<string, any>>;

/** What the handlers of a resource type may do: call operations of any service. They may be run again after a crash. */
export interface ResourceContext {
  readonly scope: Scope;
  readonly ids: Ids;
  readonly host: Host;
  readonly call: CallFunction<Acting>;
  /** Whether this was begun before and cut short, so that what it makes may be there already. */
  readonly resumed?: boolean;
  /** The same whenever the same thing is tried again, for operations that take such a token. */
  readonly clientToken: string;
}

/** A resource as it is: how it is called, and the properties that it was last given. */
export interface ResourceInstance {
  /** What `Ref` gives, and what AWS calls PhysicalResourceId. */
  readonly physicalId: string;
  readonly properties: Properties;
}

/**
 * A kind of resource, as calls of its service's own API. What replaces a resource, what its properties' types are and
 * which of them must be there is known from AWS's schema (languages/resource-schema): handlers get properties that fit
 * it, and `update` gets changes that need no replacement. What goes wrong is the AwsError of the call.
 */
export interface ResourceType {
  /**
   * Which of AWS's properties it takes: one that is not here is refused by its name, before anything is made. A dotted
   * path (`Code.ZipFile`) takes that part alone.
   */
  readonly properties: readonly string[];
  /** The name that a resource gets when the template gives none: `<stack>-<logical id>-<random>`, cut to `most`. */
  readonly name?: GeneratedName;
  /**
   * The physical id of the resource that these properties name, if there is one already. A resource that has a name is
   * looked for before it is made, so that a stack takes nothing over; and one whose making was cut short is found by it.
   */
  find?(ctx: ResourceContext, properties: Properties): Promise<string | undefined>;
  /** Makes one; resolves with its physical id. */
  create(ctx: ResourceContext, properties: Properties): Promise<string>;
  /** Brings one to new properties, given whole; left out where every change replaces. */
  update?(ctx: ResourceContext, resource: ResourceInstance, properties: Properties): Promise<void>;
  /** Removes one; to remove what is gone already is no error: see `unlessGone`. */
  delete(ctx: ResourceContext, resource: ResourceInstance): Promise<void>;
  /** Its properties as they are, and its attributes; undefined when it is gone. `properties` may hold identifiers alone. */
  read(ctx: ResourceContext, resource: ResourceInstance): Promise<Properties | undefined>;
  /** What Cloud Control's ListResources gives: identifying properties of each, see AWS's `primaryIdentifier`. */
  list?(ctx: ResourceContext): Promise<Properties[]>;
  /** The physical id, where that is not the one identifying property: from the identifying properties. */
  physicalId?(identifier: Properties): string;
}

/** A resource type with AWS's schema of it. */
export interface KnownType {
  readonly name: string;
  readonly schema: ResourceSchema;
  readonly type: ResourceType;
}

export interface GeneratedName {
  /** The property that it is given by; one that AWS's schema does not have names what has no name in templates. */
  readonly property: string;
  /** The longest name, in characters. */
  readonly most: number;
  /** Whether it is the logical id alone, as layers are called. */
  readonly bare?: boolean;
  /** For names that have no capitals, such as buckets. */
  readonly lowerCase?: boolean;
  /** What it ends in: `.fifo`. */
  suffix?(properties: Properties): string;
}

export type DueHandler = (ctx: Context, work: DueWork) => void;
export type WaitingDueHandler = (ctx: WaitingContext, work: DueWork) => Promise<void>;
export type Acceptor = (ctx: Context, delivery: Delivery, arn: Arn) => void;
export type WaitingAcceptor = (ctx: WaitingContext, delivery: Delivery, arn: Arn) => Promise<void>;

export function defineService(definition: ServiceDefinition): ServiceDefinition {
  return definition;
}

/**
 * The SDK clients whose shapes type the operations, by service name. The list of services fills it in
 * (`declare module`), so that the kernel names no service and yet `call` is typed.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by declaration merging.
export interface Clients {}

export type ServiceName = keyof Clients & string;
type CommandName<C> = {
  [K in keyof C]: K extends `$${string}` ? never : K extends `${infer N}Command` ? N : never;
}[keyof C];
export type OperationName<S extends ServiceName> = CommandName<Clients[S]> & string;
type CommandOf<S extends ServiceName, O extends string> = `${O}Command` extends keyof Clients[S]
  ? Clients[S][`${O}Command`]
  : never;
type HandlerOf<C> = C extends abstract new (
  // biome-ignore lint/suspicious/noExplicitAny: infers from any command's constructor.
  ...input: any[]
) => { input: infer I; resolveMiddleware(...rest: never[]): (...rest: never[]) => Promise<{ output: infer O }> }
  ? { input: I; output: O }
  : never;
export type Input<S extends ServiceName, O extends OperationName<S>> = HandlerOf<CommandOf<S, O>>['input'];
export type Output<S extends ServiceName, O extends OperationName<S>> = HandlerOf<CommandOf<S, O>>['output'];
