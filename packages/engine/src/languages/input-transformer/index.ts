/*
 * What a rule's target gets to see of an event: all of it, a constant (`Input`), a part (`InputPath`) or something made
 * from its parts (`InputTransformer`). A target's input is compiled once and rendered for every event; what needs no
 * look into the event never parses it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
 */
import { InputError } from './error.ts';
import { follow, isWhole, type Path, parsePath } from './path.ts';
import {
  type Found,
  type InputEvent,
  isJson,
  parseTemplate,
  type RuleFacts,
  renderTemplate,
  type Template,
  type Variable,
} from './template.ts';

export type { InputEvent, RuleFacts };
export { InputError };

/** The part of PutTargets' Target that says what the target gets; one of the three at most. */
export interface TargetInput {
  /** Names the target in errors. */
  Id?: string | undefined;
  Input?: string | undefined;
  InputPath?: string | undefined;
  InputTransformer?: InputTransformer | undefined;
}

interface InputTransformer {
  InputPathsMap?: Record<string, string> | undefined;
  InputTemplate: string | undefined;
}

/** A target's input, ready to be rendered. */
export type CompiledInput =
  | { kind: 'event' }
  | { kind: 'constant'; text: string }
  | { kind: 'path'; path: Path }
  | { kind: 'template'; template: Template };

const WHOLE_EVENT: CompiledInput = { kind: 'event' };

/** The variables that every template has. An event's JSON is without its detail in one and complete in the other. */
const PREDEFINED: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ['aws.events.rule-arn', (_, { ruleArn }) => ({ text: ruleArn, json: false })],
  ['aws.events.rule-name', (_, { ruleName }) => ({ text: ruleName, json: false })],
  ['aws.events.event.ingestion-time', (_, { ingestionTime }) => ({ text: ingestionTime, json: false })],
  ['aws.events.event', (event) => found({ ...(event.value() as object), detail: undefined })],
  ['aws.events.event.json', (event) => ({ text: event.json, json: true })],
]);

/** Reads what a target's input is to be; throws InputError, in PutTargets' words, on one that cannot be used. */
export function compileInput(target: TargetInput): CompiledInput {
  const { Id: targetId = '', Input: text, InputPath: path, InputTransformer: transformer } = target;
  if ([text, path, transformer].filter((given) => given !== undefined).length > 1) {
    throw new InputError(`Only one of Input, InputPath, or InputTransformer must be provided for target ${targetId}.`);
  }
  if (text !== undefined) return constant(text, targetId);
  if (path !== undefined) return part(pathOf(path, targetId));
  if (transformer === undefined) return WHOLE_EVENT;
  const paths = Object.entries(transformer.InputPathsMap ?? {});
  const own = paths.map(([name, path]): [string, Variable] => [name, at(pathOf(path, targetId))]);
  const variables = new Map([...own, ...PREDEFINED]);
  return { kind: 'template', template: parseTemplate(transformer.InputTemplate ?? '', variables, targetId) };
}

/**
 * The JSON text that a target gets for an event. A constant comes byte for byte, a whole event as its own text, and
 * null for a path that leads nowhere. Throws InputError only when a template makes far more text than AWS delivers.
 */
export function render(input: CompiledInput, event: InputEvent, rule: RuleFacts): string {
  switch (input.kind) {
    case 'event':
      return event.json;
    case 'constant':
      return input.text;
    case 'path':
      return JSON.stringify(follow(input.path, event.value()) ?? null);
    case 'template':
      return renderTemplate(input.template, event, rule);
  }
}

function constant(text: string, targetId: string): CompiledInput {
  if (!isJson(text)) throw new InputError(`Input for target ${targetId} is not a valid JSON text.`);
  return { kind: 'constant', text };
}

function part(path: Path): CompiledInput {
  return isWhole(path) ? WHOLE_EVENT : { kind: 'path', path };
}

function pathOf(text: string, targetId: string): Path {
  if (!text.startsWith('$')) throw new InputError(`JSON path ${text} for target ${targetId} does not start with $.`);
  return parsePath(text);
}

/** The variable that stands for what a path leads to. */
function at(path: Path): Variable {
  if (isWhole(path)) return (event) => ({ text: event.json, json: true });
  return (event) => found(follow(path, event.value()));
}

function found(value: unknown): Found | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? { text: value, json: false } : { text: JSON.stringify(value), json: true };
}
