/*
 * Runtimes that AWS has retired, and since when it refuses to make functions of them and to change those that there are
 * (Lambda Developer Guide, "Lambda runtimes", the table of deprecated runtimes). Carillon runs them all the same, unless
 * it is to be strict. The engine's own time counts: a year that is lived through again knows its own runtimes.
 */
import { parseMoment } from '../../kernel/clock.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { invalidParameter } from './function.ts';

/** The days from which functions can't be created, and can't be updated any more. */
const RETIRED: Readonly<Record<string, readonly [create: string, update: string]>> = {
  nodejs: ['2016-10-31', '2016-10-31'],
  'nodejs4.3': ['2020-02-03', '2020-03-05'],
  'nodejs4.3-edge': ['2019-03-31', '2019-04-30'],
  'nodejs6.10': ['2019-08-12', '2019-08-12'],
  'nodejs8.10': ['2020-02-04', '2020-03-06'],
  'nodejs10.x': ['2021-07-30', '2022-02-14'],
  'nodejs12.x': ['2023-03-31', '2023-04-30'],
  'nodejs14.x': ['2024-01-09', '2024-02-08'],
  'nodejs16.x': ['2026-08-31', '2026-09-30'],
  'nodejs18.x': ['2026-08-31', '2026-09-30'],
  'nodejs20.x': ['2026-08-31', '2026-09-30'],
  'python2.7': ['2021-07-15', '2022-05-30'],
  'python3.6': ['2022-07-18', '2022-08-29'],
  'python3.7': ['2024-01-09', '2024-02-08'],
  'python3.8': ['2026-08-31', '2026-09-30'],
  'python3.9': ['2026-08-31', '2026-09-30'],
  provided: ['2024-02-08', '2024-03-12'],
  'go1.x': ['2024-02-08', '2024-03-12'],
  java8: ['2024-02-08', '2024-03-12'],
  'ruby2.5': ['2021-07-30', '2022-03-31'],
  'ruby2.7': ['2024-01-09', '2024-02-08'],
  'dotnetcore1.0': ['2019-06-27', '2019-07-30'],
  'dotnetcore2.0': ['2019-05-30', '2019-05-30'],
  'dotnetcore2.1': ['2022-01-05', '2022-04-13'],
  'dotnetcore3.1': ['2023-04-03', '2023-05-03'],
  dotnet6: ['2026-08-31', '2026-09-30'],
};

const SINCE = new Map(
  Object.entries(RETIRED).map(([name, days]) => [name, days.map((day) => parseMoment(`${day}T00:00:00Z`))]),
);

/** Throws AWS's error for a runtime that is retired by now, where the engine is strict. */
export function checkRetirement(
  { host }: Pick<Context | WaitingContext, 'host'>,
  change: 'create' | 'update',
  runtime = '',
): void {
  if (!host.settings.strict) return;
  const since = SINCE.get(runtime)?.[change === 'create' ? 0 : 1];
  if (since === undefined || host.clock.now() < since) return;
  throw invalidParameter(
    `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
  );
}
