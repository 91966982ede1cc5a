/*
 * What callers of Parameter Store have to be allowed.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
import type { AccessRules } from '../../kernel/access.ts';
import { arnOf } from './names.ts';

export const access: AccessRules = {
  prefix: 'ssm',
  resourcesOf(input, scope, operation) {
    if (operation === 'DescribeParameters') return ['*'];
    const names: readonly string[] = input.Names ?? [input.Name ?? input.Path ?? input.ResourceId ?? ''];
    return names.map((name) =>
      name.startsWith('arn:') ? name.replace(/(:parameter\/[^:]+):.*$/, '$1') : arnOf(scope, name.split(':')[0]!),
    );
  },
};
