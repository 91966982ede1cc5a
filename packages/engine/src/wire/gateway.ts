/*
 * The front door: HTTP in, a call on the engine, HTTP out. Every service is behind this one endpoint; which
 * one a request means, and in which protocol, is told in `route.ts`. What is wrong with a request is answered
 * as AWS would, in the client's own protocol; what is wrong with us is answered as AWS's internal failure and
 * handed to `onFault`, and the process lives on.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Caller } from '../kernel/access.ts';
import { type Clock, dateOf } from '../kernel/clock.ts';
import { AwsError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Call, ServiceDefinition, WebReply, WebRequest } from '../kernel/service.ts';
import {
  bodyLimit,
  ClientGone,
  dropRest,
  hasChecksum,
  inflateBody,
  readBody,
  tooLarge,
  verifyChecksums,
} from './body.ts';
import { answerBroken } from './broken-requests.ts';
import { type CrossOrigin, type Ruling, ruling } from './cross-origin.ts';
import { type Forwards, forwardOf, sendOn } from './forward.ts';
import { incomingBody, isChunked, LARGEST_STREAM, withoutChunking } from './incoming.ts';
import { metadata, type ServiceModel } from './model.ts';
import { checkExpiry, isPostedForm, type PostedForm, putOf, replyToForm, withForm } from './posted-forms.ts';
import { type Protocol, type Reply, takesStream, type WireRequest } from './protocol.ts';
import { loadProtocol, protocols } from './protocols.ts';
import type { Head } from './rest-routes.ts';
import { type Actors, type Address, addressOf, callerOf, protocolOf, type Route, resolve, scopeOf } from './route.ts';
import { bucketOfHost, toPathStyle } from './s3-hosts.ts';
import { type Auth, credentialOf, credentialOfForm, verify, verifyForm } from './sigv4.ts';

/** A page of Carillon's own beside AWS's, such as `/_carillon/health`. */
export interface PlainRoute {
  /** `*` for any. */
  readonly method: string;
  /** Exact, or a prefix when it ends in `*`. */
  readonly path: string;
  /** Hosts whose every path it is. */
  readonly hosts?: RegExp;
  /** Whether it is answered unsigned where all else has to be signed. */
  readonly open?: boolean;
  /** Whether pages of any web site may ask for it. */
  readonly everywhere?: boolean;
  handle(request: PlainRequest): Promise<Answer> | Answer;
}

export interface PlainRequest extends WebRequest {
  /** Aborts when the client has gone or the gateway closes. */
  readonly signal: AbortSignal;
  /** The TCP port that the client's connection comes from. */
  readonly port?: number;
}

export interface GatewayOptions extends Actors {
  /** What the engine offers, by name; named in the words about a service that it lacks. */
  readonly services: ReadonlyMap<string, ServiceDefinition>;
  /** Runs a call. AwsErrors are the client's; anything else thrown is a fault of ours. */
  call(call: Call): unknown;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The account of access keys that say nothing of theirs. */
  readonly account?: string;
  /** The region of requests that say nothing of theirs. */
  readonly region?: string;
  /** The account of an access key that the engine handed out. A key of 12 digits is its own account. */
  accountOf?(accessKeyId: string): string | undefined;
  /** When given, every request has to be signed with a secret that it knows, save to routes that are open. */
  readonly auth?: Auth;
  readonly routes?: readonly PlainRoute[];
  /** What web pages of other sites may ask for. */
  readonly crossOrigin?: CrossOrigin;
  /** Where requests to some services are sent on to. */
  readonly forwards?: Forwards;
  /** Told of every fault of ours, once. */
  onFault(error: unknown): void;
}

export interface Gateway {
  /** Resolves once connections are taken; rejects when the port is. Port 0 takes any. */
  listen(options: { port: number; host: string }): Promise<{ port: number }>;
  /** Takes no more requests, aborts calls that wait, and resolves when all have been answered. */
  close(): Promise<void>;
}

/** What is sent: a protocol's reply, or a page's. */
type Answer = Omit<WebReply, 'body'> & { readonly body?: Reply['body'] };

/** The longest that a client may take over a head, and over a whole request, in milliseconds. */
const HEADERS_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 300_000;
/** How long an idle connection is kept: longer than clients keep theirs, so that they close first. */
const KEEP_ALIVE_MS = 75_000;
/** S3 metadata and session tokens travel in headers. */
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_HEADERS = 1_000;

/** A page of some web site, open in a browser on this machine, may not act here; one of this machine's own may. */
const FOREIGN: Reply = {
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Web pages of other sites may not call Carillon."}',
};

function isForeign(origin: string | string[] | undefined): boolean {
  if (origin === undefined) return false;
  return !/^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(String(origin));
}

export function createGateway(options: GatewayOptions): Gateway {
  const { clock, ids, auth, routes = [] } = options;
  const defaults = {
    account: options.account ?? '000000000000',
    region: options.region ?? 'us-east-1',
    accountOf: (accessKeyId: string) => options.accountOf?.(accessKeyId),
  };
  const offered = [...options.services.keys()].filter((service) => service in metadata);
  const open = new Set([...options.services.values()].flatMap((service) => service.open ?? []));
  /** Whether a request is what a link in a message makes: a GET that names an operation open to anybody. */
  const isOpen = ({ method, path, query }: Head) =>
    method === 'GET' && path === '/' && open.has(new URLSearchParams(query).get('Action') ?? '');
  /** One for each request under way, to be aborted when its client leaves or the gateway closes. */
  const underWay = new Set<AbortController>();
  /** Called when the last of them is done, once the gateway closes. */
  let settled: (() => void) | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const head = headOf(request);
    const route = routes.find((route) => isFor(route, head));
    const ruled = route ? undefined : ruling(head, options.crossOrigin);
    if (ruled?.isPreflight) return send(response, head, answerTo(ruled, ids.uuid()));
    const isBarred = !auth && !route?.everywhere && isForeign(head.headers.origin);
    if (isBarred && !ruled?.admission) return send(response, head, FOREIGN);
    if (route) return answerPlain(route, head, request, response, signal);
    const requestId = ids.uuid();
    const address = addressOf(head);
    const isElsewhere = (service: string | undefined) => isBarred && service !== ruled!.admission!.service;
    if (address.service !== undefined && isElsewhere(address.service)) return send(response, head, FOREIGN);
    let protocol = protocols(address.protocol) ?? (await loadProtocol(address.protocol));
    let model: ServiceModel | undefined;
    let reply: Reply;
    try {
      const url = options.forwards && forwardOf(options.forwards, address);
      if (url) return await passOn(url, request, response, { head, address, signal });
      const bucket = bucketOfForm(head, address);
      if (bucket !== undefined) {
        protocol = (await loadProtocol('restXml'))!;
        const posted = { head, bucket, protocol, signal, requestId };
        const use = (form: PostedForm) => upload(form, posted);
        reply = await withForm(request, response, { bucket, use });
        return await send(response, head, withHeaders(reply, ruled));
      }
      const { wire, route } = await read(request, response, head, address, protocol);
      model = route.model;
      if (isElsewhere(model.service)) return await send(response, head, FOREIGN);
      if (address.service === undefined) protocol = protocolOf(address, route);
      const outcome = options.call({
        service: model.service,
        operation: route.operation.name,
        input: protocol.decode(route.operation, wire, route.labels),
        scope: scopeOf(address.credential, defaults),
        caller: callerOf(address.credential, options),
        requestId,
        signal,
        ...(request.socket.remotePort && { port: request.socket.remotePort }),
      });
      const output = outcome instanceof Promise ? await outcome : outcome;
      reply = protocol.encode(model, route.operation, output, requestId);
    } catch (error) {
      if (error instanceof ClientGone) return;
      reply = replyTo(error, protocol, model, requestId);
    }
    await send(response, head, withHeaders(reply, ruled));
  }

  /** Uploads what a form has. */
  async function upload(form: PostedForm, { head, bucket, protocol, signal, requestId }: Posted): Promise<Reply> {
    if (auth) verifyForm(form.fields, auth);
    if (auth && !auth.anyTime?.()) checkExpiry(form.fields, clock.now());
    const wire = await putOf(form, bucket);
    const credential = credentialOfForm(form.fields);
    const address = { protocol: 'restXml', service: 's3', named: 's3', operation: undefined, credential } as const;
    const { model, operation, labels } = await resolve(address, wire, protocol, offered);
    const input = protocol.decode(operation, wire, labels);
    const scope = scopeOf(credential, defaults);
    const caller = callerOf(credential, options);
    const call = { service: model.service, operation: operation.name, input, scope, caller, requestId, signal };
    const reply = protocol.encode(model, operation, await options.call(call), requestId);
    const place = bucketOfHost(head.headers.host) ? '' : `/${bucket}`;
    return replyToForm(form, bucket, { host: `${head.headers.host}${place}`, reply });
  }

  /** What a browser hears that asks whether it may send a request. */
  function answerTo({ admission, refusal }: Ruling, requestId: string): Reply {
    if (refusal) return protocols('restXml')!.encodeError(undefined, refusal, requestId);
    return { status: 200, headers: { ...admission!.headers }, body: '' };
  }

  /** A request's operation and its body: whole, or as it comes where the operation takes it so. */
  async function read(
    request: IncomingMessage,
    response: ServerResponse,
    head: Head,
    address: Address,
    protocol: Protocol,
  ): Promise<{ wire: WireRequest; route: Route }> {
    const { protocol: named, service } = address;
    const find = (wire: WireRequest) => resolve(address, wire, protocol, offered);
    if (named !== 'restJson' && named !== 'restXml') {
      const wire = await readWhole(request, response, head, address);
      return { wire, route: await find(wire) };
    }
    // REST names its operation in the head, and the operation tells how its body is read.
    const bucket = service === undefined || service === 's3' ? bucketOfHost(head.headers.host) : undefined;
    const plain = service === 's3' || bucket !== undefined ? toPathStyle(head, bucket ?? '') : head;
    const route = await find(withBody(plain, NOTHING));
    const rest =
      service === undefined ? (protocolOf(address, route).name === 'restXml' ? 'restXml' : 'restJson') : named;
    if (!takesStream(route.operation)) {
      const wire = await readWhole(request, response, head, { ...address, protocol: rest });
      return { wire: { ...plain, body: wire.body }, route };
    }
    const check = auth && verify({ ...head, body: undefined }, rest, auth, clock.now());
    const stream = incomingBody(request, response, { limit: LARGEST_STREAM, check });
    const headers = withoutChunking(plain.headers as IncomingMessage['headers']);
    return { wire: { ...plain, headers, body: NOTHING, stream }, route };
  }

  /** Sends a request on to whom it is meant for. What has to be signed is read whole before. */
  async function passOn(
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
    { head, address, signal }: { head: Head; address: Address; signal: AbortSignal },
  ): Promise<void> {
    let body: Buffer | undefined;
    if (auth) {
      body = await receive(request, response, bodyLimit(address.service));
      verify(withBody(head, body), address.protocol, auth, clock.now());
    }
    await sendOn(request, response, { url, body, signal });
  }

  /** A request with its body, freed of transfer forms and, if signatures are asked for, signed. */
  async function readWhole(
    request: IncomingMessage,
    response: ServerResponse,
    head: Head,
    { service, protocol }: Address,
  ): Promise<WireRequest> {
    const limit = bodyLimit(service);
    const { headers } = request;
    if (isChunked(headers)) {
      const check = auth && verify({ ...head, body: undefined }, protocol, auth, clock.now());
      const stream = incomingBody(request, response, { limit, check });
      const body = Buffer.concat(await stream.toArray());
      await verifyChecksums({ ...headers, ...stream.trailers }, body);
      return withBody({ ...head, headers: withoutChunking(headers) }, body);
    }
    const raw = await receive(request, response, limit);
    if (auth && !isOpen(head)) verify({ ...head, body: raw }, protocol, auth, clock.now());
    // What completes an upload to S3 tells the checksum of the object, not of its own body.
    const isOfObject = head.method === 'POST' && /(^|&)uploadId=/.test(head.query);
    if (protocol === 'restXml' && hasChecksum(headers) && !isOfObject) await verifyChecksums(headers, raw);
    return withBody(head, headers['content-encoding'] === 'gzip' ? await inflateBody(raw, limit) : raw);
  }

  async function answerPlain(
    route: PlainRoute,
    head: Head,
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    let reply: Answer;
    try {
      const body = await receive(request, response, bodyLimit(undefined));
      if (auth && !route.open) verify({ ...head, body }, 'restJson', auth, clock.now());
      const signer = route.open ? signerOf(head, body) : undefined;
      const { remoteAddress: address = '', remotePort: port } = request.socket;
      const { method, path, query, headers } = head;
      const wire = { method, path, query, headers, body, address, signal };
      reply = await route.handle({ ...wire, ...(port && { port }), ...(signer && { signer }) });
    } catch (error) {
      if (error instanceof ClientGone) return;
      reply = plainError(error);
    }
    await send(response, head, reply);
  }

  /** Who signed a request that need not be signed; nobody, where the signature does not hold. */
  function signerOf(head: Head, body: Buffer): Caller | undefined {
    const credential = credentialOf(head);
    if (!credential) return undefined;
    try {
      if (auth) verify({ ...head, body }, 'restJson', auth, clock.now());
      return callerOf(credential, options);
    } catch (error) {
      if (error instanceof AwsError) return undefined;
      throw error;
    }
  }

  function plainError(error: unknown): Reply {
    const [status, code] = error instanceof AwsError ? [error.status, error.code] : [500, 'InternalFailure'];
    if (!(error instanceof AwsError)) options.onFault(error);
    const message = error instanceof Error ? error.message : String(error);
    const body = JSON.stringify({ error: { code, message } });
    return { status, headers: { 'content-type': 'application/json' }, body };
  }

  function replyTo(error: unknown, protocol: Protocol, model: ServiceModel | undefined, requestId: string): Reply {
    if (error instanceof AwsError) return protocol.encodeError(model, error, requestId);
    options.onFault(error);
    const words = `Carillon failed over this request; its log says why (request ${requestId}).`;
    return protocol.encodeError(model, new AwsError('InternalFailure', words, { status: 500 }), requestId);
  }

  const dateOfNow = dateHeader(clock);

  async function send(
    response: ServerResponse,
    { method }: Head,
    { status, headers = {}, body = '' }: Answer,
  ): Promise<void> {
    // A client that still sends would miss the answer, if its connection were closed.
    if (!response.req.complete && response.req.headers.expect === undefined) await dropRest(response.req);
    const isStream = body instanceof Readable;
    if (response.destroyed) {
      if (isStream) body.destroy();
      return;
    }
    const isBodiless = status === 204 || status === 304;
    const fields = ['date', dateOfNow()];
    for (const name in headers) {
      const value = headers[name]!;
      if (typeof value === 'string') fields.push(name, value);
      else for (const one of value) fields.push(name, one);
    }
    // What the client has yet to send would be taken for its next request.
    if (!response.req.complete) fields.push('connection', 'close');
    // An answer to HEAD says how long the body is that it leaves out.
    if (!isBodiless && !isStream && !('content-length' in headers)) {
      fields.push('content-length', String(typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength));
    }
    response.writeHead(status, fields);
    if (!isStream) response.end(isBodiless || method === 'HEAD' ? undefined : body);
    else if (isBodiless || method === 'HEAD') response.end(body.destroy() && undefined);
    else await pipeline(body, response).catch((error) => faultOfStream(error, response));
  }

  /** A client that leaves in the middle is no fault of ours. */
  function faultOfStream(error: unknown, response: ServerResponse): void {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') options.onFault(error);
    response.destroy();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const controller = new AbortController();
    underWay.add(controller);
    response.once('close', () => {
      if (!response.writableFinished) controller.abort();
    });
    try {
      await answer(request, response, controller.signal);
    } catch (error) {
      options.onFault(error);
      response.destroy();
    } finally {
      underWay.delete(controller);
      if (underWay.size === 0) settled?.();
    }
  }

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    const quiet = new Promise<void>((resolve) => {
      if (underWay.size === 0) resolve();
      settled = resolve;
    });
    for (const controller of underWay) controller.abort();
    server.closeIdleConnections();
    await quiet;
    server.closeAllConnections();
    await closed;
  }

  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    serve,
  );
  server.maxHeadersCount = MAX_HEADERS;
  // The client waits to hear whether its body is wanted: `receive` says so, or answers at once.
  server.on('checkContinue', serve);
  server.on('clientError', answerBroken);
  return { listen: (where) => listen(server, where), close };
}

function headOf(request: IncomingMessage): Head {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const [path, query] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  return { method: request.method ?? 'GET', path, query, headers: request.headers };
}

/** For operations that are found before their body is read. */
const NOTHING = Buffer.alloc(0);

function withBody({ method, path, query, headers }: Head, body: Buffer): WireRequest {
  return { method, path, query, headers, body };
}

/** A reply with what tells a browser that its page may read it. */
function withHeaders(reply: Reply, ruled: Ruling | undefined): Reply {
  return { ...reply, headers: { ...reply.headers, ...ruled?.admission?.headers } };
}

/** A form on its way to a bucket. */
interface Posted {
  readonly head: Head;
  readonly bucket: string;
  readonly protocol: Protocol;
  readonly signal: AbortSignal;
  readonly requestId: string;
}

/** The bucket that a form is posted to: of a request that is not signed itself, to a bucket's address. */
function bucketOfForm(head: Head, { service, credential }: Address): string | undefined {
  if (!isPostedForm(head) || credential || (service !== undefined && service !== 's3')) return undefined;
  const { path } = toPathStyle(head, bucketOfHost(head.headers.host) ?? '');
  return /^\/([^/]+)\/?$/.exec(path)?.[1];
}

function isFor({ method, path, hosts }: PlainRoute, head: Head): boolean {
  if (hosts?.test(String(head.headers.host))) return true;
  if (method !== '*' && method !== head.method) return false;
  return path.endsWith('*') ? head.path.startsWith(path.slice(0, -1)) : head.path === path;
}

/** Reads a body whole. A client that waits to hear whether its body is wanted is told so, or that it is too large. */
function receive(request: IncomingMessage, response: ServerResponse, limit: number): Promise<Buffer> {
  if (request.headers.expect !== undefined) {
    if (Number(request.headers['content-length']) > limit) throw tooLarge(limit);
    response.writeContinue();
  }
  return readBody(request, limit);
}

/** The engine's present as a `Date` header, formatted once a second. */
function dateHeader(clock: Clock): () => string {
  let second = -1;
  let text = '';
  return () => {
    const now = Math.trunc(clock.now() / 1000);
    if (now !== second) {
      second = now;
      text = dateOf(now * 1000).toUTCString();
    }
    return text;
  };
}

function listen(server: Server, { port, host }: { port: number; host: string }): Promise<{ port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve({ port: (server.address() as AddressInfo).port });
    });
  });
}
