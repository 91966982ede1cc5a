/*
 * What callers of CloudWatch Logs have to be allowed.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
 */

import type { AccessRules } from '../../kernel/access.ts';
import { formatArn } from '../../kernel/arn.ts';

export const access: AccessRules = {
  prefix: 'logs',
  resourcesOf(input, scope) {
    const named = input.logGroupName ?? input.logGroupIdentifier ?? input.resourceArn ?? input.resourceIdentifier;
    if (named === undefined) return ['*'];
    const [, name = named] = /^arn:[^:]+:logs:[^:]*:\d{12}:log-group:([^:]+)/.exec(named) ?? [];
    return [formatArn('logs', scope, `log-group:${name}:log-stream:${input.logStreamName ?? ''}`)];
  },
  broaden: (resource) => resource.replace(/:log-stream:.*$/, ':*'),
};
