/*
 * An engine for tests, of whatever runner: `@carillon/engine/testing`. Time stands still until the test moves it,
 * functions are made from a folder or from code written in the test, and what rang is at hand.
 *
 *   await using engine = await createTestEngine();
 *   const ring = await engine.createFunction('ring', 'exports.handler = async (event) => event');
 *   await engine.schedule('every-five', 'rate(5 minutes)', ring);
 *   await engine.clock.advance('1 day');
 *   engine.expectRings(ring, 288);
 */
import { AssertionError } from 'node:assert';
import { createEngine, type EngineOptions, isoMillis } from './engine.ts';
import { createWorkbench, type MadeFunction as TestFunction, type Workbench } from './workbench.ts';

export { AwsError, type Engine, type EngineOptions, type JournalNote } from './engine.ts';
export { type Code, createWorkbench, type FunctionOptions, type Workbench } from './workbench.ts';
export type { TestFunction };

/** One run of a function. */
export interface Ring {
  readonly function: string;
  readonly requestId: string;
  /** When it began, epoch milliseconds. */
  readonly at: number;
  readonly durationMs: number;
  readonly cold: boolean;
  /** `ok`, or the type of the error. */
  readonly outcome: string;
}

export interface TestEngine extends Workbench {
  /** What has run, oldest first: all functions, or one. */
  rings(of?: TestFunction | string): Ring[];
  /** Throws an AssertionError, telling what ran and when, unless a function ran so many times (since the last reset). */
  expectRings(of: TestFunction | string, times: number): Ring[];
}

/** How many runs an error tells of. */
const SHOWN = 10;

/** Starts an engine in virtual time, in memory; the options are those of createEngine. */
export async function createTestEngine(options: EngineOptions = {}): Promise<TestEngine> {
  const engine = await createEngine({ clock: 'virtual', ...options });
  const all: Ring[] = [];
  engine.journal.subscribe(({ kind, subject, outcome, detail }) => {
    if (kind !== 'invocation' || !detail) return;
    const { requestId, startedAt, durationMs, cold } = detail as {
      requestId: string;
      startedAt: number;
      durationMs: number;
      cold: boolean;
    };
    all.push({ function: subject.split(':')[6]!, requestId, at: startedAt, durationMs, cold, outcome });
  });
  const nameOf = (of: TestFunction | string) => (typeof of === 'string' ? of : of.name);
  const rings = (of?: TestFunction | string) => all.filter((ring) => of === undefined || ring.function === nameOf(of));

  const test: TestEngine = Object.create(
    createWorkbench(engine),
    Object.getOwnPropertyDescriptors({
      rings,
      expectRings(of: TestFunction | string, times: number): Ring[] {
        const found = rings(of);
        if (found.length === times) return found;
        const moments = found.slice(-SHOWN).map((ring) => `  ${isoMillis(ring.at)} ${ring.outcome}`);
        const heard = moments.length === 0 ? '' : `\nThe last of them:\n${moments.join('\n')}`;
        const message = `Function ${nameOf(of)} was to run ${times} times by ${isoMillis(engine.clock.now())}, and ran ${found.length} times.${heard}`;
        throw new AssertionError({ message, actual: found.length, expected: times, operator: 'expectRings' });
      },
      async reset() {
        await engine.reset();
        all.length = 0;
      },
    }),
  );
  return test;
}
