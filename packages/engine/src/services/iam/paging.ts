/* Lists in pages: `Marker` carries the key of the last item given, so that items may come and go between pages. */
import { AwsError } from '../../kernel/errors.ts';

export interface PageRequest {
  Marker?: string | undefined;
  MaxItems?: number | undefined;
}

/** What every list answers beside its items. */
export interface PageEnd {
  IsTruncated: boolean;
  Marker?: string;
}

const DEFAULT_ITEMS = 100;

/** The next page of items, in order of their keys, which must be unique. */
export function page<T>(items: readonly T[], keyOf: (item: T) => string, request: PageRequest): [T[], PageEnd] {
  const keyed = items.map((item) => [keyOf(item), item] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  const last = request.Marker === undefined ? undefined : keyOfMarker(request.Marker);
  const start = last === undefined ? 0 : keyed.filter(([key]) => key <= last).length;
  const end = start + (request.MaxItems ?? DEFAULT_ITEMS);
  const given = keyed.slice(start, end);
  const marker = end < keyed.length && given.length > 0 ? Buffer.from(given.at(-1)![0]).toString('base64') : undefined;
  return [given.map(([, item]) => item), { IsTruncated: marker !== undefined, ...(marker && { Marker: marker }) }];
}

function keyOfMarker(marker: string): string {
  const key = Buffer.from(marker, 'base64').toString();
  if (Buffer.from(key).toString('base64') !== marker) throw new AwsError('ValidationError', 'Invalid Marker.');
  return key;
}
