/*
 * What goes slowly or wrong on purpose: the delays and faults of a profile, and those that the user asks for.
 *
 * A profile gives distributions, as AWS's own delays look from outside; every draw comes from the engine's seeded
 * source. Without a profile, nothing is late and nothing fails.
 */
import { AwsError } from './errors.ts';
import type { Ids } from './ids.ts';

/** How long something takes. All figures in milliseconds. */
export type Distribution =
  | { readonly shape: 'uniform'; readonly from: number; readonly to: number }
  /** Drawn again while out of bounds. */
  | { readonly shape: 'normal'; readonly mean: number; readonly sd: number; readonly from: number; readonly to: number }
  /** Skewed, as latencies are; drawn again while above `to`. */
  | { readonly shape: 'lognormal'; readonly mean: number; readonly sd: number; readonly to: number };

/** The ways that a payload takes through AWS: from what to its target. */
export type Hop = 'schedule' | 'rule' | 'topic';

export interface Profile {
  readonly name: string;
  /** How late targets are reached, by what reaches them. */
  readonly delays?: Readonly<Partial<Record<Hop, Distribution>>>;
  /** How long the Init phase of a function takes, by the runtime's family: `nodejs`, `python`, `provided`. */
  readonly coldStarts?: Readonly<Record<string, Distribution>>;
  /** How long a sandbox is kept at most, however busy. */
  readonly sandboxLifetime?: Distribution;
  /** The share of deliveries that arrive twice, 0 to 1. */
  readonly duplicates?: number;
  /** The share of deliveries that are refused for now: by throttling, by an error of the service. */
  readonly throttles?: number;
  readonly errors?: number;
}

/** What a user wants to go wrong. */
export interface Fault {
  /** Whether it strikes the resource of an ARN. */
  readonly strikes: (arn: string) => boolean;
  /** `fails`: a function runs into an error. `down`: nothing reaches the resource. */
  readonly effect: 'fails' | 'down';
  /** The share of times, 0 to 1. */
  readonly share: number;
  /** Whether it is on at a moment, epoch milliseconds. */
  readonly isOn: (moment: number) => boolean;
}

export interface Weather {
  readonly profile: Profile;
  /** How late a target is reached, in milliseconds. */
  delayOf(hop: Hop | undefined): number;
  /** How long the Init phase of a runtime takes, in milliseconds; undefined to take it as it comes. */
  coldStartOf(runtime: string): number | undefined;
  /** How long a sandbox is kept at most, in milliseconds. */
  sandboxLifetime(): number;
  /** Whether a delivery arrives twice. */
  duplicates(): boolean;
  /** Why a delivery is refused for now. */
  refusalOf(targetArn: string, now: number): AwsError | undefined;
  /** Whether a run of a function is to fail. */
  fails(functionArn: string, now: number): boolean;
  /** Adds a fault; returns the function that takes it away. */
  add(fault: Fault): () => void;
}

/** How often a draw out of bounds is repeated before the bound itself is taken. */
const REDRAWS = 100;

export function createWeather(profile: Profile, ids: Ids): Weather {
  const faults = new Set<Fault>();
  const happens = (share: number | undefined) => share !== undefined && share > 0 && ids.random() < share;
  const struck = (arn: string, effect: Fault['effect'], now: number) =>
    [...faults].some(
      (fault) => fault.effect === effect && fault.isOn(now) && fault.strikes(arn) && happens(fault.share),
    );
  const draw = (distribution: Distribution | undefined) => (distribution ? drawFrom(distribution, ids) : undefined);
  return {
    profile,
    delayOf: (hop) => (hop === undefined ? 0 : Math.round(draw(profile.delays?.[hop]) ?? 0)),
    coldStartOf(runtime) {
      const family = Object.keys(profile.coldStarts ?? {}).find((name) => runtime.startsWith(name));
      return family === undefined ? undefined : draw(profile.coldStarts?.[family]);
    },
    sandboxLifetime: () => draw(profile.sandboxLifetime) ?? Number.POSITIVE_INFINITY,
    duplicates: () => happens(profile.duplicates),
    refusalOf(targetArn, now) {
      if (faults.size > 0 && struck(targetArn, 'down', now))
        return unavailable(`${targetArn} is down, as was asked for.`);
      if (happens(profile.throttles)) return new AwsError('ThrottlingException', 'Rate exceeded', { status: 429 });
      return happens(profile.errors) ? unavailable('The service is not available for now.') : undefined;
    },
    fails: (functionArn, now) => faults.size > 0 && struck(functionArn, 'fails', now),
    add(fault) {
      faults.add(fault);
      return () => faults.delete(fault);
    },
  };
}

function unavailable(message: string): AwsError {
  return new AwsError('ServiceUnavailable', message, { status: 503 });
}

function drawFrom(distribution: Distribution, ids: Ids): number {
  if (distribution.shape === 'uniform') return distribution.from + (distribution.to - distribution.from) * ids.random();
  const from = distribution.shape === 'normal' ? distribution.from : 0;
  for (let draws = 0; draws < REDRAWS; draws++) {
    const drawn = distribution.shape === 'normal' ? normal(distribution, ids) : lognormal(distribution, ids);
    if (drawn >= from && drawn <= distribution.to) return drawn;
  }
  return distribution.to;
}

/** By Box and Muller's transform. */
function normal({ mean, sd }: { mean: number; sd: number }, ids: Ids): number {
  const radius = Math.sqrt(-2 * Math.log(1 - ids.random()));
  return mean + sd * radius * Math.cos(2 * Math.PI * ids.random());
}

function lognormal({ mean, sd }: { mean: number; sd: number }, ids: Ids): number {
  const variance = Math.log(1 + (sd / mean) ** 2);
  return Math.exp(normal({ mean: Math.log(mean) - variance / 2, sd: Math.sqrt(variance) }, ids));
}
