/*
 * What callers of Cloud Control have to be allowed. What is done to resources needs the permissions of their services
 * beside, which the calls that do it ask for.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudcontrolapi.html
 */
import type { AccessRules } from '../../kernel/access.ts';

export const access: AccessRules = {
  prefix: 'cloudformation',
  resourcesOf: () => ['*'],
};
