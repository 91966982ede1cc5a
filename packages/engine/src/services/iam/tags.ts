/* Tags: up to 50 to a thing, whose keys differ by more than case. */
import { AwsError } from '../../kernel/errors.ts';
import { checkQuota } from './errors.ts';
import { type PageRequest, page } from './paging.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

type TagInput = { readonly Key: string | undefined; readonly Value: string | undefined };

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_TAGS = 50;

/** Tags with others added; a key that is there already gets the new value. */
export function withTags(
  tags: readonly Tag[],
  added: readonly TagInput[] | undefined = [],
  quotaName: string,
): readonly Tag[] {
  const keys = new Set(added.map(({ Key }) => Key!.toLowerCase()));
  if (keys.size < added.length) {
    throw new AwsError('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  const kept = tags.filter(({ Key }) => !keys.has(Key.toLowerCase()));
  const result = [...kept, ...added.map(({ Key, Value }) => ({ Key: Key!, Value: Value ?? '' }))];
  checkQuota(quotaName, MOST_TAGS, result.length);
  return result;
}

export function withoutTags(tags: readonly Tag[], keys: readonly string[]): readonly Tag[] {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return tags.filter(({ Key }) => !gone.has(Key.toLowerCase()));
}

export function listTags(tags: readonly Tag[], request: PageRequest) {
  const [Tags, end] = page(tags, ({ Key }) => Key, request);
  return { Tags, ...end };
}

/** The `Tags` of an answer: left out when there are none, as AWS does. */
export function tagsMember(tags: readonly Tag[]): { Tags?: Tag[] } {
  return tags.length > 0 ? { Tags: [...tags] } : {};
}
