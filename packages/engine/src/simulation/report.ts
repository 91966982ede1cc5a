/*
 * The report of a simulation: gathered from the journal while it runs, in memory that does not grow with the span.
 */
import type { Engine, Scope } from '../engine.ts';
import { isoMillis } from '../kernel/clock.ts';
import { getOrMake } from '../kernel/maps.ts';
import { type Bill, billOf } from './costs/bill.ts';
import { createUsage } from './costs/usage.ts';
import type { Assumption, Finding, Listener, Section, Span, Told } from './section.ts';
import { sections } from './sections.ts';

type Sections = { [Name in keyof typeof sections]: (typeof sections)[Name] extends Section<infer Data> ? Data : never };

/** Plain data, the same to the byte for the same app, span, seed, profile, inputs and assumptions. */
export interface Report extends Sections {
  /** ISO 8601; `to` is where the simulation ended. */
  readonly from: string;
  readonly to: string;
  /** How much time passed, in milliseconds. */
  readonly lastedMs: number;
  /** Whether it was interrupted before the whole span had passed. */
  readonly interrupted: boolean;
  readonly profile: string;
  readonly seed: string;
  /** What was taken for granted, by the function's name. */
  readonly assumptions: Readonly<Record<string, Assumption>>;
  /** What stood out. */
  readonly findings: readonly Finding[];
  readonly bill: Bill;
}

export interface ReportOptions {
  readonly span: Span;
  readonly profile: string;
  readonly seed: string;
  readonly assumptions: Readonly<Record<string, Assumption>>;
  readonly freeTier: boolean;
}

export interface Reporter {
  /** Stops listening, and makes the report; findings of others come first. */
  report(findings: readonly Finding[]): Promise<Report>;
}

/** Listens from now on. */
export function createReporter(engine: Engine, options: ReportOptions): Reporter {
  const { span, profile, seed, assumptions, freeTier } = options;
  const { usage, meter } = createUsage();
  const surroundings = { span, journal: engine.journal, meter, assumptionOf: assumptionsIn(assumptions) };
  const listeners = Object.entries(sections).map(
    ([name, section]) => [name, section(surroundings) as Listener<unknown>] as const,
  );
  const scopes = new Map<string, Scope>();
  const stop = engine.journal.subscribe((note) => {
    getOrMake(scopes, `${note.scope.account}/${note.scope.region}`, () => note.scope);
    for (const [, listener] of listeners) listener.hear(note);
  });

  return {
    async report(findings) {
      stop();
      const now = engine.clock.now();
      const told: [string, Told<unknown>][] = [];
      for (const [name, listener] of listeners) told.push([name, await listener.tell(engine, [...scopes.values()])]);
      return {
        from: isoMillis(span.from),
        to: isoMillis(now),
        lastedMs: now - span.from,
        interrupted: now < span.to,
        profile,
        seed,
        assumptions,
        ...(Object.fromEntries(told.map(([name, { data }]) => [name, data])) as unknown as Sections),
        findings: [...findings, ...told.flatMap(([, { findings: own = [] }]) => own)],
        bill: billOf(usage, { freeTier }),
      };
    },
  };
}

/** `*` stands for all functions that have no assumption of their own. */
function assumptionsIn(assumptions: Readonly<Record<string, Assumption>>): (functionName: string) => Assumption {
  const byName = new Map(Object.entries(assumptions));
  return (name) => byName.get(name) ?? byName.get('*') ?? {};
}
