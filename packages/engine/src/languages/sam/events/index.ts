/* The Events of functions and state machines, by their types. */
import { isObject, type JsonObject, type Value } from '../../template/value.ts';
import { SamFault } from '../error.ts';
import type { Expansion } from '../expansion.ts';
import { checkProperties } from '../properties.ts';
import { API, HTTP_API, STARTING_API } from './api.ts';
import { S3 } from './bucket.ts';
import { CLOUDWATCH_LOGS } from './log-group.ts';
import { MAPPINGS } from './mapping.ts';
import { RULES, STARTING_RULES } from './rule.ts';
import { SCHEDULE_V2 } from './schedule.ts';
import type { EventType, Target } from './source.ts';
import { ALEXA_SKILL, IOT_RULE } from './thing.ts';
import { SNS } from './topic.ts';
import { COGNITO } from './user-pool.ts';

type EventTypes = ReadonlyMap<string, EventType>;

const OF_FUNCTIONS: EventTypes = new Map<string, EventType>([
  ...Object.entries(RULES),
  ...Object.entries(MAPPINGS),
  ['ScheduleV2', SCHEDULE_V2],
  ['SNS', SNS],
  ['S3', S3],
  ['CloudWatchLogs', CLOUDWATCH_LOGS],
  ['IoTRule', IOT_RULE],
  ['AlexaSkill', ALEXA_SKILL],
  ['Cognito', COGNITO],
  ['Api', API],
  ['HttpApi', HTTP_API],
]);

const OF_STATE_MACHINES: EventTypes = new Map<string, EventType>([
  ...Object.entries(STARTING_RULES),
  ['ScheduleV2', SCHEDULE_V2],
  ['Api', STARTING_API],
]);

export const expandFunctionEvents = (expansion: Expansion, target: Target, events: Value | undefined): void =>
  expandEvents(expansion, target, events, OF_FUNCTIONS);

export const expandStateMachineEvents = (expansion: Expansion, target: Target, events: Value | undefined): void =>
  expandEvents(expansion, target, events, OF_STATE_MACHINES);

/** In the order of their names, as SAM takes them. */
function expandEvents(expansion: Expansion, target: Target, events: Value | undefined, types: EventTypes): void {
  if (!isObject(events)) return;
  for (const [name, event] of Object.entries(events).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { type, kind, properties } = readEvent(target, name, event, types);
    const id = target.id + name;
    type.expand(expansion, { id, name, values: checkProperties(id, kind, properties, type.properties), target });
  }
}

function readEvent({ id }: Target, name: string, event: Value, types: EventTypes) {
  if (!isObject(event)) throw SamFault.ofEvent(id, name, 'It is not a map.');
  const { Type, Properties }: JsonObject = event;
  const type = typeof Type === 'string' ? types.get(Type) : undefined;
  if (type) return { type, kind: String(Type), properties: Properties };
  const words = 'Resource dict has missing or invalid value for key Type. Event Type is:';
  throw SamFault.ofEvent(id, name, `${words} ${Type === undefined ? 'None' : Type}.`);
}
