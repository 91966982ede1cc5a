/*
 * What a command is, and its options: read by node:util's parseArgs, with words of our own where they are wrong.
 */
import { parseArgs } from 'node:util';
import { columns, paint } from './terminal.ts';

export interface Option {
  /** Its value as help names it, e.g. `PORT`; a switch without one. */
  readonly value?: string;
  readonly help: string;
  /** Whether it may be given several times. */
  readonly multiple?: boolean;
}

export interface Command {
  readonly name: string;
  /** What it does, in a sentence or two. */
  readonly about: string;
  readonly options: Readonly<Record<string, Option>>;
  /** What it takes beside options, as help names it; nothing when absent. */
  readonly operands?: string;
  /** Whether the first operand ends the options: what follows it is another command's. */
  readonly passesOn?: boolean;
  /** Command lines, each with what it is for. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  /** Answers the exit code. */
  run(values: Values, operands: readonly string[]): Promise<number>;
}

/** Options as given: texts of those with a value, all of them in order. */
export type Values = Readonly<Record<string, readonly string[] | true | undefined>>;

/** Something that the user can put right; the message says how, in one line. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line makes no sense. */
export class UsageError extends CommandError {
  constructor(message: string) {
    super(message, 2);
  }
}

const HELP: Option = { help: 'Say all this' };

/** Reads a command's arguments. */
export function parseOptions(command: Command, args: readonly string[]): { values: Values; operands: string[] } {
  const options = { ...command.options, help: HELP };
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(
        Object.entries(options).map(([name, { value }]) => [name, { type: value ? 'string' : 'boolean' } as const]),
      ),
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    tokens: true,
  });
  const values: Record<string, string[] | true> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') {
      const rest = args.slice(token.kind === 'option-terminator' ? token.index + 1 : token.index);
      if (command.operands === undefined && rest.length > 0) throw noOperands(command, rest[0]!);
      if (command.passesOn || token.kind === 'option-terminator') return { values, operands: [...operands, ...rest] };
      operands.push(token.value);
      continue;
    }
    const { name, rawName, value } = token;
    const option = Object.hasOwn(options, name) ? options[name as keyof typeof options] : undefined;
    if (!option) throw unknownOption(command, rawName);
    if (!option.value) {
      if (value !== undefined) throw usage(command, `${rawName} takes no value.`);
      values[name] = true;
      continue;
    }
    const example = `${rawName} ${option.value}`;
    if (value === undefined || value === '') throw usage(command, `${rawName} needs a value: ${example}.`);
    if (!token.inlineValue && value.startsWith('-')) throw usage(command, `${rawName} needs a value: ${example}.`);
    const before = values[name];
    if (Array.isArray(before) && !option.multiple) throw usage(command, `${rawName} is given twice.`);
    values[name] = [...(Array.isArray(before) ? before : []), value];
  }
  return { values, operands };
}

/** The value of an option that is given once. */
export function textOf(values: Values, name: string): string | undefined {
  const given = values[name];
  return Array.isArray(given) ? given[0] : undefined;
}

/** All values of an option. */
export function textsOf(values: Values, name: string): readonly string[] {
  const given = values[name];
  return Array.isArray(given) ? given : [];
}

/** A TCP port; 0 takes a free one. */
export function portOf(values: Values, fallback: number): number {
  const text = textOf(values, 'port');
  if (text === undefined) return fallback;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`${text} is not a port. Give one from 1 to 65535, or 0 for any that is free.`);
}

export function commandHelp({ name, about, options, operands, examples }: Command): string {
  const rows = Object.entries({ ...options, help: HELP }).map(
    ([option, { value, help, multiple }]) =>
      [`--${option}${value ? ` ${value}${multiple ? '…' : ''}` : ''}`, help] as const,
  );
  return [
    about,
    '',
    `${paint('bold', 'Usage:')} carillon ${name} [OPTIONS]${operands ? ` ${operands}` : ''}`,
    '',
    paint('bold', 'Options:'),
    ...columns(rows),
    '',
    paint('bold', 'Examples:'),
    ...columns(examples, (commandLine) => paint('cyan', commandLine)),
  ].join('\n');
}

function unknownOption(command: Command, rawName: string): UsageError {
  const names = Object.keys(command.options).map((name) => `--${name}`);
  const list = names.length > 0 ? ` It has ${names.join(', ')}.` : '';
  return usage(command, `carillon ${command.name} has no option ${rawName}.${list}`);
}

function noOperands(command: Command, operand: string): UsageError {
  return usage(command, `carillon ${command.name} takes options only, not ${operand}.`);
}

function usage({ name }: Command, problem: string): UsageError {
  return new UsageError(`${problem} See carillon ${name} --help.`);
}
