/* Due work: what a request asks is done to its resource. It may be begun again after a crash. */
import type { HandlerErrorCode } from '@aws-sdk/client-cloudcontrol';
import { AwsError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import { alreadyThere, completed, handlerErrorCode, writable } from '../../kernel/resource-types.ts';
import type {
  Context,
  DueWork,
  GeneratedName,
  KnownType,
  Properties,
  ResourceContext,
  WaitingContext,
} from '../../kernel/service.ts';
import { change, forgetRequest, type Request, requests } from './request.ts';
import { resourceContext } from './resources.ts';
import { identifierOf, instanceOf, notFound } from './types.ts';

/** Due work: a request has been kept long enough. */
export function forget(ctx: Context, work: DueWork): void {
  forgetRequest(ctx, work.id);
}

export async function work(ctx: WaitingContext, { id: token }: DueWork): Promise<void> {
  const request = await ctx.transact((inner) => {
    const before = inner.rows(requests).get(token);
    change(inner, token, { begun: true });
    return before;
  });
  if (!request) return;
  const type = ctx.host.resourceType(request.type)!;
  const changes = await outcome(resourceContext(ctx, request.caller, token), type, request);
  await ctx.transact((inner) => change(inner, token, changes));
}

async function outcome(ctx: ResourceContext, type: KnownType, request: Request): Promise<Partial<Request>> {
  try {
    return { status: 'SUCCESS', ...(await DO[request.operation](ctx, type, request)) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { status: 'FAILED', errorCode: handlerErrorCode(error) as HandlerErrorCode, message: error.message };
  }
}

type Doing = (ctx: ResourceContext, type: KnownType, request: Request) => Promise<Partial<Request>>;

const DO: Readonly<Record<Request['operation'], Doing>> = {
  async CREATE(ctx, type, request) {
    const { name, find } = type.type;
    const properties = name ? named(ctx.ids, type, name, request.properties!) : request.properties!;
    const found = await find?.call(type.type, ctx, properties);
    if (found !== undefined && !request.begun) {
      throw alreadyThere(type.name, type.schema.primaryIdentifier, properties, found);
    }
    const physicalId =
      found === undefined ? await type.type.create(ctx, properties) : await completed(type, ctx, found, properties);
    const made = (await type.type.read(ctx, { physicalId, properties })) ?? properties;
    return { identifier: identifierOf(type, made, physicalId), properties: made };
  },
  async UPDATE(ctx, type, { identifier, properties }) {
    const instance = instanceOf(type, identifier!);
    const before = await type.type.read(ctx, instance);
    if (!before) throw notFound(type.name, identifier!);
    const { physicalId } = instance;
    await type.type.update!(ctx, { physicalId, properties: writable(type, before) }, properties!);
    return { properties: (await type.type.read(ctx, { physicalId, properties: properties! })) ?? properties! };
  },
  async DELETE(ctx, type, { identifier }) {
    const instance = instanceOf(type, identifier!);
    const before = await type.type.read(ctx, instance);
    if (!before) throw notFound(type.name, identifier!);
    await type.type.delete(ctx, { ...instance, properties: writable(type, before) });
    return {};
  },
};

const RANDOM = 12;

/** Properties with a name: the client's, or `<type>-<random>`. */
function named(ids: Ids, { name: type }: KnownType, name: GeneratedName, properties: Properties): Properties {
  if (properties[name.property] !== undefined) return properties;
  const end = `-${ids.upper(RANDOM)}${name.suffix?.(properties) ?? ''}`;
  const text =
    type
      .split('::')
      .at(-1)!
      .slice(0, name.most - end.length) + end;
  return { ...properties, [name.property]: name.lowerCase ? text.toLowerCase() : text };
}
