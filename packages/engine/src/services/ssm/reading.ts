/*
 * Reading parameters' values: by their names, by the path that they lie below, and back through their versions.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
import type {
  GetParameterHistoryRequest,
  GetParameterHistoryResult,
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter as ParameterShape,
} from '@aws-sdk/client-ssm';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { describeVersion } from './describing.ts';
import { invalidToken } from './errors.ts';
import { checkFilters, type Filter, matches } from './filters.ts';
import { arnOf, checkPath, isBelow } from './names.ts';
import { type Found, find, findParameter, labelsOf, latestOf, parameters, versionKey, versions } from './parameter.ts';
import { readableValue } from './secrets.ts';

const PATH_PAGE = 10;
const HISTORY_PAGE = 50;
const PATH_FILTERS = ['Type', 'KeyId', 'Label'];

export function getParameter(ctx: Context, { Name, WithDecryption }: GetParameterRequest): GetParameterResult {
  return { Parameter: show(ctx, find(ctx, Name!), WithDecryption) };
}

export function getParameters(ctx: Context, { Names, WithDecryption }: GetParametersRequest): GetParametersResult {
  const [Parameters, InvalidParameters]: [ParameterShape[], string[]] = [[], []];
  for (const name of new Set(Names!)) {
    const found = findIfThere(ctx, name);
    if (found) Parameters.push(show(ctx, found, WithDecryption));
    else InvalidParameters.push(name);
  }
  return { Parameters, InvalidParameters };
}

function findIfThere(ctx: Context, name: string): Found | undefined {
  try {
    return find(ctx, name);
  } catch (error) {
    if (error instanceof AwsError && error.code.endsWith('NotFound')) return undefined;
    throw error;
  }
}

/** A filter by label gives the version that has it. */
export function getParametersByPath(ctx: Context, input: GetParametersByPathRequest): GetParametersByPathResult {
  const { Path: path, Recursive: recursive = false, ParameterFilters: filters = [], WithDecryption } = input;
  checkPath(path!);
  checkFilters(filters, PATH_FILTERS);
  const prefix = path === '/' ? '' : path!;
  const list = (after: string | undefined, limit: number) =>
    ctx
      .rows(parameters)
      .list({ prefix, ...(after !== undefined && { after }) })
      .filter(([name]) => isBelow(name, path!, recursive))
      .flatMap(([name, parameter]) => {
        const found = labelled(ctx, latestOf(ctx, name, parameter), filters);
        return found && matches(found, filters) ? [[name, found] as [string, Found]] : [];
      })
      .slice(0, limit);
  const { items, nextToken } = page(list, {
    ...{ token: input.NextToken, limit: input.MaxResults, most: PATH_PAGE, invalid: invalidToken },
  });
  return {
    Parameters: items.map(([, found]) => show(ctx, found, WithDecryption)),
    ...(nextToken && { NextToken: nextToken }),
  };
}

/** The version of a label that a filter asks for; as it is where none asks, undefined where there is no such version. */
function labelled(ctx: Context, found: Found, filters: readonly Filter[]): Found | undefined {
  const filter = filters.find(({ Key }) => Key === 'Label');
  if (!filter) return found;
  const { labels } = found.parameter;
  const label = filter.Values!.find((value) => Object.hasOwn(labels, value));
  if (label === undefined) return undefined;
  const number = labels[label]!;
  return { ...found, number, version: ctx.rows(versions).get(versionKey(found.name, number))! };
}

export function getParameterHistory(ctx: Context, input: GetParameterHistoryRequest): GetParameterHistoryResult {
  const { name, parameter } = findParameter(ctx, input.Name!);
  const { items, nextToken } = page(
    (after, limit) => ctx.rows(versions).list({ prefix: `${name}:`, ...(after !== undefined && { after }), limit }),
    { token: input.NextToken, limit: input.MaxResults, most: HISTORY_PAGE, invalid: invalidToken },
  );
  const Parameters = items.map(([key, version]) => {
    const number = Number(key.slice(key.lastIndexOf(':') + 1));
    const found = { name, parameter, number, version };
    const Value = readableValue(ctx, found, input.WithDecryption);
    return { ...describeVersion(found), Value, Labels: labelsOf(parameter, number) };
  });
  return { Parameters, ...(nextToken && { NextToken: nextToken }) };
}

function show(ctx: Context, found: Found, withDecryption: boolean | undefined): ParameterShape {
  const { name, number, version, selector } = found;
  return {
    Name: name,
    Type: version.type,
    Value: readableValue(ctx, found, withDecryption),
    Version: number,
    ...(selector !== undefined && { Selector: `:${selector}` }),
    LastModifiedDate: dateOf(version.modifiedAt),
    ARN: arnOf(ctx.scope, name),
    DataType: version.dataType,
  };
}
