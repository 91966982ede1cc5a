/*
 * AutoPublishAlias: a version of the function, whose logical id follows from its code, so that other code makes
 * another version, and an alias that points to it.
 */
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import type { Expansion } from './expansion.ts';
import type { FunctionDraft } from './function-draft.ts';
import { compact, getAtt, hashOf, isFunction, ref } from './values.ts';

const HASH_DIGITS = 10;

/** Adds version and alias, where an alias is asked for. Returns its logical id and its name. */
export function addAlias(expansion: Expansion, draft: FunctionDraft): { alias: string; aliasName: string } | undefined {
  const { id, values, attributes } = draft;
  const aliasName = aliasNameOf(expansion, draft);
  if (aliasName === undefined) {
    if (!isObject(values.ProvisionedConcurrencyConfig)) return undefined;
    if (Object.keys(values.ProvisionedConcurrencyConfig).length === 0) return undefined;
    const words = 'To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the function';
    throw SamFault.ofResource(id, words);
  }
  const version = expansion.add(
    `${id}Version${versionHash(expansion, draft)}`,
    'AWS::Lambda::Version',
    { Description: values.VersionDescription, FunctionName: ref(id) },
    { DeletionPolicy: deletionPolicy(draft), ...attributes },
  );
  const alias = expansion.add(
    `${id}Alias${aliasName.replaceAll('-', 'D').replaceAll('_', 'U')}`,
    'AWS::Lambda::Alias',
    {
      Name: aliasName,
      FunctionName: ref(id),
      FunctionVersion: getAtt(version, 'Version'),
      ProvisionedConcurrencyConfig: values.ProvisionedConcurrencyConfig,
    },
    attributes,
  );
  return { alias, aliasName };
}

function aliasNameOf(expansion: Expansion, { id, values }: FunctionDraft): string | undefined {
  if (values.AutoPublishAlias === undefined) return undefined;
  const name = expansion.resolve(values.AutoPublishAlias);
  if (name === '') return undefined;
  if (typeof name === 'string') return checkedName(id, name);
  throw SamFault.ofResource(id, "'AutoPublishAlias' must be a string or a Ref to a template parameter");
}

function checkedName(id: string, name: string): string {
  if (/^(?!\d+$)[\w-]+$/.test(name)) return name;
  const words = 'must contain only alphanumeric characters, hyphens, or underscores matching';
  throw SamFault.ofResource(id, `AutoPublishAlias name ('${name}') ${words} (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern.`);
}

function deletionPolicy({ id, values }: FunctionDraft): Value {
  const policy = values.VersionDeletionPolicy ?? 'Retain';
  if (policy === 'Retain' || policy === 'Delete' || isFunction(policy)) return policy;
  const words = "Property 'VersionDeletionPolicy' should be a one of the strings: 'Delete' or 'Retain'.";
  throw SamFault.ofResource(id, words);
}

function versionHash(expansion: Expansion, draft: FunctionDraft): string {
  const { values, made } = draft;
  const given = values.AutoPublishCodeSha256;
  if (given !== undefined) {
    const sha = expansion.resolve(given);
    if (typeof sha === 'string') return sha.slice(0, HASH_DIGITS);
  }
  return hashOf(values.AutoPublishAliasAllProperties === true ? allProperties(draft) : codeAndSettings(made));
}

/** All properties, with the role only if it is given, and as it is. */
function allProperties({ resource, made, tagging }: FunctionDraft): JsonObject {
  const Role = (resource.properties as JsonObject).Role;
  return compact({ ...made, Role, Tags: tagging.signed });
}

/** What makes a new version when it changes. */
function codeAndSettings({ Code, Environment, MemorySize, SnapStart }: JsonObject): JsonObject {
  return compact({ ...(Code as JsonObject), ...(isObject(Environment) && Environment), MemorySize, SnapStart });
}
