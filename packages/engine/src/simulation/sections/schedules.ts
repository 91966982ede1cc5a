/*
 * Schedules, of rules and of the Scheduler: how often each rang, how late what it rings began, which targets it missed,
 * and how often it ran into itself.
 */
import type { Engine, Input, Output, Scope } from '../../engine.ts';
import { parseArn } from '../../kernel/arn.ts';
import { getOrMake } from '../../kernel/maps.ts';
import { ringBehind, ringOf } from '../causes.ts';
import { createDistribution, type Distribution, type Histogram, type Summary } from '../distribution.ts';
import { invocationOf } from '../invocation.ts';
import { createOverlapCounter } from '../overlaps.ts';
import { allPages, type Finding, type Section } from '../section.ts';
import { sorted, sum } from '../tallies.ts';

export interface ScheduleReport {
  readonly arn: string;
  readonly name: string;
  /** `rate(5 minutes)`; null once the rule or schedule is gone. */
  readonly expression: string | null;
  readonly rings: number;
  /** First attempts of functions and deliveries to other targets that rings led to. */
  readonly arrivals: number;
  /** How long after its ring was due each of these began, in milliseconds. */
  readonly lateness: Summary | null;
  readonly latenessHistogram: Histogram | null;
  /** How often a target did not get what a ring sent. */
  readonly missed: number;
  /** Runs that began while a run of an earlier ring still went on, of the same function. */
  readonly overlaps: number;
}

type Rule = NonNullable<Output<'eventbridge', 'ListRules'>['Rules']>[number];
type Target = NonNullable<Input<'eventbridge', 'PutTargets'>['Targets']>[number];

/** What rings: a rule, or a schedule of the Scheduler. */
interface Bell {
  readonly arn: string;
  /** What to call it: `The rule nightly`. */
  readonly title: string;
  readonly expression: string | undefined;
  readonly disabled: boolean;
  readonly targets: number;
}

interface Tally {
  rings: number;
  missed: number;
  readonly lateness: Distribution;
  /** By the function's ARN. */
  readonly overlaps: Map<string, ReturnType<typeof createOverlapCounter>>;
}

const BINS = 30;

export const schedules: Section<readonly ScheduleReport[]> = (surroundings) => {
  const { meter } = surroundings;
  /** By the ARN of the rule or schedule. */
  const tallies = new Map<string, Tally>();
  const tallyOf = (arn: string) => getOrMake(tallies, arn, emptyTally);

  return {
    hear(note) {
      const ring = ringOf(note);
      if (ring) {
        tallyOf(ring.arn).rings++;
        const item = parseArn(ring.arn)!.service === 'scheduler' ? 'scheduler.invocations' : 'eventbridge.scheduled';
        meter(item, ring.arn, 1, note.at);
        return;
      }
      const run = invocationOf(note);
      const reachesFunction = parseArn(note.subject)?.service === 'lambda';
      const delivered = note.kind === 'delivery' && note.outcome === 'ok' && !reachesFunction;
      const lost = note.detail?.givenUp === true || (note.kind === 'discarded' && note.detail?.attempts === 0);
      if (!run && !delivered && !lost) return;
      const behind = ringBehind(surroundings, note);
      if (!behind) return;
      const tally = tallyOf(behind.arn);
      if (lost) tally.missed++;
      if (delivered) tally.lateness.add(note.at - behind.due);
      if (!run) return;
      if (run.attempt === 1) tally.lateness.add(run.startedAt - behind.due);
      const overlaps = getOrMake(tally.overlaps, run.functionArn, createOverlapCounter);
      overlaps.add({ due: behind.due, start: run.startedAt, end: Math.floor(note.at + note.tookMs) });
    },
    async tell(engine, scopes) {
      const rules = await listRules(engine, scopes);
      const bells = [
        ...rules.map(({ rule, targets }) => bellOf(rule, targets)),
        ...(await listSchedules(engine, scopes)),
      ];
      for (const { arn, expression } of bells) if (expression) tallyOf(arn);
      const expressions = new Map(bells.map(({ arn, expression }) => [arn, expression]));
      const data = sorted(tallies).map(([arn, tally]) => reportOf(arn, expressions.get(arn), tally));
      const reports = new Map(data.map((report) => [report.arn, report]));
      return { data, findings: bells.flatMap((bell) => findingsOf(bell, reports.get(bell.arn))) };
    },
  };
};

function bellOf({ Name, Arn, ScheduleExpression, State }: Rule, targets: readonly Target[]): Bell {
  const title = `The rule ${Name}`;
  const disabled = State === 'DISABLED';
  return { arn: Arn!, title, expression: ScheduleExpression, disabled, targets: targets.length };
}

function emptyTally(): Tally {
  return { rings: 0, missed: 0, lateness: createDistribution(), overlaps: new Map() };
}

function reportOf(arn: string, expression: string | undefined, tally: Tally): ScheduleReport {
  const { rings, missed, lateness, overlaps } = tally;
  const summary = lateness.summary();
  return {
    arn,
    name: arn.split('/').at(-1)!,
    expression: expression ?? null,
    rings,
    arrivals: summary?.count ?? 0,
    lateness: summary ?? null,
    latenessHistogram: lateness.histogram(BINS) ?? null,
    missed,
    overlaps: sum([...overlaps.values()].map((counter) => counter.count())),
  };
}

function findingsOf({ arn, title, targets, disabled }: Bell, report: ScheduleReport | undefined): Finding[] {
  if (!report) return [];
  const { expression, rings, overlaps, missed } = report;
  const about = (text: string) => ({ about: arn, text: `${title} ${text}` });
  if (rings === 0 && disabled) return [about('never rang: it is disabled.')];
  if (rings === 0) return [about(`never rang: ${expression} has no moment in this span.`)];
  return [
    ...(targets === 0 ? [about(`rang ${times(rings)}, and has no target.`)] : []),
    ...(missed > 0 ? [about(`missed a target ${times(missed)}.`)] : []),
    ...(overlaps > 0
      ? [about(`overlaps itself: ${times(overlaps)}, a run began before an earlier one had ended.`)]
      : []),
  ];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count.toLocaleString('en')} times`;
}

async function listRules(engine: Engine, scopes: readonly Scope[]): Promise<{ rule: Rule; targets: Target[] }[]> {
  const lists = scopes.map(async (scope) => {
    const rules = await allPages(async (NextToken: string | undefined) => {
      const page = await engine.call('eventbridge', 'ListRules', { NextToken }, scope);
      return { items: page.Rules, next: page.NextToken };
    });
    return Promise.all(rules.map(async (rule) => ({ rule, targets: await listTargets(engine, rule, scope) })));
  });
  return (await Promise.all(lists)).flat();
}

async function listTargets(engine: Engine, { Name: Rule, EventBusName }: Rule, scope: Scope): Promise<Target[]> {
  return allPages(async (NextToken: string | undefined) => {
    const page = await engine.call('eventbridge', 'ListTargetsByRule', { Rule, EventBusName, NextToken }, scope);
    return { items: page.Targets, next: page.NextToken };
  });
}

async function listSchedules(engine: Engine, scopes: readonly Scope[]): Promise<Bell[]> {
  const lists = scopes.map(async (scope) => {
    const schedules = await allPages(async (NextToken: string | undefined) => {
      const page = await engine.call('scheduler', 'ListSchedules', { NextToken }, scope);
      return { items: page.Schedules, next: page.NextToken };
    });
    const bells = schedules.map(async ({ Name, GroupName, Arn, State }): Promise<Bell> => {
      const { ScheduleExpression } = await engine.call('scheduler', 'GetSchedule', { Name, GroupName }, scope);
      const title = `The schedule ${Name}`;
      return { arn: Arn!, title, expression: ScheduleExpression, disabled: State === 'DISABLED', targets: 1 };
    });
    return Promise.all(bells);
  });
  return (await Promise.all(lists)).flat();
}
