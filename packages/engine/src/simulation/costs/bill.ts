/*
 * What the usage of a span would cost on AWS, by service and resource. Tiers and the free tier belong to the account:
 * each resource bears its share of what its item costs in a month.
 */
import { sorted, sum } from '../tallies.ts';
import { allowances, type Item, type Price, prices, REGION } from './prices.ts';
import type { Usage } from './usage.ts';

export interface BillLine {
  readonly service: string;
  /** The ARN of what it is for. */
  readonly resource: string;
  readonly item: Item;
  /** In `unit`, free ones too. */
  readonly amount: number;
  readonly unit: string;
  readonly usd: number;
}

export interface Bill {
  /** The region whose prices these are. */
  readonly region: string;
  readonly freeTier: boolean;
  readonly lines: readonly BillLine[];
  readonly totalUsd: number;
  /** Where the prices are from, and when these pages were read. */
  readonly sources: readonly { readonly page: string; readonly read: string }[];
}

const DIGITS = 12;

export function billOf(usage: Usage, { freeTier }: { freeTier: boolean }): Bill {
  const lines = new Map<string, BillLine>();
  for (const [, items] of sorted(usage)) {
    const allowed = new Map<string, number>(freeTier ? Object.entries(allowances) : []);
    for (const [item, resources] of sorted(items)) {
      const price: Price = prices[item];
      const total = sum(resources.values()) / price.metered;
      const usd = costOf(total - draw(allowed, price, total), price);
      for (const [resource, metered] of sorted(resources)) {
        const amount = metered / price.metered;
        const key = `${price.service} ${resource} ${item}`;
        const line = { service: price.service, resource, item, amount, unit: price.unit, usd: usd * (amount / total) };
        lines.set(key, add(lines.get(key), line));
      }
    }
  }
  const all = sorted(lines).map(([, line]) => ({ ...line, amount: round(line.amount), usd: round(line.usd) }));
  const totalUsd = round(sum(all.map(({ usd }) => usd)));
  return { region: REGION, freeTier, lines: all, totalUsd, sources: sourcesOf(all) };
}

/** Without the noise that sums of fractions have in their last digits. */
function round(figure: number): number {
  return Number(figure.toPrecision(DIGITS));
}

/** Takes what is free off this month's allowance; answers how much of the amount that is. */
function draw(allowed: Map<string, number>, { allowance }: Price, amount: number): number {
  const left = allowance === undefined ? undefined : allowed.get(allowance);
  if (allowance === undefined || left === undefined) return 0;
  const free = Math.min(left, amount);
  allowed.set(allowance, left - free);
  return free;
}

function costOf(amount: number, { tiers }: Price): number {
  let [cost, below] = [0, 0];
  for (const { upTo = Number.POSITIVE_INFINITY, usd } of tiers) {
    cost += Math.max(0, Math.min(amount, upTo) - below) * usd;
    below = upTo;
  }
  return cost;
}

function add(before: BillLine | undefined, line: BillLine): BillLine {
  return before ? { ...line, amount: before.amount + line.amount, usd: before.usd + line.usd } : line;
}

function sourcesOf(lines: readonly BillLine[]): Bill['sources'] {
  const pages = new Map(lines.map(({ item }) => [prices[item].source as string, prices[item].read]));
  return sorted(pages).map(([page, read]) => ({ page, read }));
}
