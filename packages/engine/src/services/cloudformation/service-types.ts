/* Resources of the types that services declare, by AWS's schemas. */
import { AwsError } from '../../kernel/errors.ts';
import { alreadyThere, completed, handlerErrorCode } from '../../kernel/resource-types.ts';
import type { KnownType, Properties, ResourceContext } from '../../kernel/service.ts';
import { conform } from '../../languages/resource-schema/index.ts';
import { Failure, type Handler, type Step } from './handler.ts';

export function serviceHandler(known: KnownType): Handler {
  const { name, schema, type } = known;
  const attributesOf = async (ctx: ResourceContext, physicalId: string, properties: Properties) =>
    (await type.read(ctx, { physicalId, properties })) ?? {};
  return {
    async create(step, properties) {
      const ctx = resourceContext(step);
      return told(step, async () => {
        const found = await type.find?.(ctx, properties);
        if (found !== undefined && !step.resumed) throw alreadyThere(name, schema.primaryIdentifier, properties, found);
        const physicalId =
          found === undefined
            ? await made(step, type.create(ctx, properties), () => type.find?.(ctx, properties))
            : await completed(known, ctx, found, properties);
        return { physicalId, attributes: await attributesOf(ctx, physicalId, properties) };
      });
    },
    async update(step, resource, properties) {
      const ctx = resourceContext(step);
      return told(step, async () => {
        await type.update?.(ctx, resource, properties);
        return {
          physicalId: resource.physicalId,
          attributes: await attributesOf(ctx, resource.physicalId, properties),
        };
      });
    },
    delete: (step, resource) => told(step, () => type.delete(resourceContext(step), resource)),
  };
}

/** What was made in part is told by its id, so that it can be removed. */
async function made(
  step: Step,
  making: Promise<string>,
  find: () => Promise<string | undefined> | undefined,
): Promise<string> {
  try {
    return await making;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new Failure(wordsOf(step, error), await find());
  }
}

export function resourceContext({ ctx, stack, clientToken, resumed }: Step): ResourceContext {
  const { caller, roleArn } = stack.operation!;
  const acting = roleArn ? { roleArn, principal: 'cloudformation.amazonaws.com', sourceArn: stack.id } : caller;
  return {
    scope: ctx.scope,
    ids: ctx.ids,
    host: ctx.host,
    clientToken,
    resumed,
    call: (service, operation, input, how) => ctx.call(service, operation, input, { caller: acting, ...how }),
  };
}

/** A call's error as events tell it. A fault of ours fails the resource too, loudly, lest the stack wait for ever. */
async function told<T>(step: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure || step.ctx.signal.aborted) throw error;
    if (error instanceof AwsError) throw new Failure(wordsOf(step, error));
    step.ctx.host.warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
    throw new Failure(wordsOf(step, new AwsError('InternalFailure', 'Internal Failure', { status: 500 })));
  }
}

function wordsOf({ clientToken }: Step, error: AwsError): string {
  const about = `(RequestToken: ${clientToken}, HandlerErrorCode: ${handlerErrorCode(error)})`;
  return `Resource handler returned message: "${error.message}" ${about}`;
}

/** Properties of the types that the schema says, with the tags of the stack. Throws Failure in AWS's words. */
export function shaped(
  { schema }: KnownType,
  { logicalId, stack }: Pick<Step, 'logicalId' | 'stack'>,
  given: Properties,
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Properties {
  const { properties, problems } = conform(schema, given);
  if (problems.length > 0) {
    const text = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
    throw new Failure(`Properties validation failed for resource ${logicalId} with message: ${text}`);
  }
  if (!schema.tags) return properties;
  const { property, variant } = schema.tags;
  const own = {
    'aws:cloudformation:stack-name': stack.name,
    'aws:cloudformation:stack-id': stack.id,
    'aws:cloudformation:logical-id': logicalId,
  };
  const ofStack = { ...Object.fromEntries(tags.map(({ Key, Value }) => [Key!, Value!])), ...own };
  if (variant === 'map') return { ...properties, [property]: { ...ofStack, ...(properties[property] as object) } };
  const held = (properties[property] ?? []) as { Key: string; Value: string }[];
  const keys = new Set(held.map(({ Key }) => Key));
  const added = Object.entries(ofStack).flatMap(([Key, Value]) => (keys.has(Key) ? [] : [{ Key, Value }]));
  return { ...properties, [property]: [...held, ...added] };
}
