/*
 * What callers of ECR have to be allowed, and what a repository's own policy says.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
 */
import type { AccessRules } from '../../kernel/access.ts';
import { arnOf, repositories } from './repository.ts';

export const access: AccessRules = {
  prefix: 'ecr',
  resourcesOf(input, scope) {
    if (input.resourceArn !== undefined) return [input.resourceArn];
    const names: readonly string[] = input.repositoryNames ?? (input.repositoryName ? [input.repositoryName] : []);
    return names.length > 0 ? names.map((name) => arnOf(scope, name)) : ['*'];
  },
  policyOf(rows, { resource }) {
    const repository = rows(repositories).get(resource.slice('repository/'.length));
    return repository && { record: repository, document: () => repository.policy };
  },
};
