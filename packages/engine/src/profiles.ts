/*
 * How AWS's own delays and faults look, for simulations: each figure with its source.
 *
 * AWS publishes no rates of duplicates, throttles or transient errors, only that they happen: they are 0 in the
 * profiles here, and yours to set, as in `{ ...profiles.aws, duplicates: 0.001 }`.
 */
import type { Profile } from './kernel/weather.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Everything happens at once and goes well. */
const ideal: Profile = { name: 'ideal' };

/** Today's AWS, as documented. */
const aws: Profile = {
  name: 'aws',
  delays: {
    // EventBridge User Guide, "Run Lambda functions on a schedule": "a delay of several seconds between the time the
    // scheduled rule is triggered and the time the target service runs"; "within that minute" (Troubleshooting).
    schedule: { shape: 'lognormal', mean: 5_000, sd: 4_000, to: MINUTE - 1 },
    // AWS Architecture Blog, 2026-02-04, on the Amazon Key team's buses: 80 ms end to end at the 90th percentile.
    rule: { shape: 'lognormal', mean: 46, sd: 27, to: 1_000 },
  },
  // Lambda Operator Guide, "Execution environments": "from under 100 ms to over 1 second".
  coldStarts: {
    nodejs: { shape: 'lognormal', mean: 300, sd: 150, to: 3_000 },
    python: { shape: 'lognormal', mean: 300, sd: 150, to: 3_000 },
    provided: { shape: 'lognormal', mean: 100, sd: 50, to: 3_000 },
  },
  // Lambda Developer Guide, "Lambda execution environment lifecycle": terminated "every few hours", even when in use.
  sandboxLifetime: { shape: 'uniform', from: 2 * HOUR, to: 6 * HOUR },
};

/** AWS as the authors of LambdaClock measured it in 2016 (trek10inc/lambda-clock). */
const aws2016: Profile = {
  name: 'aws-2016',
  delays: {
    // Rules late by 25 s on average, 10 to 40, always under a minute.
    schedule: { shape: 'normal', mean: 25_000, sd: 7_500, from: 0, to: MINUTE - 1 },
    // From topic to function 480.76 ms, SD 294.57, at most 8,826 ms, over 5,013 messages.
    topic: { shape: 'lognormal', mean: 480.76, sd: 294.57, to: 8_826 },
  },
  coldStarts: aws.coldStarts!,
  sandboxLifetime: aws.sandboxLifetime!,
};

/** The profiles that come with Carillon, by name. */
export const profiles: Readonly<Record<string, Profile>> = { ideal, aws, 'aws-2016': aws2016 };

/** The profile of a name; throws a RangeError that lists them when there is none. */
export function profileNamed(name: string): Profile {
  const found = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (found) return found;
  throw new RangeError(`"${name}" is not a profile. There are ${Object.keys(profiles).join(', ')}.`);
}
