/* What belongs to a function, a version or an alias, and goes when that goes. */
import type { Context } from '../../kernel/service.ts';
import { eventInvokeConfigs } from './event-invoke-configs.ts';
import { aliases, keyOf, removeAllOf, versions } from './function.ts';
import { removeUrl, removeUrls } from './function-urls.ts';
import { policies } from './permissions.ts';
import { recursion } from './recursion.ts';
import { runtimeManagement } from './runtime-management.ts';

/** Tables whose keys are made by `keyOf`. */
const OF_EACH = [policies, eventInvokeConfigs, runtimeManagement];

/** Removes what belongs to one version or alias. */
export function removeBelongings(ctx: Context, name: string, qualifier: string): void {
  for (const table of OF_EACH) ctx.rows<unknown>(table).delete(keyOf(name, qualifier));
  removeUrl(ctx, name, qualifier);
}

/** Removes a function's versions and aliases, and what belongs to it and to them. */
export function removeAllBelongings(ctx: Context, name: string): void {
  for (const table of [versions, aliases, recursion, ...OF_EACH]) removeAllOf(ctx, table, name);
  removeUrls(ctx, name);
}
