/*
 * What an archive is: its record, the rule by which it gets its events, and the events that it keeps.
 *
 * As on AWS, events come to an archive by a managed rule on its bus, which replayed events do not match. They are kept
 * in a log in order of their own time; beside it stands only how many there are, hour by hour, so that what has
 * expired is dropped by whole hours and never has to be counted.
 *
 * AWS: EventBridge User Guide, "Archiving and replaying events"; API Reference, Archive.
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import { formatArn, parseArn, partitionOf, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, DueWork } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import type { BusEvent } from './event.ts';
import { reviseRoutes } from './routes.ts';
import { type Rule, rules } from './rule.ts';
import { targets } from './target.ts';

/** What is kept of an archive. */
export interface Archive {
  /** The name of its bus. */
  readonly bus: string;
  readonly description?: string;
  readonly pattern?: string;
  /** Days; for ever when absent. */
  readonly retentionDays?: number;
  readonly kmsKey?: string;
  /** Where its events are: a log of its own, so that one made anew under the name has none of the old. */
  readonly log: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** How many events of an hour there are, and their size. */
interface Hour {
  readonly events: number;
  readonly bytes: number;
}

/** By name. */
export const archives = table<Archive>('eventbridge.archives');
/** By `<archive>/<hour>`. */
const hours = table<Hour>('eventbridge.archive-hours');

const RETENTION = 'eventbridge.retention';
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const HOUR_DIGITS = 9;
const RULE_PREFIX = 'Events-Archive-';
const MANAGER = 'prod.vhs.events.aws.internal';
/** What an archive's rule asks beside the archive's own pattern. */
const NOT_REPLAYED = '"replay-name":[{"exists":false}]';

export function archiveArn(scope: Scope, name: string): string {
  return formatArn('events', scope, `archive/${name}`);
}

/** The archive of a name, or AWS's error. */
export function findArchive(ctx: Context, name: string): Archive {
  const archive = ctx.rows(archives).get(name);
  if (!archive) throw new AwsError('ResourceNotFoundException', `Archive ${name} does not exist.`);
  return archive;
}

/** The name of the archive that an ARN names in this account and region; undefined when it names none. */
export function nameOfArchiveArn(scope: Scope, arn: string): string | undefined {
  const { service, resource = '' } = parseArn(arn) ?? {};
  const name = resource.slice('archive/'.length);
  return service === 'events' && name && arn === archiveArn(scope, name) ? name : undefined;
}

/** How many events an archive has, and how many bytes. */
export function countsOf(ctx: Context, name: string): Hour {
  const all = ctx.rows(hours).list({ prefix: `${name}/` });
  return all.reduce((sum, [, hour]) => plus(sum, hour), { events: 0, bytes: 0 });
}

/** Keeps the rule by which events come to an archive, as the archive now is. */
export function putArchiveRule(ctx: Context, name: string, { bus, pattern }: Archive): void {
  const key = ruleKey(name, bus);
  const rule: Rule = { pattern: ruleOfPattern(pattern), managedBy: MANAGER, anchor: ctx.now };
  ctx.rows(rules).put(key, rule);
  ctx.rows(targets).put(key, [targetOf(ctx.scope, name)]);
  reviseRoutes(ctx, bus);
}

/** Whether events come to an archive: not after its rule, or the rule's target, was deleted by force. */
export function isFed(ctx: Context, name: string, { bus }: Archive): boolean {
  const key = ruleKey(name, bus);
  return ctx.rows(rules).has(key) && ctx.rows(targets).has(key);
}

/** Drops an archive with its rule and all of its events. */
export function dropArchive(ctx: Context, name: string, { bus, log }: Archive): void {
  const key = ruleKey(name, bus);
  ctx.rows(rules).delete(key);
  ctx.rows(targets).delete(key);
  reviseRoutes(ctx, bus);
  for (const [hour] of ctx.rows(hours).list({ prefix: `${name}/` })) ctx.rows(hours).delete(hour);
  ctx.truncate(log);
  ctx.unschedule(RETENTION, name);
  ctx.rows(archives).delete(name);
}

/** The name of the archive that a target is; undefined for any other target. */
export function archiveOfTarget({ Id, Arn }: Target): string | undefined {
  return Arn!.endsWith(':::') && Id!.startsWith(RULE_PREFIX) ? Id!.slice(RULE_PREFIX.length) : undefined;
}

/** Keeps an event in an archive, if that is there. */
export function keepEvent(ctx: Context, name: string, { json, at }: BusEvent): void {
  const archive = ctx.rows(archives).get(name);
  if (!archive) return;
  ctx.append(archive.log, at, json);
  const key = hourKey(name, at);
  const hour = ctx.rows(hours).get(key);
  ctx.rows(hours).put(key, plus(hour ?? { events: 0, bytes: 0 }, { events: 1, bytes: Buffer.byteLength(json) }));
  if (!hour) scheduleRetention(ctx, name, archive);
}

/** Puts the moment on the agenda at which the oldest events of an archive have expired. */
export function scheduleRetention(ctx: Context, name: string, { retentionDays }: Archive): void {
  const [oldest] = ctx.rows(hours).list({ prefix: `${name}/`, limit: 1 });
  if (!oldest || !retentionDays) ctx.unschedule(RETENTION, name);
  else ctx.schedule({ kind: RETENTION, id: name, due: endOfHour(oldest[0]) + retentionDays * DAY_MS });
}

/** Due work: drops the hours of an archive that have expired. */
export function dropExpired(ctx: Context, { id: name }: DueWork): void {
  const archive = ctx.rows(archives).get(name);
  if (!archive?.retentionDays) return;
  const keptFrom = Math.floor((ctx.now - archive.retentionDays * DAY_MS) / HOUR_MS) * HOUR_MS;
  const expired = ctx.rows(hours).list({ prefix: `${name}/`, until: hourKey(name, keptFrom) });
  for (const [hour] of expired) ctx.rows(hours).delete(hour);
  ctx.truncate(archive.log, keptFrom);
  scheduleRetention(ctx, name, archive);
}

function ruleKey(name: string, bus: string): string {
  return `${bus}/${RULE_PREFIX}${name}`;
}

/** What comes last in a pattern counts: so no pattern of an archive takes in what was replayed. */
function ruleOfPattern(pattern: string | undefined): string {
  return pattern === undefined ? `{${NOT_REPLAYED}}` : `${pattern.trimEnd().slice(0, -1)},${NOT_REPLAYED}}`;
}

function targetOf(scope: Scope, name: string): Target {
  const event = '"event": <aws.events.event.json>, "ingestion-time": <aws.events.event.ingestion-time>';
  return {
    Id: RULE_PREFIX + name,
    Arn: `arn:${partitionOf(scope.region)}:events:${scope.region}:::`,
    InputTransformer: { InputPathsMap: {}, InputTemplate: `{"archive-arn": "${archiveArn(scope, name)}", ${event}}` },
  };
}

function hourKey(name: string, at: number): string {
  return `${name}/${String(Math.max(0, Math.floor(at / HOUR_MS))).padStart(HOUR_DIGITS, '0')}`;
}

function endOfHour(key: string): number {
  return (Number(key.slice(-HOUR_DIGITS)) + 1) * HOUR_MS;
}

function plus(one: Hour, other: Hour): Hour {
  return { events: one.events + other.events, bytes: one.bytes + other.bytes };
}
