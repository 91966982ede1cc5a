/*
 * What callers of KMS have to be allowed, and what a key's own policy says.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
 */

import type { AccessRules } from '../../kernel/access.ts';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import { keys } from './key.ts';

export const access: AccessRules = {
  prefix: 'kms',
  actions: { ReEncrypt: 'ReEncryptTo' },
  resourcesOf(input, scope) {
    const named = [input.KeyId, input.TargetKeyId, input.SourceKeyId, input.DestinationKeyId, input.AliasName];
    const arns = named.filter((each) => each !== undefined).map((each: string) => resourceArn(scope, each));
    return arns.length > 0 ? arns : ['*'];
  },
  policyOf(rows, { resource }) {
    const key = resource.startsWith('key/') ? rows(keys).get(resource.slice('key/'.length)) : undefined;
    return key && { record: key, document: () => key.policy };
  },
};

function resourceArn(scope: Scope, text: string): string {
  if (text.startsWith('arn:')) return text;
  return formatArn('kms', scope, text.startsWith('alias/') ? text : `key/${text}`);
}
