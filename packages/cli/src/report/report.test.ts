/* A report as text and as a page, of an app in which much goes wrong. */
import { type Report, simulate, type Workbench } from '@carillon/engine/simulation';
import { beforeAll, describe, expect, test } from 'vitest';
import { inAmount, inTime, inUsd, inWords } from './figures.ts';
import { pageOfReport } from './page.ts';
import { textOfReport } from './text.ts';

let report: Report;
beforeAll(async () => {
  const app = async (engine: Workbench) => {
    const code = `exports.handler = async () => { throw Object.assign(new Error('no'), { name: '<b>&"Bad' }); }`;
    await engine.schedule('bell', 'rate(5 minutes)', await engine.createFunction('bad', code));
    await engine.createFunction('idle', code);
    const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:gone';
    await engine.call('eventbridge', 'PutTargets', { Rule: 'bell', Targets: [{ Id: 'gone', Arn }] });
  };
  const from = '2026-01-01T00:00:00Z';
  report = await simulate({
    app,
    from,
    duration: '1h',
    profile: 'aws',
    assume: { '*': { durationMs: 5 } },
    log: () => {},
  });
});

describe('the text', () => {
  test('has its columns in line, and leaves out those that say nothing', () => {
    const lines = textOfReport(report).split('\n');
    const [heads, bad, idle] = lines.slice(lines.indexOf('Functions') + 1);
    expect(heads).toMatch(/^ {2}function +memory +runs +cold +failed +retries +lost +.*errors$/);
    expect(bad!.indexOf('<b>&"Bad')).toBe(heads!.indexOf('errors'));
    expect(idle).toMatch(/^ {2}idle +128 MB +0 +0 +0 /);
    expect(lines).toContain('  ! The function idle never ran.');
    expect(lines.find((line) => line.startsWith('  gone '))).toMatch(/ResourceNotFoundException 1[12]$/);
    expect(lines.at(-1)).toBe('Billed as if: any other function 5 ms.');
  });
});

describe('the page', () => {
  test('is well-formed, and every text in it is text', () => {
    const page = pageOfReport(report);
    expect(unclosed(page)).toEqual([]);
    expect(page).toContain('&lt;b&gt;&amp;&quot;Bad');
    expect(page).not.toContain('<b>');
  });

  test('stands alone: it loads nothing and runs nothing', () => {
    const page = pageOfReport(report);
    expect(page).not.toMatch(/<(script|link|img|iframe|object|embed)\b|\bsrc=|\bon\w+=|url\(|@import/);
    const links = [...page.matchAll(/(?<=")https?:[^"]+/g)].map(([link]) => link);
    expect(new Set(links)).toEqual(new Set(report.bill.sources.map(({ page: source }) => source)));
  });

  test('says in words what it draws, and names its rows and columns', () => {
    const page = pageOfReport(report);
    const charts = [...page.matchAll(/<svg [^>]*>/g)].map(([tag]) => tag);
    expect(charts.length).toBe(3);
    for (const tag of charts) expect(tag).toMatch(/role="img" aria-label="[^"]{20,}"/);
    expect(page).toContain('aria-label="How late bell was: ');
    const tables = page.match(/<table>/g)!.length;
    expect(page.match(/<caption>[^<]+<\/caption>/g)).toHaveLength(tables);
    expect(page).toMatch(/<th scope="col">function<\/th>/);
    expect(page).toMatch(/<th scope="row">idle<\/th>/);
    expect(page).toContain('<html lang="en">');
    expect(page).toContain('prefers-color-scheme: dark');
  });

  test('draws no more and no less than there is', () => {
    const page = pageOfReport(report);
    const drawn = [...page.matchAll(/<title>([\d,]+) (runs|failed)<\/title>/g)].map(([, count]) => Number(count));
    expect(drawn.reduce((sum, count) => sum + count)).toBe(report.functions[0]!.runs);
  });
});

/** Tags that are not closed where they should be; markup is to be well-formed as XML is. */
function unclosed(page: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [tag, slash, name, end] of page.matchAll(
    /<(\/?)([a-z][a-z0-9]*)(?:\s+[\w-]+="[^"<]*")*\s*(\/?)>|<[^!]/g,
  )) {
    if (name === undefined) wrong.push(tag);
    else if (slash === '/' && open.pop() !== name) wrong.push(tag);
    else if (slash !== '/' && end !== '/') open.push(name);
  }
  return [...wrong, ...open];
}

test('figures say what is worth saying', () => {
  expect([0, 2.414, 480, 1_500, 25_082, 750_000].map(inTime)).toEqual([
    ...['0 ms', '2.41 ms', '480 ms', '1,500 ms', '25.1 s', '12.5 min'],
  ]);
  expect([0, 0.00001, 0.001728, 0.0305, 1_234.5].map(inUsd)).toEqual([
    ...['$0', '< $0.0001', '$0.0017', '$0.03', '$1,234.50'],
  ]);
  expect([8_640, 405.75, 0.0027, 0.00001].map(inAmount)).toEqual(['8,640', '405.8', '0.0027', '< 0.0001']);
  expect([86_400_000 * 30, 302_400_000, 0].map(inWords)).toEqual(['30 days', '3 days 12 hours', 'no time']);
});
