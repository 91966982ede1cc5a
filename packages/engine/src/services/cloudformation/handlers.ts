/* How a resource of a type is made: by CloudFormation itself, or by the service that declares the type. */
import type { Host } from '../../kernel/service.ts';
import { customResource } from './custom-resources.ts';
import { Failure, type Handler } from './handler.ts';
import { macro } from './macros.ts';
import { generatedId } from './names.ts';
import { nestedStack } from './nested-stacks.ts';
import { isCustom, MACRO, METADATA, STACK, WAIT_CONDITION, WAIT_HANDLE } from './own-types.ts';
import { serviceHandler } from './service-types.ts';
import { waitCondition, waitHandle } from './wait-conditions.ts';

/** What the CDK notes of itself: nothing is made of it. */
const metadata: Handler = {
  create: async ({ ctx, stack, logicalId }) => ({
    physicalId: generatedId(ctx.ids, stack.name, logicalId),
    attributes: {},
  }),
  update: async (_step, { physicalId }) => ({ physicalId, attributes: {} }),
  async delete() {},
};

const OWN: Readonly<Record<string, Handler>> = {
  [MACRO]: macro,
  [METADATA]: metadata,
  [STACK]: nestedStack,
  [WAIT_CONDITION]: waitCondition,
  [WAIT_HANDLE]: waitHandle,
};

export function handlerFor(host: Host, type: string): Handler {
  if (isCustom(type)) return customResource;
  const known = OWN[type] ? undefined : host.resourceType(type);
  const handler = OWN[type] ?? (known && serviceHandler(known));
  if (!handler) throw new Failure(`Carillon has no resource type ${type}.`);
  return handler;
}
