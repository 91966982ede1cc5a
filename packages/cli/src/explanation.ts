/* How an event stands to rules: which it matches and what their targets get, and how near it comes to the others. */
import {
  compileInput,
  EventPatternError,
  type Explanation,
  explain,
  type FieldExplanation,
  InputError,
  parsePattern,
  render,
} from '@carillon/engine/languages';
import type { Rule, Target } from './bus.ts';
import { CommandError } from './options.ts';

/** How an event stands to a rule. */
export interface RuleReport {
  readonly rule: string;
  readonly matches: boolean;
  /** Whether what the rule's targets get is on its way: the event matches and the rule is enabled. */
  readonly rings: boolean;
  /** From 0 for nothing alike to 1 for a match. */
  readonly nearness: number;
  readonly state: string;
  /** Why there is nothing to compare: the rule has a schedule alone. */
  readonly schedule?: string;
  readonly alternatives: Explanation['alternatives'];
  readonly targets?: readonly TargetReport[];
}

/** What a target of a rule gets. */
export interface TargetReport {
  readonly id: string;
  readonly arn: string;
  /** Whether the target is there, as far as that can be told. */
  readonly isThere?: boolean;
  readonly input?: string;
  /** Why there is no input. */
  readonly fault?: string;
}

/** Compares an event, as JSON text, with a rule of a bus. */
export function explainRule(rule: Rule, event: string): RuleReport {
  const { Name, State, EventPattern, ScheduleExpression } = rule;
  const told = { rule: Name, state: State, ...(ScheduleExpression && { schedule: ScheduleExpression }) };
  if (!EventPattern) return { ...told, matches: false, rings: false, nearness: 0, alternatives: [] };
  // An archive's rule asks a little more than a client may.
  const { matches, alternatives } = explain(parsePattern(EventPattern, Number.POSITIVE_INFINITY), event);
  const rings = matches && State !== 'DISABLED';
  return { ...told, matches, rings, nearness: alternatives[0]!.nearness, alternatives };
}

/** Compares an event with a pattern that is not a rule's yet. Throws a CommandError, with AWS's words, on one that is none. */
export function explainPattern(name: string, pattern: string, event: string): RuleReport {
  try {
    return explainRule({ Name: name, Arn: '', State: 'ENABLED', EventPattern: parsePattern(pattern).text }, event);
  } catch (error) {
    if (!(error instanceof EventPatternError)) throw error;
    throw new CommandError(`AWS refuses this pattern. ${error.message}`, 2);
  }
}

/** What a target gets of an event that matches its rule. */
export function explainTarget(target: Target, rule: Rule, json: string, ingestionTime: string): TargetReport {
  const event = { json, value: () => JSON.parse(json) as unknown };
  const told = { id: target.Id, arn: target.Arn };
  try {
    const facts = { ruleArn: rule.Arn, ruleName: rule.Name, ingestionTime };
    return { ...told, input: render(compileInput(target), event, facts) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...told, fault: error.message };
  }
}

/** Matches first, then the nearest. */
export function inOrder(reports: readonly RuleReport[]): RuleReport[] {
  const rank = ({ matches, rings, nearness }: RuleReport) => Number(matches) + Number(rings) + nearness;
  return [...reports].sort((one, other) => rank(other) - rank(one));
}

/** What is wrong with a field, in a few words. */
export function wordsFor({ found, reason, reached, similar, path }: FieldExplanation): string {
  const values = found.join(', ');
  switch (reason) {
    case undefined:
      return values === '' ? 'is not there' : `is ${values}`;
    case 'missing':
      return `is missing${insteadOf(path, reached ?? '', similar)}`;
    case 'present':
      return `is there (${values}), and must not be`;
    case 'type':
      return `is ${values}: ${typeOf(found[0]!)}, which is not what is asked for`;
    case 'case':
      return `is ${values}: only upper and lower case differ`;
    default:
      return `is ${values}`;
  }
}

/** Where a path ends in the event, and how it may go on. */
function insteadOf(path: string, reached: string, similar: string | undefined): string {
  const head = reached === '' ? '' : `${reached}.`;
  if (similar !== undefined) return `; the event has ${head}${similar}`;
  if (reached === path) return '; what the event has there is an object or an empty array';
  return reached === '' ? '' : `; the event has ${reached}, and nothing of that name in it`;
}

function typeOf(json: string): string {
  if (json.startsWith('"')) return 'a string';
  if (json === 'null') return 'null';
  return /^[-\d]/.test(json) ? 'a number' : 'a boolean';
}
