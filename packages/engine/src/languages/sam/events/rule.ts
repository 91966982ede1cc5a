/* Schedule, CloudWatchEvent and EventBridgeRule: rules of EventBridge. */
import { isObject, type Value } from '../../template/value.ts';
import type { Expansion } from '../expansion.ts';
import { allowing } from '../policies.ts';
import { properties } from '../properties.ts';
import { addRole } from '../role.ts';
import { compact, getAtt, type Members } from '../values.ts';
import { addPermission, allowDeadLetters, deadLetter, type EventSource, type EventType, faultOf } from './source.ts';

const SCHEDULE = 'Schedule!:string Name Description Input Enabled State RetryPolicy DeadLetterConfig';
const PATTERN = 'Pattern:map EventBusName:string Input:string InputPath:string State:string Target:map';
const RULE = 'RuleName:string InputTransformer:map RetryPolicy:map DeadLetterConfig:map';
const ENABLED = 'Enabled:~boolean';

function addSchedule(expansion: Expansion, event: EventSource): void {
  const { Schedule, Description, Name } = event.values;
  addRule(expansion, event, { ScheduleExpression: Schedule, Description, Name });
}

function addPatternRule(expansion: Expansion, event: EventSource): void {
  const { Pattern, EventBusName, RuleName } = event.values;
  addRule(expansion, event, { EventPattern: Pattern, EventBusName, Name: RuleName });
}

const rule = (expand: EventType['expand'], ...known: string[]): EventType => ({
  properties: properties(...known),
  expand,
});

/** Those of functions. */
export const RULES = {
  Schedule: rule(addSchedule, SCHEDULE),
  CloudWatchEvent: rule(addPatternRule, PATTERN, ENABLED),
  EventBridgeRule: rule(addPatternRule, PATTERN, RULE, ENABLED),
};

/** Those of state machines. */
export const STARTING_RULES = {
  Schedule: rule(addSchedule, SCHEDULE, 'RoleArn Target'),
  CloudWatchEvent: rule(addPatternRule, PATTERN),
  EventBridgeRule: rule(addPatternRule, PATTERN, RULE),
};

function addRule(expansion: Expansion, event: EventSource, what: Members): void {
  const { id, target } = event;
  const state = stateOf(event);
  const { config, made } = deadLetter(expansion, event);
  const starts = target.name === undefined;
  const targets = [targetOf(event, { config, roleArn: starts ? startingRole(expansion, event) : undefined })];
  expansion.add(id, 'AWS::Events::Rule', { ...what, State: state, Targets: targets }, target.attributes);
  allowDeadLetters(expansion, event, made);
  if (!starts) addPermission(expansion, event, { principal: 'events.amazonaws.com', sourceArn: getAtt(id, 'Arn') });
}

function targetOf({ id, values, target }: EventSource, more: Record<'config' | 'roleArn', Value | undefined>): Value {
  const { Target, Input, InputPath, InputTransformer, RetryPolicy } = values;
  const given = isObject(Target) ? Target.Id : undefined;
  return compact({
    Arn: target.arn,
    Id: given ?? `${id}${target.name === undefined ? 'StepFunctions' : 'Lambda'}Target`,
    RoleArn: more.roleArn,
    Input,
    InputPath,
    InputTransformer,
    DeadLetterConfig: more.config,
    RetryPolicy,
  });
}

function stateOf(event: EventSource): Value | undefined {
  const { State, Enabled } = event.values;
  if (State !== undefined && Enabled !== undefined) {
    throw faultOf(event, 'State and Enabled Properties cannot both be specified.');
  }
  return Enabled === undefined ? State : Enabled ? 'ENABLED' : 'DISABLED';
}

/** The role by which a rule starts a state machine. */
function startingRole(expansion: Expansion, event: EventSource): Value {
  return event.values.RoleArn ?? addStartingRole(expansion, event, 'events.amazonaws.com');
}

/** Adds a role that lets a service start the state machine. Returns its ARN. */
export function addStartingRole(expansion: Expansion, { id, target }: EventSource, service: string): Value {
  const role = addRole(expansion, {
    id: `${id}Role`,
    service,
    policies: [allowing(`${id}RoleStartExecutionPolicy`, 'states:StartExecution', target.arn)],
    permissionsBoundary: target.permissionsBoundary,
    tags: target.tags,
    attributes: target.attributes,
  });
  return getAtt(role, 'Arn');
}
