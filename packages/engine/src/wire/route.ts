/*
 * Which service, operation and protocol a request speaks to, and on whose behalf. One endpoint serves all
 * services, so this is told from what clients send: the credential scope of the signature, `X-Amz-Target`,
 * `Action` and `Version` of a form, the `smithy-protocol` header, or method and path.
 *
 * It goes in two steps, since a form names its operation in the body: `address` looks at the head alone (how
 * much body may follow? in which protocol is an error to be answered?), `resolve` finds the operation.
 */

import type { Caller } from '../kernel/access.ts';
import type { Scope } from '../kernel/arn.ts';
import { AwsError } from '../kernel/errors.ts';
import { loadModel, metadata, model, type Operation, type ServiceModel } from './model.ts';
import { type Labels, NO_LABELS, type Protocol, type WireRequest } from './protocol.ts';
import { formOf } from './protocols/query.ts';
import { type ProtocolName, protocols } from './protocols.ts';
import { type Head, matchRest } from './rest-routes.ts';
import { bucketOfHost } from './s3-hosts.ts';
import { type Credential, credentialOf } from './sigv4.ts';

/** What the head of a request tells. */
export interface Address {
  readonly protocol: ProtocolName;
  /** By Carillon's name; undefined when only the path or the body can tell, or when nobody knows it. */
  readonly service: string | undefined;
  /** What the client called the service, for words about it. */
  readonly named: string | undefined;
  /** Of protocols that name the operation in the head. */
  readonly operation: string | undefined;
  readonly credential: Credential | undefined;
}

export interface Route {
  readonly model: ServiceModel;
  readonly operation: Operation;
  readonly labels: Labels;
}

const services = Object.keys(metadata);
const bySigningName = Map.groupBy(services, (service) => metadata[service]!.signingName);
const byTargetPrefix = new Map(services.map((service) => [metadata[service]!.targetPrefix, service]));
const speaking = (service: string, protocol: string) => metadata[service]!.protocols.includes(protocol);

/** Where a request is addressed, as far as its head tells. */
export function addressOf(head: Head): Address {
  const credential = credentialOf(head);
  const target = head.headers['x-amz-target'];
  if (typeof target === 'string') return addressOfTarget(target, head, credential);
  if (head.headers['smithy-protocol'] === 'rpc-v2-cbor') return addressOfRpc(head, credential);
  const named = credential?.service ?? serviceOfHost(head.headers.host);
  const candidates = bySigningName.get(named ?? '') ?? [];
  const isForm = String(head.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const isAction = isForm || /(^|&)Action=/.test(head.query);
  const querying = candidates.find((service) => speaking(service, 'query'));
  if (isAction && (querying !== undefined || candidates.length === 0)) {
    return { protocol: 'query', service: querying, named, operation: undefined, credential };
  }
  const service = candidates[0];
  const unknown = named !== undefined && SPEAK_XML.has(named) ? 'restXml' : 'restJson';
  return { protocol: service ? mainProtocol(service) : unknown, service, named, operation: undefined, credential };
}

/** Services of AWS that Carillon lacks and whose clients read XML alone. */
const SPEAK_XML = new Set(['cloudfront', 'route53', 's3', 's3control', 's3express']);

/** `sqs` of `sqs.us-east-1.amazonaws.com`, where functions ask for AWS itself; undefined for other hosts. */
function serviceOfHost(host: string | string[] | undefined): string | undefined {
  if (bucketOfHost(host) !== undefined) return 's3';
  return /^(?:.+?\.)?([a-z0-9-]+?)(?:\.[a-z]{2,}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?(?::\d+)?$/.exec(
    String(host),
  )?.[1];
}

function addressOfTarget(target: string, { headers }: Head, credential: Credential | undefined): Address {
  const dot = target.lastIndexOf('.');
  const prefix = target.slice(0, Math.max(dot, 0));
  const service = byTargetPrefix.get(prefix);
  const version = /json-1\.0/.test(String(headers['content-type'])) ? 'json10' : 'json11';
  const named = service ?? credential?.service ?? prefix.replace(/_\d+$/, '').toLowerCase();
  return { protocol: version, service, named, operation: target.slice(dot + 1), credential };
}

function addressOfRpc({ path }: Head, credential: Credential | undefined): Address {
  const [, named, operation] = /\/service\/([^/]+)\/operation\/([^/]+)\/?$/.exec(path) ?? [];
  return { protocol: 'cbor', service: byTargetPrefix.get(named ?? ''), named, operation, credential };
}

function mainProtocol(service: string): ProtocolName {
  if (speaking(service, 'rest-xml')) return 'restXml';
  if (speaking(service, 'rest-json')) return 'restJson';
  if (speaking(service, 'json')) return metadata[service]!.jsonVersion === '1.0' ? 'json10' : 'json11';
  return 'query';
}

/**
 * The operation that a request names; a promise only while a model is being loaded. Unsigned requests are
 * looked for in `offered` services. Throws AwsError for services and operations that nobody knows.
 */
export function resolve(
  address: Address,
  request: WireRequest,
  protocol: Protocol,
  offered: readonly string[],
): Route | Promise<Route> {
  const { service } = address;
  if (service === undefined) return resolveUnnamed(address, request, protocol, offered);
  const ready = model(service);
  if (ready) return operationOf(ready, address, request, protocol);
  return loadModel(service).then((loaded) => operationOf(loaded, address, request, protocol));
}

function operationOf(model: ServiceModel, address: Address, request: WireRequest, protocol: Protocol): Route {
  const found = findOperation(model, address, request);
  if (found) return found;
  const form = address.protocol === 'query' ? formOf(request) : undefined;
  const name = address.operation ?? form?.get('Action') ?? `${request.method} ${request.path}`;
  throw protocol.unknownOperation(name, form?.get('Version') ?? undefined);
}

function findOperation(model: ServiceModel, address: Address, request: WireRequest): Route | undefined {
  if (address.protocol === 'restJson' || address.protocol === 'restXml') {
    const match = matchRest(model, request);
    return match && { model, ...match };
  }
  const name = address.operation ?? (address.protocol === 'query' ? formOf(request).get('Action') : undefined);
  const operation = model.operations.get(name ?? '');
  return operation && { model, operation, labels: NO_LABELS };
}

/** Finds the service by what its operations look like: for requests that nobody signed. */
async function resolveUnnamed(
  address: Address,
  request: WireRequest,
  protocol: Protocol,
  offered: readonly string[],
): Promise<Route> {
  const { named } = address;
  if (named !== undefined) throw unknownService(named, offered);
  if (address.protocol === 'query') {
    const version = formOf(request).get('Version');
    const candidates = offered.filter(
      (service) => speaking(service, 'query') && (version === null || metadata[service]!.apiVersion === version),
    );
    for (const candidate of candidates) {
      const found = findOperation(await loadModel(candidate), address, request);
      if (found) return found;
    }
    throw protocol.unknownOperation(formOf(request).get('Action') ?? '', version ?? undefined);
  }
  // S3's paths are anything at all, so it is asked last.
  const byPath = ['rest-json', 'rest-xml'].flatMap((name) => offered.filter((service) => speaking(service, name)));
  for (const candidate of byPath) {
    const found = findOperation(await loadModel(candidate), { ...address, protocol: mainProtocol(candidate) }, request);
    if (found) return found;
  }
  throw new AwsError(
    'MissingAuthenticationTokenException',
    `No service is at ${request.method} ${request.path}, and the request is not signed, which would name one.`,
    { status: 403 },
  );
}

function unknownService(named: string, offered: readonly string[]): AwsError {
  const known = offered.length > 0 ? ` It has ${[...offered].sort().join(', ')}.` : '';
  const elsewhere = `To have such requests answered elsewhere, start it with --forward ${named}=http://127.0.0.1:8000, for example.`;
  return new AwsError('UnknownServiceException', `Carillon does not have the service "${named}".${known} ${elsewhere}`);
}

export interface ScopeDefaults {
  readonly account: string;
  readonly region: string;
  /** The account that an access key belongs to, for keys that the engine handed out. */
  accountOf?(accessKeyId: string): string | undefined;
}

/** The account and region that a request acts in: those of its credential, else the defaults. */
export function scopeOf(credential: Credential | undefined, defaults: ScopeDefaults): Scope {
  if (!credential) return { account: defaults.account, region: defaults.region };
  const { accessKeyId, region } = credential;
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaults.accountOf?.(accessKeyId);
  const isRegion = region !== undefined && /^[a-z]{2,}(-[a-z0-9]+)+$/.test(region) && region.length <= 32;
  return { account: account ?? defaults.account, region: isRegion ? region : defaults.region };
}

/** Tells who acts by credentials that the engine handed out for a role. */
export interface Actors {
  actorOf?(
    accessKeyId: string,
    sessionToken: string | undefined,
  ): Pick<Caller, 'roleArn' | 'sourceArn' | 'session'> | undefined;
}

export function callerOf(credential: Credential | undefined, { actorOf }: Actors = {}): Caller {
  if (!credential) return {};
  const { accessKeyId, sessionToken } = credential;
  return {
    accessKeyId,
    ...(sessionToken !== undefined && { sessionToken }),
    ...actorOf?.(accessKeyId, sessionToken),
  };
}

/** The protocol that a request without a named service turned out to speak. */
export function protocolOf(address: Address, { model }: Route): Protocol {
  return protocols(address.protocol === 'query' ? 'query' : mainProtocol(model.service))!;
}
