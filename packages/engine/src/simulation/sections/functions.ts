/* Functions: how often each ran, how long it took, what went wrong, and what its runs are billed as. */

import type { Engine, Scope } from '../../engine.ts';
import { getOrMake } from '../../kernel/maps.ts';
import { createDistribution, type Distribution, type Summary } from '../distribution.ts';
import { functionName, type Invocation, invocationOf } from '../invocation.ts';
import { type Assumption, allPages, type Finding, type Section } from '../section.ts';
import { increase, sorted, sum, tallied } from '../tallies.ts';

export interface FunctionReport {
  readonly arn: string;
  readonly name: string;
  /** As configured at last. */
  readonly memoryMb: number;
  /** Runs, retries and failures included. */
  readonly runs: number;
  readonly coldStarts: number;
  readonly failures: number;
  /** How many runs ended in each type of error. */
  readonly errors: Readonly<Record<string, number>>;
  /** Runs that were refused for want of concurrency. */
  readonly throttles: number;
  /** Runs that were attempts after the first. */
  readonly retries: number;
  /** Events that were given up, and how many of them became dead letters. */
  readonly discarded: number;
  readonly deadLetters: number;
  /** In milliseconds. */
  readonly duration: Summary | null;
  /** Of the Init phases of cold starts, in milliseconds. */
  readonly init: Summary | null;
}

interface Tally {
  memoryMb: number;
  coldStarts: number;
  retries: number;
  throttles: number;
  discarded: number;
  deadLetters: number;
  runs: number;
  readonly errors: Map<string, number>;
  readonly duration: Distribution;
  readonly init: Distribution;
}

const THROTTLED = 429;

export const functions: Section<readonly FunctionReport[]> = ({ meter, assumptionOf }) => {
  const tallies = new Map<string, Tally>();
  const tallyOf = (arn: string) => getOrMake(tallies, arn, emptyTally);

  function ran(run: Invocation): void {
    const { functionArn, outcome, durationMs, initDurationMs, startedAt, memoryMb, architecture } = run;
    const tally = tallyOf(functionArn);
    tally.memoryMb = memoryMb;
    tally.runs++;
    if (run.cold) tally.coldStarts++;
    if (run.attempt > 1) tally.retries++;
    if (outcome !== 'ok') increase(tally.errors, outcome);
    tally.duration.add(durationMs);
    if (initDurationMs !== undefined) tally.init.add(initDurationMs);
    meter('lambda.requests', functionArn, 1, startedAt);
    const metered = meteredOf(run, assumptionOf(functionName(functionArn)));
    meter(`lambda.compute.${architecture}`, functionArn, metered, startedAt);
  }

  return {
    hear(note) {
      const run = invocationOf(note);
      if (run) return ran(run);
      if (note.kind === 'refusal' && note.detail?.status === THROTTLED) tallyOf(note.subject).throttles++;
      if (note.kind !== 'discarded') return;
      const tally = tallyOf(note.subject);
      tally.discarded++;
      if (note.detail?.deadLetterArn !== undefined) tally.deadLetters++;
    },
    async tell(engine, scopes) {
      for (const { FunctionArn, MemorySize } of await listFunctions(engine, scopes)) {
        tallyOf(FunctionArn!).memoryMb = MemorySize!;
      }
      const data = sorted(tallies).map(([arn, tally]) => reportOf(arn, tally));
      return { data, findings: data.flatMap(findingsOf) };
    },
  };
};

/** Of memory in MB, and billed time in milliseconds. */
function meteredOf({ billedDurationMs, initDurationMs = 0, memoryMb }: Invocation, assumed: Assumption): number {
  const { durationMs } = assumed;
  const billedMs = durationMs === undefined ? billedDurationMs : Math.max(1, Math.ceil(durationMs + initDurationMs));
  return billedMs * (assumed.memoryMb ?? memoryMb);
}

async function listFunctions(engine: Engine, scopes: readonly Scope[]) {
  const lists = scopes.map((scope) =>
    allPages(async (Marker: string | undefined) => {
      const page = await engine.call('lambda', 'ListFunctions', { Marker }, scope);
      return { items: page.Functions, next: page.NextMarker };
    }),
  );
  return (await Promise.all(lists)).flat();
}

function emptyTally(): Tally {
  const counts = { memoryMb: 0, coldStarts: 0, retries: 0, throttles: 0, discarded: 0, deadLetters: 0, runs: 0 };
  return { ...counts, errors: new Map(), duration: createDistribution(), init: createDistribution() };
}

function reportOf(arn: string, { errors, duration, init, ...counts }: Tally): FunctionReport {
  return {
    arn,
    name: functionName(arn),
    ...counts,
    failures: sum(errors.values()),
    errors: tallied(errors),
    duration: duration.summary() ?? null,
    init: init.summary() ?? null,
  };
}

function findingsOf({
  arn,
  name,
  runs,
  failures,
  errors,
  throttles,
  discarded,
  deadLetters,
}: FunctionReport): Finding[] {
  const findings: string[] = [];
  if (runs === 0 && throttles === 0) findings.push(`The function ${name} never ran.`);
  if (runs > 0 && failures === runs) {
    findings.push(`Every run of the function ${name} failed: ${Object.keys(errors).join(', ')}.`);
  }
  if (throttles > 0) findings.push(`The function ${name} was throttled ${times(throttles)}.`);
  const lost = discarded - deadLetters;
  if (lost > 0) findings.push(`The function ${name} lost ${lost === 1 ? '1 event' : `${lost} events`}.`);
  if (deadLetters === 1) findings.push(`1 event of the function ${name} became a dead letter.`);
  if (deadLetters > 1) findings.push(`${deadLetters} events of the function ${name} became dead letters.`);
  return findings.map((text) => ({ about: arn, text }));
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
