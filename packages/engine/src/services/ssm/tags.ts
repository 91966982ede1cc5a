/* Tags: the operations on those of parameters. */
import type {
  AddTagsToResourceRequest,
  AddTagsToResourceResult,
  ListTagsForResourceRequest,
  ListTagsForResourceResult,
  RemoveTagsFromResourceRequest,
  RemoveTagsFromResourceResult,
  ResourceTypeForTagging,
  Tag,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../../kernel/errors.ts';
import { isReservedTag, tagList } from '../../kernel/resource-types.ts';
import type { Context } from '../../kernel/service.ts';
import { invalid, invalidResourceId } from './errors.ts';
import { type Parameter, parameters } from './parameter.ts';

/** Tags of a parameter. */
const MOST = 50;

type Tags = Parameter['tags'];

export function addTagsToResource(ctx: Context, input: AddTagsToResourceRequest): AddTagsToResourceResult {
  const { name, parameter } = findResource(ctx, input.ResourceType!, input.ResourceId!);
  ctx.rows(parameters).put(name, { ...parameter, tags: mergeTags(parameter.tags, input.Tags!) });
  return {};
}

export function removeTagsFromResource(
  ctx: Context,
  input: RemoveTagsFromResourceRequest,
): RemoveTagsFromResourceResult {
  const { name, parameter } = findResource(ctx, input.ResourceType!, input.ResourceId!);
  const kept = Object.entries(parameter.tags).filter(([key]) => !input.TagKeys!.includes(key));
  ctx.rows(parameters).put(name, { ...parameter, tags: Object.fromEntries(kept) });
  return {};
}

export function listTagsForResource(ctx: Context, input: ListTagsForResourceRequest): ListTagsForResourceResult {
  const { parameter } = findResource(ctx, input.ResourceType!, input.ResourceId!);
  return { TagList: tagList(parameter.tags) ?? [] };
}

/** Tags with others added; one with a key that is there takes its place. Throws AWS's error. */
export function mergeTags(before: Tags, added: readonly Tag[]): Tags {
  if (added.some(({ Key }) => isReservedTag(Key!))) {
    throw invalid('Tag keys that begin with aws: are reserved for AWS.');
  }
  const tags = { ...before, ...Object.fromEntries(added.map(({ Key, Value }) => [Key!, Value!])) };
  if (Object.keys(tags).length > MOST) {
    throw new AwsError('TooManyTagsError', `A resource can have a maximum of ${MOST} tags.`);
  }
  return tags;
}

function findResource(
  ctx: Context,
  type: ResourceTypeForTagging,
  name: string,
): { name: string; parameter: Parameter } {
  if (type !== 'Parameter') {
    throw new AwsError(
      'InvalidResourceType',
      `Carillon has no resources of the type ${type}: of those of Systems Manager, parameters alone.`,
    );
  }
  const parameter = ctx.rows(parameters).get(name);
  if (!parameter) throw invalidResourceId(name);
  return { name, parameter };
}
