/* The roles that SAM makes: for functions, state machines, and for schedules and rules that start them. */
import type { JsonObject, Value } from '../template/value.ts';
import type { Expansion } from './expansion.ts';
import type { Policy } from './policies.ts';
import { tagList } from './values.ts';

export interface RoleDraft {
  readonly id: string;
  /** The service that may take it on: `lambda.amazonaws.com`. */
  readonly service: string;
  readonly assumeRolePolicy?: Value | undefined;
  readonly policies: readonly Policy[];
  /** Whether it lists managed policies where it has none. */
  readonly listsNone?: boolean;
  readonly path?: Value | undefined;
  readonly permissionsBoundary?: Value | undefined;
  readonly tags?: readonly JsonObject[] | undefined;
  readonly attributes: JsonObject;
}

/** Adds the role. Returns its logical id. */
export function addRole(expansion: Expansion, draft: RoleDraft): string {
  const managed = draft.policies.flatMap((policy) => ('managed' in policy ? [policy.managed] : []));
  const inline = draft.policies.flatMap((policy) => ('inline' in policy ? [policy.inline] : []));
  const properties = {
    AssumeRolePolicyDocument: draft.assumeRolePolicy ?? assumedBy(draft.service),
    ManagedPolicyArns: managed.length > 0 || draft.listsNone ? distinct(managed) : undefined,
    Path: draft.path,
    Policies: inline.length > 0 ? inline : undefined,
    PermissionsBoundary: draft.permissionsBoundary,
    Tags: draft.tags && draft.tags.length > 0 ? draft.tags : undefined,
  };
  return expansion.add(draft.id, 'AWS::IAM::Role', properties, draft.attributes);
}

const assumedBy = (service: string): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: [service] } }],
});

function distinct(values: readonly Value[]): Value[] {
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...seen.values()];
}

export interface Tagging {
  /** For the resource itself, and its role. */
  readonly own: JsonObject[] | undefined;
  /** With SAM's own, whether tags are propagated or not. */
  readonly signed: JsonObject[];
  /** For all else that comes from it, where tags are propagated. */
  readonly propagated: JsonObject[] | undefined;
}

/** How a resource and what comes from it are tagged. `creator` is the tag by which SAM signs: `lambda:createdBy`. */
export function taggingOf(tags: Value | undefined, propagate: Value | undefined, creator: string): Tagging {
  const list = tagList((tags ?? {}) as JsonObject);
  const signed = [{ Key: creator, Value: 'SAM' }, ...list];
  if (propagate === true && list.length > 0) return { own: list, signed, propagated: list };
  return { own: signed, signed, propagated: undefined };
}
