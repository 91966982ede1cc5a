/*
 * What callers of STS have to be allowed. Whether a role may be assumed, its trust policy says.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */

import type { AccessRules } from '../../kernel/access.ts';
import { AwsError } from '../../kernel/errors.ts';

export const access: AccessRules = {
  prefix: 'sts',
  actions: { GetCallerIdentity: null, GetSessionToken: null },
  resourcesOf: (input) => [input.RoleArn ?? '*'],
  refusal: (message) => new AwsError('AccessDenied', message, { status: 403 }),
};
