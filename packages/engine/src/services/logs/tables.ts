/* What the service keeps: groups, the streams in them, and how both are found. Events are in the streams' logs. */
import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs';
import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { invalidParameter, notFound } from './errors.ts';

export interface Group {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly class: LogGroupClass;
  readonly kmsKeyId?: string;
  /** How long events are kept; for ever when absent. */
  readonly retentionInDays?: number;
  readonly deletionProtection: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** By name. */
export const groups = table<Group>('logs.groups');

export interface Stream {
  /** Where its events are kept: a name that no other stream has, not even a later one that is called like this one. */
  readonly log: string;
  /** Moments are epoch milliseconds. */
  readonly createdAt: number;
  readonly events: number;
  /** The bytes of its messages, and 26 for each event. */
  readonly bytes: number;
  /** Absent while there are no events. */
  readonly firstEventAt?: number;
  readonly lastEventAt?: number;
  readonly lastIngestionAt?: number;
}

/** By `<group>:<stream>`; no name of a group or stream has a colon. */
export const streams = table<Stream>('logs.streams');

export type NamedStream = readonly [name: string, stream: Stream];

/** How requests name a group: by its name, or by its name or ARN. */
export interface GroupReference {
  logGroupName?: string | undefined;
  logGroupIdentifier?: string | undefined;
}

/** The group that a request names. */
export function findGroup(ctx: Context, reference: GroupReference): { name: string; group: Group } {
  const { logGroupName, logGroupIdentifier } = reference;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw invalidParameter('LogGroup name and LogGroup ARN are mutually exclusive parameters.');
  }
  const identifier = logGroupName ?? logGroupIdentifier;
  if (identifier === undefined) throw invalidParameter('Either LogGroup name or LogGroup ARN must be specified.');
  const name = logGroupName ?? groupNameOf(identifier, ctx.scope);
  const group = name === undefined ? undefined : ctx.rows(groups).get(name);
  if (name === undefined || !group) throw notFound('log group');
  return { name, group };
}

/** The name within a name or an ARN; undefined for an ARN of elsewhere, or of something else. */
export function groupNameOf(identifier: string, { account, region }: Scope): string | undefined {
  if (!identifier.startsWith('arn:')) return identifier;
  const arn = parseArn(identifier);
  if (arn?.service !== 'logs' || arn.account !== account || arn.region !== region) return undefined;
  return /^log-group:([^:*]+)$/.exec(arn.resource)?.[1];
}

/** `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/ring`: the form without `:*`. */
export function groupArn(scope: Scope, name: string): string {
  return formatArn('logs', scope, `log-group:${name}`);
}

export function streamKey(group: string, stream: string): string {
  return `${group}:${stream}`;
}

export function findStream(ctx: Context, group: string, name: string): Stream {
  const stream = ctx.rows(streams).get(streamKey(group, name));
  if (!stream) throw notFound('log stream');
  return stream;
}

/** The streams of a group whose names start so, in order of their names. */
export function listStreams(ctx: Context, group: string, prefix = ''): NamedStream[] {
  const rows = ctx.rows(streams).list({ prefix: streamKey(group, prefix) });
  return rows.map(([key, stream]) => [key.slice(group.length + 1), stream]);
}

export function addStream(ctx: Context, group: string, name: string): Stream {
  const { account, region } = ctx.scope;
  const log = `logs/${account}/${region}/${ctx.ids.hex(16)}`;
  const stream: Stream = { log, createdAt: ctx.now, events: 0, bytes: 0 };
  ctx.rows(streams).put(streamKey(group, name), stream);
  return stream;
}

/** Deletes a stream with all its events. */
export function removeStream(ctx: Context, group: string, name: string, stream: Stream): void {
  ctx.truncate(stream.log);
  ctx.rows(streams).delete(streamKey(group, name));
}
