/* The walks under way through stacks' resources, and how they are ended before their time. */
import { type Context, resource } from '../../kernel/service.ts';
import { keyOf, type Stack, stacks } from './stack.ts';
import type { Walk } from './walk.ts';

/** By their stacks' keys. */
export const walks = resource<Map<string, Walk>>({ open: () => new Map(), close: (map) => map.clear() });

/** Ends what a stack's operation is doing, because a client or its time limit says so. */
export function cancel(ctx: Context, stack: Stack, reason: string): void {
  ctx.rows(stacks).put(keyOf(stack.id), { ...stack, operation: { ...stack.operation!, cancelled: reason } });
  ctx.use(walks).get(keyOf(stack.id))?.stop();
}
