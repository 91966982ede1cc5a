import { describe, expect, it } from 'vitest';
import { createIds } from './ids.ts';
import { createWeather, type Distribution, type Profile } from './weather.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:ring';
const weather = (profile: Partial<Profile> = {}) => createWeather({ name: 'test', ...profile }, createIds(1));

function figures(draws: number[]) {
  const mean = draws.reduce((sum, drawn) => sum + drawn, 0) / draws.length;
  const sd = Math.sqrt(draws.reduce((sum, drawn) => sum + (drawn - mean) ** 2, 0) / draws.length);
  return { mean, sd, least: Math.min(...draws), most: Math.max(...draws) };
}

describe('distributions', () => {
  const drawn = (distribution: Distribution) => {
    const { delayOf } = weather({ delays: { rule: distribution } });
    return figures(Array.from({ length: 20_000 }, () => delayOf('rule')));
  };

  it('have the mean and deviation that they are said to have, within their bounds', () => {
    const normal = drawn({ shape: 'normal', mean: 25_000, sd: 7_500, from: 0, to: 59_999 });
    expect(normal.mean).toBeCloseTo(25_000, -3);
    expect(normal.sd / 7_500).toBeCloseTo(1, 1);
    expect(normal.most).toBeLessThan(60_000);
    expect(normal.least).toBeGreaterThanOrEqual(0);

    const skewed = drawn({ shape: 'lognormal', mean: 480.76, sd: 294.57, to: 8_826 });
    expect(skewed.mean / 480.76).toBeCloseTo(1, 1);
    expect(skewed.sd / 294.57).toBeCloseTo(1, 1);
    expect(skewed.most).toBeLessThanOrEqual(8_826);

    const uniform = drawn({ shape: 'uniform', from: 100, to: 300 });
    expect(uniform.mean).toBeCloseTo(200, -1);
    expect([uniform.least, uniform.most]).toEqual([100, 300]);
  });

  it('end at their bound where nearly all lies beyond it', () => {
    expect(drawn({ shape: 'normal', mean: 1e9, sd: 1, from: 0, to: 10 }).most).toBe(10);
  });
});

describe('without a profile', () => {
  it('nothing is late, twice, refused or failing', () => {
    const calm = weather();
    expect(calm.delayOf('schedule')).toBe(0);
    expect(calm.delayOf(undefined)).toBe(0);
    expect(calm.duplicates()).toBe(false);
    expect(calm.refusalOf(ARN, 0)).toBeUndefined();
    expect(calm.fails(ARN, 0)).toBe(false);
    expect(calm.coldStartOf('nodejs24.x')).toBeUndefined();
    expect(calm.sandboxLifetime()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('faults', () => {
  it('strike the resource they are meant for, so often, while they are on, until taken away', () => {
    const stormy = weather();
    const mend = stormy.add({ strikes: (arn) => arn === ARN, effect: 'fails', share: 0.1, isOn: (at) => at < 100_000 });
    const failed = Array.from({ length: 10_000 }, (_, at) => stormy.fails(ARN, at)).filter(Boolean).length;
    expect(failed).toBeGreaterThan(850);
    expect(failed).toBeLessThan(1_150);
    expect(Array.from({ length: 100 }, () => stormy.fails(ARN, 100_000))).not.toContain(true);
    expect(Array.from({ length: 100 }, () => stormy.fails(`${ARN}2`, 0))).not.toContain(true);
    expect(stormy.refusalOf(ARN, 0)).toBeUndefined();
    mend();
    expect(Array.from({ length: 100 }, () => stormy.fails(ARN, 0))).not.toContain(true);
  });

  it('of a profile refuse for now, as AWS would', () => {
    expect(weather({ throttles: 1 }).refusalOf(ARN, 0)).toMatchObject({ code: 'ThrottlingException', status: 429 });
    expect(weather({ errors: 1 }).refusalOf(ARN, 0)).toMatchObject({ code: 'ServiceUnavailable', status: 503 });
  });
});
