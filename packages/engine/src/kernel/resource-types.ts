/*
 * What resource types are written with, and where they are found: services declare them, CloudFormation and Cloud
 * Control use them.
 */
import { schemaOf } from '../languages/resource-schema/index.ts';
import { AwsError } from './errors.ts';
import type { KnownType, Properties, ResourceContext, ServiceDefinition } from './service.ts';

/** Finds the resource types of all services by their names. */
export function createResourceTypes(services: readonly ServiceDefinition[]): (name: string) => KnownType | undefined {
  const known = new Map<string, KnownType>();
  for (const { resources = {} } of services) {
    for (const [name, type] of Object.entries(resources)) {
      const schema = schemaOf(name);
      if (!schema) throw new Error(`There is no schema of ${name}: run tools/resource-types.ts.`);
      known.set(name, { name, schema, type });
    }
  }
  return (name) => known.get(name);
}

const GONE = /NotFound|NoSuch|NonExist|DoesNotExist|NotExist/;

/** What a call answers; undefined where it says that the thing is not there. */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AwsError && GONE.test(error.code)) return undefined;
    throw error;
  }
}

/** A tag as templates write it. */
export interface ResourceTag {
  readonly Key: string;
  readonly Value: string;
}

/** Tags as a map, for APIs that take them so; undefined where there are none. */
export function tagMap(tags: readonly ResourceTag[] | undefined): Record<string, string> | undefined {
  return tags?.length ? Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) : undefined;
}

/** Tags as templates write them, from a map; in order of their keys. */
export function tagList(tags: Readonly<Record<string, string>> | undefined): ResourceTag[] | undefined {
  const keys = Object.keys(tags ?? {}).sort();
  return keys.length > 0 ? keys.map((Key) => ({ Key, Value: tags![Key]! })) : undefined;
}

/** What to tag and what to untag, to come from one list of tags to another; undefined where that is nothing. */
export function tagChanges(before: readonly ResourceTag[] = [], after: readonly ResourceTag[] = []) {
  const held = new Map(before.map(({ Key, Value }) => [Key, Value]));
  const put = after.filter(({ Key, Value }) => held.get(Key) !== Value);
  const keys = new Set(after.map(({ Key }) => Key));
  const removed = before.map(({ Key }) => Key).filter((key) => !keys.has(key));
  return { put: put.length > 0 ? put : undefined, removed: removed.length > 0 ? removed : undefined };
}

/** A document as a call takes it: properties give it as JSON or as text. */
export function textOf(document: unknown): string {
  return typeof document === 'string' ? document : JSON.stringify(document);
}

/** What AWS's lists that come in pages say of the page after. */
export interface ListPage {
  readonly NextToken?: string | undefined;
  readonly nextToken?: string | undefined;
  readonly NextMarker?: string | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/** All items of a list that comes in pages. */
export async function everyPage<P extends ListPage, T>(
  ask: (token: string | undefined) => Promise<P>,
  itemsOf: (page: P) => readonly T[] | undefined,
): Promise<T[]> {
  const items: T[] = [];
  let token: string | undefined;
  do {
    const page = await ask(token);
    items.push(...(itemsOf(page) ?? []));
    token = page.NextToken ?? page.nextToken ?? page.NextMarker ?? (page.IsTruncated ? page.Marker : undefined);
  } while (token);
  return items;
}

/** Some members of an object, those that are not undefined or null. */
export function pick<T extends object, K extends keyof T & string>(
  from: T,
  names: readonly K[],
): { [P in K]?: NonNullable<T[P]> } {
  const found = names.flatMap((name) => (from[name] === undefined || from[name] === null ? [] : [[name, from[name]]]));
  return Object.fromEntries(found) as { [P in K]?: NonNullable<T[P]> };
}

/** Whether a tag's key is one that users may not give; those that CloudFormation gives are tags like any other here. */
export function isReservedTag(key: string): boolean {
  return /^aws:(?!cloudformation:)/i.test(key);
}

/** What a handler's error is called: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html */
export function handlerErrorCode({ code, status }: AwsError): string {
  if (/AlreadyExist|Exists|ResourceConflict/.test(code)) return 'AlreadyExists';
  if (/NotFound|NoSuch|NonExist/.test(code)) return 'NotFound';
  if (/AccessDenied|Unauthorized|Forbidden/.test(code)) return 'AccessDenied';
  if (/Limit|Quota|TooMany/.test(code)) return 'ServiceLimitExceeded';
  if (/Throttl/.test(code)) return 'Throttling';
  if (/InUse|Conflict/.test(code)) return 'ResourceConflict';
  if (code === 'InternalFailure') return 'InternalFailure';
  return status >= 500 ? 'GeneralServiceException' : 'InvalidRequest';
}

/** What is said of a resource that is to be made and is there already. */
export function alreadyThere(type: string, identifiers: readonly string[], properties: Properties, found: string) {
  const identifier = JSON.stringify(Object.fromEntries(identifiers.map((name) => [name, properties[name] ?? found])));
  const message = `Resource of type '${type}' with identifier '${identifier.replaceAll('"', "'")}' already exists.`;
  return new AwsError('AlreadyExists', message);
}

/** What a template could say of a resource, from all that can be read of it. */
export function writable({ schema }: KnownType, read: Properties): Properties {
  return Object.fromEntries(Object.entries(read).filter(([name]) => Object.hasOwn(schema.properties, name)));
}

/**
 * Goes on with a resource whose making was cut short: what there is of it is brought to its properties. Resolves with
 * its physical id.
 */
export async function completed(known: KnownType, ctx: ResourceContext, physicalId: string, properties: Properties) {
  const before = await known.type.read(ctx, { physicalId, properties });
  if (before) await known.type.update?.(ctx, { physicalId, properties: writable(known, before) }, properties);
  return physicalId;
}
