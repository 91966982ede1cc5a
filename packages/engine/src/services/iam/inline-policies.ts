/* Inline policies: documents that belong to one role, user or group. */
import type { Context } from '../../kernel/service.ts';
import { checkDocument, encodeDocument, sizeOf } from './documents.ts';
import { change, type Entity, find, type Kind } from './entities.ts';
import { limitExceeded, noSuchEntity } from './errors.ts';
import { type PageRequest, page } from './paging.ts';

export function putInlinePolicy<T extends Entity>(
  ctx: Context,
  kind: Kind<T>,
  name: string,
  policyName: string,
  document: string,
): void {
  checkDocument(document, 'inline');
  change(ctx, kind, name, (entity) => {
    const inlinePolicies = { ...entity.inlinePolicies, [policyName]: document };
    const size = Object.values(inlinePolicies).reduce((sum, each) => sum + sizeOf(each), 0);
    if (size > kind.mostInline) {
      throw limitExceeded(`Maximum policy size of ${kind.mostInline} bytes exceeded for ${kind.noun} ${entity.name}`);
    }
    return { inlinePolicies };
  });
}

/** A document as an answer carries it. */
export function getInlinePolicy<T extends Entity>(ctx: Context, kind: Kind<T>, name: string, policyName: string) {
  return {
    PolicyName: policyName,
    PolicyDocument: encodeDocument(documentOf(find(ctx, kind, name), kind, policyName)),
  };
}

export function deleteInlinePolicy<T extends Entity>(
  ctx: Context,
  kind: Kind<T>,
  name: string,
  policyName: string,
): void {
  change(ctx, kind, name, (entity) => {
    documentOf(entity, kind, policyName);
    const { [policyName]: _, ...inlinePolicies } = entity.inlinePolicies;
    return { inlinePolicies };
  });
}

export function listInlinePolicies<T extends Entity>(ctx: Context, kind: Kind<T>, name: string, request: PageRequest) {
  const names = Object.keys(find(ctx, kind, name).inlinePolicies);
  const [PolicyNames, end] = page(names, (each) => each, request);
  return { PolicyNames, ...end };
}

function documentOf(entity: Entity, kind: { noun: string }, policyName: string): string {
  if (!Object.hasOwn(entity.inlinePolicies, policyName)) {
    throw noSuchEntity(`The ${kind.noun} policy with name ${policyName} cannot be found.`);
  }
  return entity.inlinePolicies[policyName]!;
}
