/*
 * An InputTemplate: JSON, or lines of text in quotes, with `<variables>`. It is read once into its pieces; what a
 * variable becomes depends on whether it stands within a string or in place of a value.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import { InputError } from './error.ts';

/** A template in pieces: what stands there, and the variables between. */
export type Template = readonly (string | Placeholder)[];

/** A place that a variable's value goes to. */
export interface Placeholder {
  variable: Variable;
  /** Whether it stands within quotes. */
  quoted: boolean;
}

/** What a variable stands for, `undefined` when the event has no such thing. */
export type Variable = (event: InputEvent, rule: RuleFacts) => Found | undefined;

/** A value as it goes into a template: a string as it is, or the JSON text of anything else. */
export interface Found {
  text: string;
  json: boolean;
}

/** An event as targets see it. */
export interface InputEvent {
  /** The event's JSON text. */
  json: string;
  /** The event's value, parsed when it is first asked for. */
  value: () => unknown;
}

/** What the predefined variables tell of the rule and its event. */
export interface RuleFacts {
  ruleArn: string;
  ruleName: string;
  /** ISO 8601. */
  ingestionTime: string;
}

/** The longest input that a template makes, in characters: an event may stand in it a thousand times over. */
const LONGEST_INPUT = 4 * 1024 * 1024;

/** A name in angle brackets; any other `<` is text. */
const PLACEHOLDER = /<([\w.-]+)>/g;

/**
 * Reads a template whose variables are known by name. Throws InputError, naming the target, on any other variable, and
 * unless the template is JSON when all of its variables are null, which is how AWS looks at it.
 */
export function parseTemplate(text: string, variables: ReadonlyMap<string, Variable>, targetId: string): Template {
  const pieces: (string | Placeholder)[] = [];
  let quoted = false;
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const variable = variables.get(match[1]!);
    if (!variable)
      throw new InputError(`InputTemplate for target ${targetId} contains invalid placeholder ${match[1]}.`);
    const before = text.slice(end, match.index);
    quoted = leavesQuoted(before, quoted);
    end = match.index + match[0].length;
    pieces.push(before, { variable, quoted });
  }
  pieces.push(text.slice(end));
  if (isJsonLines(text.replace(PLACEHOLDER, 'null'))) return pieces;
  throw new InputError(`Invalid InputTemplate for target ${targetId} : it is not a valid JSON text.`);
}

/** The text of a template for an event. A variable without a value leaves nothing in a string, and null elsewhere. */
export function renderTemplate(template: Template, event: InputEvent, rule: RuleFacts): string {
  let text = '';
  for (const piece of template) {
    text += typeof piece === 'string' ? piece : filled(piece, event, rule);
    if (text.length > LONGEST_INPUT) throw new InputError(`An input has at most ${LONGEST_INPUT} characters.`);
  }
  return text;
}

/** Strings are quoted where they stand alone but never escaped in a string; JSON in a string loses its quotes. */
function filled({ variable, quoted }: Placeholder, event: InputEvent, rule: RuleFacts): string {
  const found = variable(event, rule);
  if (!found) return quoted ? '' : 'null';
  if (quoted) return found.json ? found.text.replace(/\\*"/g, '') : found.text;
  return found.json ? found.text : JSON.stringify(found.text);
}

/** Whether one is within a string after some text, `quoted` telling whether one was before it. */
function leavesQuoted(text: string, quoted: boolean): boolean {
  const quotes = text.match(/\\.|"/gs)?.filter((token) => token === '"').length ?? 0;
  return quoted !== (quotes % 2 === 1);
}

/** Whether a text is one JSON value, or has one in each of its lines, which is how AWS takes text of several lines. */
function isJsonLines(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return isJson(text) || (lines.length > 0 && lines.every(isJson));
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
