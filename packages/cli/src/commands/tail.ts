/* `carillon tail`: what happens in the engine that is up, as it happens. */
import { followJournal, type ToldNote } from '../control.ts';
import { type Hop, hopOf, isFailure } from '../hops.ts';
import { type Command, textOf, textsOf, UsageError, type Values } from '../options.ts';
import { ENGINE_OPTIONS, namedEndpointOf } from '../running.ts';
import { stopSignal } from '../signals.ts';
import { tailHeader, tailLine } from '../tail-line.ts';
import { isTerminal } from '../terminal.ts';

/** What can be asked for, in the words of the lines, and the notes that these are made of. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  call: ['call', 'request'],
  ring: ['due'],
  deliver: ['delivery', 'email', 'sms'],
  run: ['invocation', 'refusal'],
  batch: ['batch'],
  redrive: ['redrive'],
  'give up': ['discarded'],
};

export const tail: Command = {
  name: 'tail',
  about: `Shows what happens as it happens, each with what caused it: calls, rings of schedules, deliveries, runs of
functions, batches, and what is given up. Ctrl-C ends it.`,
  options: {
    function: { value: 'NAME', help: 'Only what is about this function' },
    rule: { value: 'NAME', help: 'Only what is about this rule or schedule' },
    kind: { value: 'KIND', help: `Only this: ${Object.keys(KINDS).join(', ')}`, multiple: true },
    failed: { help: 'Only what went wrong' },
    ...ENGINE_OPTIONS,
    json: { help: 'Print the notes as JSON, one a line' },
  },
  examples: [
    ['carillon tail', 'everything'],
    ['carillon tail --kind ring --kind run', 'schedules and functions'],
    ['carillon tail --function till --failed', 'what goes wrong with a function'],
    ["carillon tail --json | jq 'select(.tookMs > 100)'", 'for programs'],
  ],

  async run(values) {
    const endpoint = namedEndpointOf(values);
    const kinds = kindsOf(values);
    const controller = new AbortController();
    void stopSignal().then(() => controller.abort());
    const onReady = () => {
      if (values.json) return;
      console.log(tailHeader());
    };
    for await (const note of followJournal(endpoint, { ...(kinds && { kinds }), signal: controller.signal, onReady })) {
      const hop = hopOf(note);
      if (!hop || !isWanted(values, note, hop)) continue;
      console.log(values.json ? JSON.stringify(note) : tailLine(note, hop));
    }
    // A terminal has just shown ^C.
    if (isTerminal()) console.log();
    return 0;
  },
};

function kindsOf(values: Values): string[] | undefined {
  const wanted = textsOf(values, 'kind');
  if (wanted.length === 0) return undefined;
  return wanted.flatMap((kind) => {
    if (Object.hasOwn(KINDS, kind)) return KINDS[kind]!;
    throw new UsageError(`There is no kind ${kind}. There are ${Object.keys(KINDS).join(', ')}.`);
  });
}

function isWanted(values: Values, note: ToldNote, hop: Hop): boolean {
  if (values.failed && !isFailure(hop)) return false;
  const [ofFunction, ofRule] = [textOf(values, 'function'), textOf(values, 'rule')];
  const texts = [note.subject, ...Object.values(note.detail ?? {})].filter((text) => typeof text === 'string');
  if (ofFunction !== undefined && !texts.some((text) => isFunction(text, ofFunction))) return false;
  return ofRule === undefined || texts.some((text) => isRule(text, ofRule));
}

function isFunction(text: string, name: string): boolean {
  const [prefix, , service, , , type, is] = text.split(':');
  return prefix === 'arn' && service === 'lambda' && type === 'function' && is === name;
}

function isRule(text: string, name: string): boolean {
  return (
    /^(arn:[^:]*:(events|scheduler):|(eventbridge\.tick|scheduler\.ring) )/.test(text) && text.endsWith(`/${name}`)
  );
}
