/*
 * Filters of parameters.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 */
import type { ParameterStringFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '../../kernel/errors.ts';
import { invalid } from './errors.ts';
import { checkPath, isBelow } from './names.ts';
import type { Found } from './parameter.ts';

export type Filter = ParameterStringFilter;

/** The options of each key, the first of which is meant where none is given. */
function optionsOf(key: string): readonly string[] {
  if (key === 'Path') return ['OneLevel', 'Recursive'];
  if (key === 'Name') return ['Equals', 'BeginsWith', 'Contains'];
  if (key === 'Label' || key.startsWith('tag:')) return ['Equals'];
  return ['Equals', 'BeginsWith'];
}

/** What a value of a key can be, where that is known. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  Tier: ['Standard', 'Advanced', 'Intelligent-Tiering'],
  Type: ['String', 'StringList', 'SecureString'],
};

/** Throws AWS's error for filters that cannot be, by keys other than `keys`, or twice by the same. */
export function checkFilters(filters: readonly Filter[], keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const filter of filters) {
    const key = filter.Key!;
    if (!keys.includes(key.startsWith('tag:') ? 'tag:' : key)) {
      const valid = keys.map((name) => (name === 'tag:' ? 'tag:Key' : name)).join(', ');
      throw new AwsError(
        'InvalidFilterKey',
        `The following filter key is not valid: ${key}. Valid filter keys include: [${valid}].`,
      );
    }
    if (seen.has(key)) {
      throw invalid(
        `The following filter is duplicated in the request: ${key}. A request can contain only one instance of a specific filter.`,
      );
    }
    seen.add(key);
    checkOption(key, filter);
    checkValues(key, filter);
  }
}

function checkOption(key: string, { Option: option }: Filter): void {
  const options = optionsOf(key);
  if (option === undefined || options.includes(option)) return;
  throw new AwsError(
    'InvalidFilterOption',
    `The following filter option is not valid: ${option}. Valid options include: [${options.join(', ')}].`,
  );
}

function checkValues(key: string, { Values: values = [], Option: option }: Filter): void {
  if (values.length === 0 && !key.startsWith('tag:')) {
    throw new AwsError('InvalidFilterValue', `The following filter values are missing: null for filter key ${key}`);
  }
  if (key === 'Path') for (const path of values) checkPath(path);
  const known = option === 'BeginsWith' ? undefined : VALUES[key];
  const unknown = known && values.find((value) => !known.includes(value));
  if (unknown !== undefined) {
    throw new AwsError(
      'InvalidFilterValue',
      `The following filter value is not valid: ${unknown}. Valid values include: [${known!.join(', ')}].`,
    );
  }
}

/** Whether a parameter passes all filters: each by any of its values. */
export function matches(found: Found, filters: readonly Filter[]): boolean {
  return filters.every((filter) => passes(found, filter));
}

function passes(found: Found, { Key: key = '', Option: option, Values: values = [] }: Filter): boolean {
  if (key === 'Path') return values.some((path) => isBelow(found.name, path, option === 'Recursive'));
  if (key === 'Label') return true;
  const held = textOf(found, key);
  if (held === undefined) return false;
  if (values.length === 0) return true;
  return values.some((value) => {
    if (option === 'BeginsWith') return held.startsWith(value);
    return option === 'Contains' ? held.includes(value) : held === value;
  });
}

function textOf({ name, version, parameter }: Found, key: string): string | undefined {
  switch (key) {
    case 'Name':
      return name;
    case 'Type':
      return version.type;
    case 'KeyId':
      return version.keyId;
    case 'Tier':
      return version.tier;
    case 'DataType':
      return version.dataType;
    default: {
      const tag = key.slice('tag:'.length);
      return Object.hasOwn(parameter.tags, tag) ? parameter.tags[tag] : undefined;
    }
  }
}
