/*
 * What an event bus is: its record, and its name and ARN. Every account has the one named default in each region.
 */
import type { LogConfig } from '@aws-sdk/client-eventbridge';
import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';

/** What CreateEventBus and UpdateEventBus set. */
export interface BusSettings {
  readonly Description?: string;
  readonly KmsKeyIdentifier?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string | undefined };
  readonly LogConfig?: LogConfig;
}

/** What is kept of a bus. */
export interface Bus {
  readonly settings: BusSettings;
  /** A policy document, as text. */
  readonly policy?: string;
  /** Epoch milliseconds; the default bus has none. */
  readonly createdAt?: number;
  /** Epoch milliseconds. */
  readonly modifiedAt?: number;
}

/** By name. The default bus is here once something was set on it. */
export const buses = table<Bus>('eventbridge.buses');

export const DEFAULT = 'default';
/** The default bus before something was set on it. */
export const UNTOUCHED: Bus = { settings: {} };

/** The bus that a request means, by its name or ARN; the default one when it names none. Throws AWS's error. */
export function findBus(ctx: Context, nameOrArn: string = DEFAULT): { name: string; bus: Bus } {
  const arnPrefix = busArn(ctx.scope, '');
  const name = nameOrArn.startsWith(arnPrefix) ? nameOrArn.slice(arnPrefix.length) : nameOrArn;
  const bus = ctx.rows(buses).get(name) ?? (name === DEFAULT ? UNTOUCHED : undefined);
  if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${nameOrArn} does not exist.`);
  return { name, bus };
}

/**
 * Where a bus is that a request means: its ARN may name one of another account, in the same region, on which rules are
 * made too (User Guide, "Permissions for event buses").
 */
export function ownerOf(ctx: Context, nameOrArn: string | undefined): Context {
  const arn = nameOrArn?.startsWith('arn:') ? parseArn(nameOrArn) : undefined;
  if (!arn?.account || arn.account === ctx.scope.account || arn.region !== ctx.scope.region) return ctx;
  return ctx.within({ account: arn.account, region: arn.region });
}

export function hasBus(ctx: Context, name: string): boolean {
  return name === DEFAULT || ctx.rows(buses).has(name);
}

/** The name of the bus that a request means. Throws AWS's error when there is no such bus. */
export function busName(ctx: Context, nameOrArn: string | undefined): string {
  return findBus(ctx, nameOrArn).name;
}

export function busArn(scope: Scope, name: string): string {
  return formatArn('events', scope, `event-bus/${name}`);
}

/** Whether an ARN is that of an event bus. */
export function isBusArn(arn: string): boolean {
  const { service, resource } = parseArn(arn) ?? {};
  return service === 'events' && resource!.startsWith('event-bus/');
}
