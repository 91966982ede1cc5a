/*
 * What callers of IAM have to be allowed. A name stands for the entity of that name whatever its path.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */

import type { AccessRules } from '../../kernel/access.ts';
import { AwsError } from '../../kernel/errors.ts';
import { iamArn } from './entities.ts';
import { trustPolicyOf } from './held-policies.ts';

/** The members that name what a call is about, in order of weight, and their kinds of resource. */
const NOUNS = [
  ['RoleName', 'role'],
  ['UserName', 'user'],
  ['GroupName', 'group'],
  ['InstanceProfileName', 'instance-profile'],
] as const;

export const access: AccessRules = {
  prefix: 'iam',
  resourcesOf(input, scope, operation) {
    if (operation === 'CreatePolicy') return [iamArn(scope, `policy${input.Path ?? '/'}${input.PolicyName}`)];
    const noun = NOUNS.find(([member]) => input[member] !== undefined);
    if (noun) return [iamArn(scope, `${noun[1]}${input.Path ?? '/'}${input[noun[0]]}`)];
    return [input.PolicyArn ?? '*'];
  },
  policyOf: trustPolicyOf,
  refusal: (message) => new AwsError('AccessDenied', message, { status: 403 }),
};
