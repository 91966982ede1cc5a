/*
 * What a parameter is: the record of what all its versions share, and a record for each version, so that a new version
 * costs the same however many there are.
 */
import type { ParameterTier, ParameterType } from '@aws-sdk/client-ssm';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { noPublicParameter, parameterNotFound, versionNotFound } from './errors.ts';
import { type Reference, readReference } from './names.ts';

/** What is kept of a parameter. */
export interface Parameter {
  /** Numbers of the oldest version that is kept, and of the latest. */
  readonly oldest: number;
  readonly latest: number;
  /** Versions by their labels. */
  readonly labels: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What is kept of one version. */
export interface Version {
  readonly type: ParameterType;
  /** In the clear: of a SecureString too. */
  readonly value: string;
  /** Of a SecureString. */
  readonly keyId?: string;
  readonly description?: string;
  readonly allowedPattern?: string;
  readonly tier: Exclude<ParameterTier, 'Intelligent-Tiering'>;
  /** Texts of the policies, one for each. */
  readonly policies: readonly string[];
  readonly dataType: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  /** The ARN of who put it. */
  readonly modifiedBy: string;
}

/** By name. */
export const parameters = table<Parameter>('ssm.parameters');

/** By name and number: see `versionKey`. */
export const versions = table<Version>('ssm.versions');

/** In order of the numbers. No name has a colon in it. */
export function versionKey(name: string, number: number): string {
  return `${name}:${String(number).padStart(12, '0')}`;
}

/** A parameter in one of its versions. */
export interface Found {
  readonly name: string;
  readonly parameter: Parameter;
  readonly number: number;
  readonly version: Version;
  /** What the request named the version by. */
  readonly selector?: string;
}

/** The parameter that a request names, in the version that it names, else the latest. Throws AWS's error. */
export function find(ctx: Context, text: string): Found {
  const { name, selector } = refer(ctx, text);
  const parameter = ctx.rows(parameters).get(name);
  if (!parameter) throw parameterNotFound();
  const number = selector === undefined ? parameter.latest : numberOf(parameter, selector);
  const version = number === undefined ? undefined : ctx.rows(versions).get(versionKey(name, number));
  if (number === undefined || !version) throw versionNotFound(name, selector!);
  return { name, parameter, number, version, ...(selector !== undefined && { selector }) };
}

/** A parameter of a name that is its own, in its latest version. */
export function latestOf(ctx: Context, name: string, parameter: Parameter): Found {
  const number = parameter.latest;
  return { name, parameter, number, version: ctx.rows(versions).get(versionKey(name, number))! };
}

/** The parameter of a name without a selector. Throws AWS's error. */
export function findParameter(ctx: Context, text: string): { name: string; parameter: Parameter } {
  const { name, selector } = refer(ctx, text);
  const parameter = selector === undefined ? ctx.rows(parameters).get(name) : undefined;
  if (!parameter) throw parameterNotFound();
  return { name, parameter };
}

function refer(ctx: Context, text: string): Reference {
  if (/^arn:[^:]+:ssm:[^:]*::parameter\/aws\//.test(text)) throw noPublicParameter(text);
  return readReference(ctx.scope, text, (name) => ctx.rows(parameters).has(name));
}

function numberOf({ labels }: Parameter, selector: string): number | undefined {
  return /^\d+$/.test(selector) ? Number(selector) : Object.hasOwn(labels, selector) ? labels[selector] : undefined;
}

/** The labels of a version, in order. */
export function labelsOf({ labels }: Parameter, number: number): string[] {
  return Object.keys(labels)
    .filter((label) => labels[label] === number)
    .sort();
}
