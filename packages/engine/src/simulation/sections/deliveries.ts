/* Deliveries: what was sent to each target, how often it failed, and what was given up. */
import { getOrMake } from '../../kernel/maps.ts';
import type { Finding, Section } from '../section.ts';
import { increase, sorted, sum, tallied } from '../tallies.ts';

export interface DeliveryReport {
  readonly targetArn: string;
  readonly delivered: number;
  /** Attempts that failed, by what the target answered. */
  readonly failures: Readonly<Record<string, number>>;
  /** Failed attempts that were followed by another. */
  readonly retries: number;
  readonly givenUp: number;
  /** How many of those became dead letters. */
  readonly deadLetters: number;
}

interface Tally {
  delivered: number;
  givenUp: number;
  deadLetters: number;
  readonly failures: Map<string, number>;
}

export const deliveries: Section<readonly DeliveryReport[]> = () => {
  const tallies = new Map<string, Tally>();
  return {
    hear({ kind, subject, outcome, detail }) {
      if (kind !== 'delivery') return;
      const tally = getOrMake(tallies, subject, emptyTally);
      if (outcome === 'ok') tally.delivered++;
      else increase(tally.failures, outcome);
      if (detail?.givenUp === true) tally.givenUp++;
      if (detail?.deadLetterArn !== undefined) tally.deadLetters++;
    },
    tell() {
      const data = sorted(tallies).map(([targetArn, tally]) => reportOf(targetArn, tally));
      return { data, findings: data.flatMap(findingsOf) };
    },
  };
};

function emptyTally(): Tally {
  return { delivered: 0, givenUp: 0, deadLetters: 0, failures: new Map() };
}

function reportOf(targetArn: string, { failures, ...counts }: Tally): DeliveryReport {
  return { targetArn, ...counts, failures: tallied(failures), retries: sum(failures.values()) - counts.givenUp };
}

function findingsOf({ targetArn, givenUp, deadLetters, failures }: DeliveryReport): Finding[] {
  if (givenUp === 0) return [];
  const deliveries = givenUp === 1 ? '1 delivery' : `${givenUp} deliveries`;
  const fate = deadLetters === givenUp ? 'became dead letters' : 'got lost';
  const reasons = Object.keys(failures).join(', ');
  return [{ about: targetArn, text: `${deliveries} to ${targetArn} ${fate}: ${reasons}.` }];
}
