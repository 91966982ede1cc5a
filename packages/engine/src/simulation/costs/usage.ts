/*
 * What AWS would charge for, by calendar month (UTC): its tiers and its free tier begin anew with each.
 */

import { isoSeconds, parseMoment } from '../../kernel/clock.ts';
import { getOrMake } from '../../kernel/maps.ts';
import { increase } from '../tallies.ts';
import type { Item } from './prices.ts';

/** Takes down so much of an item, for a resource, at a moment (epoch milliseconds). Amounts are in what is metered. */
export type Meter = (item: Item, resource: string, amount: number, at: number) => void;

/** Amounts by resource, by item, by month (`2026-01`). */
export type Usage = ReadonlyMap<string, ReadonlyMap<Item, ReadonlyMap<string, number>>>;

export function createUsage(): { meter: Meter; usage: Usage } {
  const months = new Map<string, Map<Item, Map<string, number>>>();
  const monthAt = monthReader();
  return {
    usage: months,
    meter(item, resource, amount, at) {
      const { name } = monthAt(at);
      const items = getOrMake(months, name, () => new Map<Item, Map<string, number>>());
      increase(
        getOrMake(items, item, () => new Map<string, number>()),
        resource,
        amount,
      );
    },
  };
}

/** The parts of a stretch of time that lie in one calendar month each. */
export function* byMonth(from: number, to: number): Generator<{ from: number; to: number }> {
  const monthAt = monthReader();
  for (let start = from; start < to; ) {
    const end = Math.min(to, monthAt(start).end);
    yield { from: start, to: end };
    start = end;
  }
}

interface Month {
  readonly name: string;
  /** When it begins, and when the next one does. */
  readonly start: number;
  readonly end: number;
}

/** Finds the month of a moment; most moments are in the month of the one before. */
function monthReader(): (at: number) => Month {
  let month: Month = { name: '', start: 0, end: 0 };
  return (at) => {
    if (at < month.start || at >= month.end) month = monthOf(at);
    return month;
  };
}

function monthOf(at: number): Month {
  const name = isoSeconds(at).slice(0, 7);
  const [year, month] = name.split('-').map(Number) as [number, number];
  const next = month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`;
  return { name, start: parseMoment(`${name}-01T00:00:00Z`), end: parseMoment(`${next}-01T00:00:00Z`) };
}
