/*
 * What is known of parameters beside their values.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
 */
import type {
  DescribeParametersRequest,
  DescribeParametersResult,
  ParameterMetadata,
  ParametersFilter,
} from '@aws-sdk/client-ssm';
import { dateOf } from '../../kernel/clock.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { invalid, invalidToken } from './errors.ts';
import { checkFilters, type Filter, matches } from './filters.ts';
import { arnOf } from './names.ts';
import { type Found, latestOf, parameters } from './parameter.ts';
import { policiesOf } from './policies.ts';

const PAGE = 50;
const KEYS = ['Path', 'Name', 'Type', 'KeyId', 'Tier', 'DataType', 'tag:'];

export function describeParameters(ctx: Context, input: DescribeParametersRequest): DescribeParametersResult {
  if (input.Filters?.length && input.ParameterFilters?.length) {
    throw invalid('You can use either Filters or ParameterFilters in a single request.');
  }
  const filters = input.ParameterFilters ?? (input.Filters ?? []).map(filterOf);
  checkFilters(filters, KEYS);
  // Nothing is shared with an account by another one.
  const rows = input.Shared ? [] : ctx.rows(parameters).list();
  const list = (after = '', limit: number) =>
    rows
      .filter(([name]) => name > after)
      .map(([name, parameter]) => [name, latestOf(ctx, name, parameter)] as [string, Found])
      .filter(([, found]) => matches(found, filters))
      .slice(0, limit);
  const { items, nextToken } = page(list, {
    ...{ token: input.NextToken, limit: input.MaxResults, most: PAGE, invalid: invalidToken },
  });
  return {
    Parameters: items.map(([name, found]) => ({ ...describeVersion(found), ARN: arnOf(ctx.scope, name) })),
    ...(nextToken && { NextToken: nextToken }),
  };
}

/** The older filters match what begins with a value. */
function filterOf({ Key, Values }: ParametersFilter): Filter {
  return { Key, Values, Option: 'BeginsWith' };
}

/** What is shown of a version wherever it is listed. */
export function describeVersion({ name, number, version }: Found): ParameterMetadata {
  const { type, keyId, description, allowedPattern, tier, dataType, modifiedAt, modifiedBy } = version;
  return {
    Name: name,
    Type: type,
    ...(keyId !== undefined && { KeyId: keyId }),
    LastModifiedDate: dateOf(modifiedAt),
    LastModifiedUser: modifiedBy,
    ...(description !== undefined && { Description: description }),
    ...(allowedPattern !== undefined && { AllowedPattern: allowedPattern }),
    Version: number,
    Tier: tier,
    Policies: policiesOf(version),
    DataType: dataType,
  };
}
