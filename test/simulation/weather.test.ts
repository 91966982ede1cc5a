/* Delays and faults at work on whole systems, over virtual days. */
import { describe, expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from '../../packages/engine/src/testing.ts';

const OK = 'exports.handler = async () => "ok"';
const START = 'virtual:2016-03-01T00:00:00Z';

/** How late each scheduled run began, in milliseconds, by the note of the tick behind it. */
function lateness(engine: TestEngine, onNote: (late: number) => void): void {
  engine.journal.subscribe((note) => {
    if (note.kind !== 'invocation') return;
    let cause = engine.journal.get(note.cause!);
    while (cause && !cause.subject.startsWith('eventbridge.tick')) cause = engine.journal.get(cause.cause!);
    onNote((note.detail as { startedAt: number }).startedAt - (cause!.detail as { due: number }).due);
  });
}

describe('the profile aws-2016', () => {
  it('gives the rule delays that LambdaClock measured: 25 s on average, all under a minute', async () => {
    await using engine = await createTestEngine({ clock: START, profile: 'aws-2016' });
    const late: number[] = [];
    lateness(engine, (ms) => late.push(ms));
    const clock = await engine.createFunction('LambdaClock', OK);
    for (let n = 0; n < 5; n++) await engine.schedule(`LambdaClock_${n}`, `cron(${n}/5 * ? * MON-SUN *)`, clock);
    await engine.clock.advance('84 hours');
    await engine.clock.advance('1 minute');
    expect(late.length).toBeGreaterThanOrEqual(5_040);
    const mean = late.reduce((sum, ms) => sum + ms, 0) / late.length;
    const sd = Math.sqrt(late.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / late.length);
    expect(Math.abs(mean / 25_000 - 1)).toBeLessThan(0.05);
    expect(Math.abs(sd / 7_500 - 1)).toBeLessThan(0.05);
    expect(Math.max(...late)).toBeLessThan(60_000);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  });
});

describe('faults in words', () => {
  it('fail a function so often, and the retries follow', async () => {
    await using engine = await createTestEngine({ clock: START, faults: ['function ring fails 30% of the time'] });
    const ring = await engine.createFunction('ring', OK);
    await engine.schedule('often', 'rate(10 minutes)', ring);
    await engine.clock.advance('3 days');
    await engine.clock.advance('5 minutes');
    const rings = engine.rings(ring);
    const failed = rings.filter(({ outcome }) => outcome === 'InjectedFault');
    expect(failed.length / rings.length).toBeGreaterThan(0.22);
    expect(failed.length / rings.length).toBeLessThan(0.38);
    expect(rings.length).toBeGreaterThan(432);
  });

  it('take a function down for a while each day: what was due then arrives afterwards', async () => {
    await using engine = await createTestEngine({ clock: START });
    const mend = engine.fault('function ring is down from 10:00 to 10:20');
    const ring = await engine.createFunction('ring', OK);
    await engine.schedule('often', 'rate(5 minutes)', ring);
    await engine.clock.advance('1 day');
    const during = engine
      .rings(ring)
      .filter(({ at }) => at >= Date.UTC(2016, 2, 1, 10) && at < Date.UTC(2016, 2, 1, 10, 20));
    expect(during).toEqual([]);
    engine.expectRings(ring, 288);
    await expect(engine.fault.bind(engine, 'the sky falls')).toThrow('Write it as');
    mend();
    await engine.clock.advance('1 day');
    engine.expectRings(ring, 576);
  });

  it('deliver twice when a profile says so', async () => {
    await using engine = await createTestEngine({ clock: START, profile: { name: 'double', duplicates: 1 } });
    const ring = await engine.createFunction('ring', OK);
    await engine.schedule('often', 'rate(5 minutes)', ring);
    await engine.clock.advance('1 hour');
    engine.expectRings(ring, 24);
  });
});
