/*
 * Events: how they come to a bus, and which targets they go on to.
 *
 * Words and limits: EventBridge API Reference, PutEvents, PutEventsRequestEntry, PutEventsResultEntry and
 * TestEventPattern; User Guide, "Sending events with PutEvents".
 */
import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
  TestEventPatternRequest,
  TestEventPatternResponse,
} from '@aws-sdk/client-eventbridge';
import { type Arn, parseArn } from '../../kernel/arn.ts';
import { isoSeconds } from '../../kernel/clock.ts';
import { AwsError, notImplemented } from '../../kernel/errors.ts';
import type { Context, Delivery } from '../../kernel/service.ts';
import { EventError, matchesPattern } from '../../languages/event-pattern/index.ts';
import { archiveOfTarget, keepEvent } from './archive.ts';
import { DEFAULT, findBus, hasBus, isBusArn } from './bus.ts';
import { type BusEvent, type EventParts, parseObject, readEvent, writeEvent } from './event.ts';
import { readPattern, rulesFor } from './routes.ts';
import { arnOfRule, splitKey } from './rule.ts';
import { targetsOf } from './target.ts';
import { sendToTarget } from './targets.ts';

/** The largest request: all its entries together, in bytes. */
const LARGEST_REQUEST = 1_048_576;
/** What the size of an entry counts for its time. */
const TIME_SIZE = 14;
const LONGEST_DETAIL_TYPE = 128;
const MALFORMED = 'Detail is malformed.';
/** What AWS's own services alone put. */
const RESERVED_SOURCE = 'aws.';
/** The members without which TestEventPattern takes no event. */
const MANDATORY = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

/** What a delivery to a bus says of what it brings. */
interface DeliveryParameters {
  /** Whether it comes from a bus that got it from another one. */
  readonly isThird?: boolean;
  /** Only of what is not an event already. */
  readonly source?: string;
  readonly detailType?: string;
  readonly resources?: readonly string[];
}

export function putEvents(ctx: Context, input: PutEventsRequest): PutEventsResponse {
  if (input.EndpointId) throw notImplemented('eventbridge', 'PutEvents with an EndpointId');
  const entries = input.Entries!;
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > LARGEST_REQUEST) {
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
  const results = entries.map((entry) => putEvent(ctx, entry));
  return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results };
}

export function testEventPattern(_ctx: Context, input: TestEventPatternRequest): TestEventPatternResponse {
  const pattern = readPattern(input.EventPattern!);
  const event = parseObject(input.Event!);
  if (!event) throw invalidEvent('It is not a JSON object.');
  const missing = MANDATORY.find((name) => event[name] === undefined);
  if (missing) throw invalidEvent(`${missing} is mandatory.`);
  try {
    return { Result: matchesPattern(pattern, input.Event!) };
  } catch (error) {
    if (!(error instanceof EventError)) throw error;
    throw invalidEvent(error.message);
  }
}

function invalidEvent(reason: string): AwsError {
  return new AwsError('ValidationException', `Parameter Event is not valid. Reason: ${reason}`);
}

/**
 * A delivery to a bus: the event of a rule on another bus, which stays as it is; or, with parameters, the detail of a
 * new one.
 */
export function acceptDelivery(ctx: Context, { payload, parameters, sourceArn }: Delivery, arn: Arn): void {
  const { name } = findBus(ctx, arn.resource.slice('event-bus/'.length));
  const said = parameters as DeliveryParameters | undefined;
  if (said?.isThird) {
    throw new AwsError('ThirdEventBus', 'EventBridge sends no event from one bus by way of a second to a third.');
  }
  const isNew = said !== undefined;
  try {
    const event = isNew ? newEvent(ctx, sourceArn, said, payload) : readEvent(payload, ctx.now);
    route(ctx, name, event, isNew ? 'new' : 'received');
  } catch (error) {
    if (!(error instanceof EventError)) throw error;
    throw new AwsError('MalformedDetail', MALFORMED);
  }
}

/** An event of the account and region of what it comes from. */
function newEvent(ctx: Context, sourceArn: string, said: DeliveryParameters, detail: string): BusEvent {
  const { source, detailType, resources } = said;
  if (!source || !detailType) throw new EventError('The event lacks a source or type.');
  const { account, region } = parseArn(sourceArn) ?? {};
  const scope = { account: account || ctx.scope.account, region: region || ctx.scope.region };
  const id = ctx.ids.uuid();
  ctx.sends(id);
  return writeEvent(scope, id, { source, detailType, resources, detail, time: ctx.now });
}

/** An event for a bus that is not there is taken, and lost, as on AWS (github.com/aws/aws-cli/issues/9186). */
function putEvent(ctx: Context, entry: PutEventsRequestEntry): PutEventsResultEntry {
  const fault = faultOf(entry);
  if (fault) return fault;
  const id = ctx.ids.uuid();
  ctx.sends(id);
  const parts: EventParts = {
    source: entry.Source!,
    detailType: entry.DetailType!,
    detail: entry.Detail!,
    resources: entry.Resources,
    time: entry.Time?.getTime() ?? ctx.now,
  };
  const { owner, name } = destinationOf(ctx, entry.EventBusName);
  try {
    if (hasBus(owner, name)) route(owner, name, writeEvent(ctx.scope, id, parts), 'new');
    else if (!parseObject(parts.detail)) throw new EventError('The detail is no object.');
    return { EventId: id };
  } catch (error) {
    if (!(error instanceof EventError)) throw error;
    return { ErrorCode: 'MalformedDetail', ErrorMessage: MALFORMED };
  }
}

/** The bus that an event is for: an ARN may name one of another account or region. */
function destinationOf(ctx: Context, nameOrArn = DEFAULT): { owner: Context; name: string } {
  const arn = parseArn(nameOrArn);
  if (!arn) return { owner: ctx, name: nameOrArn };
  const { account, region, resource } = arn;
  return { owner: ctx.within({ account, region }), name: resource.slice('event-bus/'.length) };
}

/**
 * Sends an event to the targets of every rule that it matches, or of those among `only`. What a bus received from
 * another one does not go on to a third (User Guide, "Sending events between event buses"): so no event goes round for
 * ever.
 */
export function route(
  ctx: Context,
  bus: string,
  event: BusEvent,
  origin: 'new' | 'received',
  only?: ReadonlySet<string>,
): void {
  for (const key of rulesFor(ctx, bus, event)) {
    const ruleArn = arnOfRule(ctx.scope, key);
    if (only && !only.has(ruleArn)) continue;
    const facts = { ruleArn, ruleName: splitKey(key)[1], ingestionTime: isoSeconds(ctx.now) };
    for (const target of targetsOf(ctx, key)) {
      const archive = archiveOfTarget(target);
      if (archive !== undefined) keepEvent(ctx, archive, event);
      else sendToTarget(ctx, target, event, facts, 'rule', origin === 'received' && isBusArn(target.Arn!));
    }
  }
}

function faultOf({ Source, DetailType, Detail }: PutEventsRequestEntry): PutEventsResultEntry | undefined {
  for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
    if (!value) return invalidArgument(name, `${name} is a required argument.`);
  }
  if (DetailType!.length > LONGEST_DETAIL_TYPE) {
    return invalidArgument('DetailType', `DetailType must have at most ${LONGEST_DETAIL_TYPE} characters.`);
  }
  if (Source!.startsWith(RESERVED_SOURCE)) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  return undefined;
}

function invalidArgument(name: string, reason: string): PutEventsResultEntry {
  return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${name} is not valid. Reason: ${reason}` };
}

/** An entry's size, as the User Guide counts it ("Calculating PutEvents event entry size"). */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time ? TIME_SIZE : 0);
}
