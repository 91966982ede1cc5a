/*
 * The operations on archives.
 *
 * Words and limits: EventBridge API Reference, CreateArchive and its neighbours; User Guide, "Creating archives".
 */
import type {
  CreateArchiveRequest,
  CreateArchiveResponse,
  DeleteArchiveRequest,
  DescribeArchiveRequest,
  DescribeArchiveResponse,
  ListArchivesRequest,
  ListArchivesResponse,
  UpdateArchiveRequest,
  UpdateArchiveResponse,
} from '@aws-sdk/client-eventbridge';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import {
  type Archive,
  archiveArn,
  archives,
  countsOf,
  dropArchive,
  findArchive,
  isFed,
  putArchiveRule,
  scheduleRetention,
} from './archive.ts';
import { busArn, busName, isBusArn } from './bus.ts';
import { onlyOneFilter, pageOf } from './lists.ts';
import { readPattern } from './routes.ts';

export function createArchive(ctx: Context, input: CreateArchiveRequest): CreateArchiveResponse {
  const name = input.ArchiveName!;
  if (ctx.rows(archives).has(name)) {
    throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);
  }
  if (!isBusArn(input.EventSourceArn!)) {
    const reason = 'Must contain an event bus ARN.';
    throw new AwsError('ValidationException', `Parameter EventSourceArn is not valid. Reason: ${reason}`);
  }
  const bus = busName(ctx, input.EventSourceArn);
  const kept = { bus, log: `eventbridge.archive/${ctx.ids.uuid()}`, createdAt: ctx.now };
  return { ...save(ctx, name, settings(kept, input)), CreationTime: dateOf(ctx.now) };
}

/** What is left out stays as it was. */
export function updateArchive(ctx: Context, input: UpdateArchiveRequest): UpdateArchiveResponse {
  const name = input.ArchiveName!;
  const archive = findArchive(ctx, name);
  return { ...save(ctx, name, settings(archive, input)), CreationTime: dateOf(archive.createdAt) };
}

export function deleteArchive(ctx: Context, input: DeleteArchiveRequest): void {
  dropArchive(ctx, input.ArchiveName!, findArchive(ctx, input.ArchiveName!));
}

export function describeArchive(ctx: Context, input: DescribeArchiveRequest): DescribeArchiveResponse {
  const name = input.ArchiveName!;
  const archive = findArchive(ctx, name);
  return {
    ArchiveArn: archiveArn(ctx.scope, name),
    ...shapeOf(ctx, name, archive),
    ...(archive.description && { Description: archive.description }),
    ...(archive.pattern && { EventPattern: archive.pattern }),
    ...(archive.kmsKey && { KmsKeyIdentifier: archive.kmsKey }),
  };
}

export function listArchives(ctx: Context, input: ListArchivesRequest): ListArchivesResponse {
  const { NamePrefix, EventSourceArn, State } = input;
  onlyOneFilter('ListArchives', { State, EventSourceArn, NamePrefix });
  const all = ctx.rows(archives).list({ prefix: NamePrefix ?? '' });
  const found = all
    .filter(([, { bus }]) => EventSourceArn === undefined || busArn(ctx.scope, bus) === EventSourceArn)
    .filter(([name, archive]) => State === undefined || stateOf(ctx, name, archive).State === State);
  const { items, ...next } = pageOf(found, input);
  return { Archives: items.map(([name, archive]) => shapeOf(ctx, name, archive)), ...next };
}

function settings(before: Archive, input: UpdateArchiveRequest): Archive {
  const { description: _d, pattern: _p, retentionDays: _r, kmsKey: _k, ...rest } = before;
  const { Description: description = before.description, EventPattern: pattern = before.pattern } = input;
  const { RetentionDays: retentionDays = before.retentionDays, KmsKeyIdentifier: kmsKey = before.kmsKey } = input;
  return {
    ...rest,
    ...(description && { description }),
    ...(pattern && { pattern }),
    ...(retentionDays && { retentionDays }),
    ...(kmsKey && { kmsKey }),
  };
}

function save(ctx: Context, name: string, archive: Archive): UpdateArchiveResponse {
  if (archive.pattern) readPattern(archive.pattern);
  ctx.rows(archives).put(name, archive);
  putArchiveRule(ctx, name, archive);
  scheduleRetention(ctx, name, archive);
  return { ArchiveArn: archiveArn(ctx.scope, name), State: 'ENABLED' };
}

function shapeOf(ctx: Context, name: string, archive: Archive) {
  const { events, bytes } = countsOf(ctx, name);
  return {
    ArchiveName: name,
    EventSourceArn: busArn(ctx.scope, archive.bus),
    ...stateOf(ctx, name, archive),
    RetentionDays: archive.retentionDays ?? 0,
    SizeBytes: bytes,
    EventCount: events,
    CreationTime: dateOf(archive.createdAt),
  };
}

function stateOf(ctx: Context, name: string, archive: Archive) {
  if (isFed(ctx, name, archive)) return { State: 'ENABLED' as const };
  return { State: 'DISABLED' as const, StateReason: "The archive's rule, or its target, was deleted." };
}
