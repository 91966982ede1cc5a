/*
 * Resources of any type: read and listed at once, made, changed and deleted by requests.
 * https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations.html
 */
import type {
  CreateResourceInput,
  CreateResourceOutput,
  DeleteResourceInput,
  DeleteResourceOutput,
  GetResourceInput,
  GetResourceOutput,
  ListResourcesInput,
  ListResourcesOutput,
  UpdateResourceInput,
  UpdateResourceOutput,
} from '@aws-sdk/client-cloudcontrol';
import type { Caller } from '../../kernel/access.ts';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import { writable } from '../../kernel/resource-types.ts';
import type { Context, KnownType, Properties, ResourceContext, WaitingContext } from '../../kernel/service.ts';
import { applyPatch, changedPaths, PatchError, readPath } from '../../languages/json-patch/index.ts';
import { changesOf } from '../../languages/resource-schema/index.ts';
import { begin, earlier } from './request.ts';
import {
  checkProperties,
  identifierOf,
  instanceOf,
  invalid,
  notFound,
  readJson,
  readProperties,
  typeOf,
} from './types.ts';

const PAGE = 100;

export function createResource(ctx: Context, input: CreateResourceInput): CreateResourceOutput {
  const type = typeOf(ctx.host, input.TypeName!);
  const before = earlier(ctx, input);
  if (before) return { ProgressEvent: before };
  const properties = checkProperties(type, readProperties(input.DesiredState!, 'DesiredState'));
  return { ProgressEvent: begin(ctx, input, { operation: 'CREATE', properties }) };
}

export async function updateResource(ctx: WaitingContext, input: UpdateResourceInput): Promise<UpdateResourceOutput> {
  const type = typeOf(ctx.host, input.TypeName!);
  if (!type.type.update) throw unsupported(input.TypeName!, 'UPDATE');
  const before = await ctx.transact((inner) => earlier(inner, input));
  if (before) return { ProgressEvent: before };
  const identifier = input.Identifier!;
  const current = await read(ctx, type, identifier, actorOf(ctx, input));
  const properties = patched(type, current, readJson(input.PatchDocument!, 'PatchDocument'));
  const wanted = { operation: 'UPDATE', identifier, properties } as const;
  return { ProgressEvent: await ctx.transact((inner) => begin(inner, input, wanted)) };
}

/** The properties that a patch makes of a resource's own. Throws AWS's error for what cannot be changed. */
function patched(type: KnownType, current: Properties, patch: unknown): Properties {
  const { schema } = type;
  try {
    const readOnly = changedPaths(patch).filter((path) => !Object.hasOwn(schema.properties, readPath(path)[0] ?? ''));
    const attributes = readOnly.filter((path) => Object.hasOwn(current, readPath(path)[0] ?? ''));
    if (attributes.length > 0)
      throw invalid(`Invalid patch update: readOnlyProperties [${pointers(attributes)}] cannot be updated`);
    const wanted = checkProperties(type, writable(type, applyPatch(current, patch) as Properties));
    const replacing = changesOf(schema, writable(type, current), wanted).filter(({ replaces }) => replaces === 'yes');
    if (replacing.length > 0) {
      const names = pointers(replacing.map(({ name }) => `/${name}`));
      throw invalid(`Invalid patch update: createOnlyProperties [${names}] cannot be updated`);
    }
    return wanted;
  } catch (error) {
    if (error instanceof PatchError) throw invalid(`Invalid patch document: ${error.message}`);
    throw error;
  }
}

const pointers = (paths: readonly string[]) => paths.map((path) => `/properties${path}`).join(', ');

export function deleteResource(ctx: Context, input: DeleteResourceInput): DeleteResourceOutput {
  const type = typeOf(ctx.host, input.TypeName!);
  const before = earlier(ctx, input);
  if (before) return { ProgressEvent: before };
  const identifier = input.Identifier!;
  instanceOf(type, identifier);
  return { ProgressEvent: begin(ctx, input, { operation: 'DELETE', identifier }) };
}

export async function getResource(ctx: WaitingContext, input: GetResourceInput): Promise<GetResourceOutput> {
  const { TypeName, Identifier } = input;
  const properties = await read(ctx, typeOf(ctx.host, TypeName!), Identifier!, actorOf(ctx, input));
  return { TypeName, ResourceDescription: { Identifier, Properties: JSON.stringify(properties) } };
}

export async function listResources(ctx: WaitingContext, input: ListResourcesInput): Promise<ListResourcesOutput> {
  const type = typeOf(ctx.host, input.TypeName!);
  if (!type.type.list) throw unsupported(input.TypeName!, 'LIST');
  const wanted = input.ResourceModel === undefined ? {} : readProperties(input.ResourceModel, 'ResourceModel');
  const found = await type.type.list(resourceContext(ctx, actorOf(ctx, input), ctx.requestId));
  const rows = found
    .filter((each) => Object.entries(wanted).every(([name, value]) => each[name] === undefined || each[name] === value))
    .map((each): [string, Properties] => [identifierOf(type, each, ''), each])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const { items, nextToken } = page(
    (after = '', limit) => rows.filter(([identifier]) => identifier > after).slice(0, limit),
    {
      token: input.NextToken,
      limit: input.MaxResults,
      most: PAGE,
      invalid: () => invalid('The NextToken is not valid.'),
    },
  );
  return {
    TypeName: input.TypeName,
    ResourceDescriptions: items.map(([Identifier, each]) => ({ Identifier, Properties: JSON.stringify(each) })),
    ...(nextToken && { NextToken: nextToken }),
  };
}

/** All that can be read of a resource. Throws AWS's error where there is none. */
async function read(ctx: WaitingContext, type: KnownType, identifier: string, caller: Caller): Promise<Properties> {
  const instance = instanceOf(type, identifier);
  const properties = await type.type.read(resourceContext(ctx, caller, ctx.requestId), instance);
  if (!properties) throw notFound(type.name, identifier);
  return properties;
}

function actorOf(ctx: WaitingContext, { RoleArn: roleArn }: { RoleArn?: string | undefined }): Caller {
  return roleArn === undefined ? ctx.caller : { roleArn, principal: 'cloudformation.amazonaws.com' };
}

/** What a type's handlers do their work with, on behalf of a caller. */
export function resourceContext(ctx: WaitingContext, caller: Caller, clientToken: string): ResourceContext {
  return {
    ...{ scope: ctx.scope, ids: ctx.ids, host: ctx.host, clientToken },
    call: (service, operation, input, how) => ctx.call(service, operation, input, { caller, ...how }),
  };
}

function unsupported(type: string, action: string): AwsError {
  return new AwsError('UnsupportedActionException', `Resource type ${type} does not support ${action} action`);
}
