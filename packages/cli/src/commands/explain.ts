/* `carillon explain`: why an event matches the rules of a bus, or does not, and what their targets get. */
import { EventError } from '@carillon/engine/languages';
import { AwsRefusal, accountOfEnvironment, awsOf, type CallAws, regionOfEnvironment } from '../aws.ts';
import { isThere, rulesOf, targetsOf } from '../bus.ts';
import { controlOf } from '../control.ts';
import {
  explainPattern,
  explainRule,
  explainTarget,
  inOrder,
  type RuleReport,
  type TargetReport,
  wordsFor,
} from '../explanation.ts';
import { type GivenEvent, readGiven, wholeEvent } from '../given-event.ts';
import { type Command, CommandError, textOf, UsageError, type Values } from '../options.ts';
import { ENGINE_OPTIONS, namedEndpointOf } from '../running.ts';
import { columns, paint } from '../terminal.ts';

/** How many rules that an event does not match are told of, unless one is named. */
const TOLD = 10;
/** How much of what a target gets is shown, in characters, unless the rule is named. */
const SHOWN = 160;
/** How much of what a field is asked for is shown, in characters. */
const WANTED = 60;
const EPOCH = '1970-01-01T00:00:00Z';

export const explain: Command = {
  name: 'explain',
  about: `Tells which rules of an event bus an event matches and what their targets get; of the others, which field
failed and how near it was, the nearest first. Nothing is sent.

EVENT is a file, - for standard input, or JSON in quotes: a whole event, a part of one, or an entry of PutEvents.
What a bus would add is added, and told. The exit code is 0 when a rule matches, 1 when none does, 2 when something
is wrong.`,
  operands: 'EVENT',
  options: {
    rule: { value: 'NAME', help: 'This rule alone, with all that its targets get' },
    bus: { value: 'NAME', help: 'The event bus, by its name or ARN (default)' },
    pattern: { value: 'FILE', help: 'A pattern instead of the rules of a bus, without an engine' },
    ...ENGINE_OPTIONS,
    json: { help: 'Print it as JSON' },
  },
  examples: [
    ['carillon explain order.json', 'with all rules of the default event bus'],
    ['carillon explain order.json --rule paid --bus shop', 'with one of them'],
    [`carillon explain '{"source": "shop", "detail": {"paid": true}}'`, 'what is missing gets a default'],
    ['carillon explain - --pattern pattern.json < order.json', 'before there is a rule'],
  ],

  async run(values, [given, ...more]) {
    if (given === undefined) {
      throw new UsageError(`Which event? carillon explain event.json, or carillon explain '{"source": "shop"}'.`);
    }
    if (more.length > 0) throw new UsageError(`One event at a time, not ${more[0]} too. Put JSON in quotes.`);
    try {
      const told = await (values.pattern ? byPattern(values, given) : byRules(values, given));
      print(told, values);
      return told.rules.some(({ matches }) => matches) ? 0 : 1;
    } catch (error) {
      throw explained(error);
    }
  },
};

interface Told {
  readonly event: GivenEvent;
  readonly rules: readonly RuleReport[];
  /** What the rules are of. */
  readonly of: string;
}

async function byPattern(values: Values, given: string): Promise<Told> {
  for (const other of ['rule', 'bus', 'endpoint', 'port']) {
    if (values[other]) throw new UsageError(`--pattern stands for the rules of a bus: leave out --${other}.`);
  }
  const file = textOf(values, 'pattern')!;
  if (file === '-' && given === '-') throw new UsageError('Only one of the two can come from standard input.');
  const pattern = await readGiven(file, 'pattern');
  const around = { account: '000000000000', region: regionOfEnvironment(), time: EPOCH };
  const event = wholeEvent(await readGiven(given), around);
  const name = /^\s*[{[]/.test(file) ? 'the pattern' : file;
  return { event, rules: [explainPattern(name, pattern, event.json)], of: name };
}

async function byRules(values: Values, given: string): Promise<Told> {
  const endpoint = namedEndpointOf(values);
  const [bus, name] = [textOf(values, 'bus') ?? 'default', textOf(values, 'rule')];
  const text = await readGiven(given);
  const { now } = (await controlOf(endpoint)('clock')) as { now: string };
  const time = `${now.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
  const event = wholeEvent(text, { account: accountOfEnvironment(), region: regionOfEnvironment(), time });
  const call = awsOf(endpoint);
  const rules = await rulesOf(call, bus, name);
  const reports: RuleReport[] = [];
  for (const rule of rules) {
    const report = explainRule(rule, event.json);
    if (!report.matches) reports.push(report);
    else {
      const targets = (await targetsOf(call, bus, rule.Name)).map((one) => explainTarget(one, rule, event.json, time));
      reports.push({ ...report, targets: await Promise.all(targets.map((target) => looked(call, target))) });
    }
  }
  return { event, rules: inOrder(reports), of: bus };
}

async function looked(call: CallAws, target: TargetReport): Promise<TargetReport> {
  const there = await isThere(call, target.arn);
  return there === undefined ? target : { ...target, isThere: there };
}

/** Whatever is wrong is not that nothing matches: it has an exit code of its own. */
function explained(error: unknown): unknown {
  if (error instanceof EventError) return new CommandError(`No bus takes this event. ${error.message}`, 2);
  if (error instanceof AwsRefusal) return new CommandError(`The engine refuses: ${error.message} (${error.code})`, 2);
  return error instanceof CommandError && error.exitCode === 1 ? new CommandError(error.message, 2) : error;
}

function print(told: Told, values: Values): void {
  if (values.json) {
    const { event, rules } = told;
    const { json, added, lacking } = event;
    console.log(
      JSON.stringify({ event: JSON.parse(json), added, lacking, matches: rules.some((one) => one.matches), rules }),
    );
    return;
  }
  const named = values.rule !== undefined || values.pattern !== undefined;
  const matching = told.rules.filter(({ matches }) => matches);
  const others = told.rules.filter(({ matches }) => !matches);
  const lines = [
    ...eventLines(told.event),
    ...matching.flatMap((report) => matchLines(report, named)),
    ...others.slice(0, named ? undefined : TOLD).flatMap(missLines),
    ...(!named && others.length > TOLD ? [`${others.length - TOLD} more come less near: all are in --json.`, ''] : []),
    summaryOf(told, matching.length, named),
  ];
  console.log(lines.join('\n'));
}

function eventLines({ added, lacking }: GivenEvent): string[] {
  const lines = [
    ...(added.length > 0 ? [paint('dim', `Added to the event, as a bus does: ${added.join(', ')}.`)] : []),
    ...(lacking.length > 0 ? [paint('yellow', `PutEvents takes no event without ${lacking.join(' and ')}.`)] : []),
  ];
  return lines.length > 0 ? [...lines, ''] : [];
}

function summaryOf({ rules, of }: Told, matching: number, named: boolean): string {
  if (named) return matching > 0 ? 'It matches.' : 'It does not match.';
  if (rules.length === 0) return `The event bus ${of} has no rules. Make one with aws events put-rule.`;
  return `${matching} of ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'} of the event bus ${of} ${matching === 1 ? 'matches' : 'match'}.`;
}

function matchLines(report: RuleReport, whole: boolean): string[] {
  const { rule, rings, targets } = report;
  const but = rings ? '' : `, but the rule is disabled: aws events enable-rule --name ${rule}`;
  const head = `${paint('green', '✓')} ${paint('bold', rule)}  matches${but}`;
  if (targets?.length === 0)
    return [head, '  It has no targets, so nobody gets the event: aws events put-targets.', ''];
  return [head, ...fieldLines(report), ...(targets ?? []).flatMap((target) => targetLines(target, whole)), ''];
}

function targetLines({ id, arn, isThere: there, input, fault }: TargetReport, whole: boolean): string[] {
  const missing = there === false ? paint('yellow', '  which is not there') : '';
  const head = `  → ${id}  ${arn}${missing}`;
  if (fault !== undefined) return [head, `    ${paint('yellow', fault)}`];
  const shown = whole ? input! : cut(input!, SHOWN);
  return [head, ...shown.split('\n').map((line) => paint('dim', `    ${line}`))];
}

function missLines(report: RuleReport): string[] {
  const { rule, schedule, state, nearness, alternatives } = report;
  const [nearest] = alternatives;
  const mark = `${paint('red', '✗')} ${paint('bold', rule)}`;
  if (!nearest) return [`${mark}  has no pattern: it rings by ${schedule} alone`, ''];
  const met = nearest.fields.filter((field) => field.isMet).length;
  const percent = Math.min(99, Math.round(nearness * 100));
  const fields = nearest.fields.length === 1 ? 'field' : 'fields';
  const disabled = state === 'DISABLED' ? ', and the rule is disabled' : '';
  return [
    `${mark}  ${met} of ${nearest.fields.length} ${fields} met, ${percent} % near${disabled}`,
    ...fieldLines(report),
    ...(nearest.onlyApart ? ['  All are met, but by different elements of the same array.'] : []),
    ...(alternatives.length > 1 ? [`  This is the nearest of ${alternatives.length} alternatives ($or).`] : []),
    '',
  ];
}

/** The fields of the nearest alternative: what is asked for, and what the event has. */
function fieldLines({ alternatives }: RuleReport): string[] {
  const rows = (alternatives[0]?.fields ?? []).map((field) => {
    const mark = field.isMet ? paint('green', '✓') : paint('red', '✗');
    const words = field.isMet ? wordsFor(field) : paint('yellow', wordsFor(field));
    return { mark, path: field.path, rest: [cut(field.wanted, WANTED), words] as const };
  });
  const lines = columns(rows.map(({ rest }) => rest));
  const width = Math.max(0, ...rows.map(({ path }) => path.length));
  return rows.map(({ mark, path }, index) => `  ${mark} ${path.padEnd(width)}${lines[index]}`);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
