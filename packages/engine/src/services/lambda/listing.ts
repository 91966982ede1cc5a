/* Pages of functions, versions and the like, as Lambda gives them. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import type { Table } from '../../kernel/state/table.ts';
import { invalidParameter, keyOf } from './function.ts';

/** A page has at most 50 entries, whatever a client asks for (API Reference, ListFunctions). */
const MOST = 50;

export function pageOf({ Marker, MaxItems }: { Marker?: string | undefined; MaxItems?: number | undefined }) {
  const invalid = () => invalidParameter('The marker is not valid.');
  return { token: Marker, limit: MaxItems, most: MOST, invalid };
}

/** A page of what a function has by qualifier, and the member that leads to the next. */
export function pageByQualifier<T>(ctx: Context, table: Table<T>, name: string, input: Parameters<typeof pageOf>[0]) {
  const prefix = keyOf(name, '');
  const list = (after: string | undefined, limit: number) =>
    ctx.rows(table).list({ prefix, ...(after && { after }), limit });
  const { items, nextToken } = page(list, pageOf(input));
  return {
    items: items.map(([key, row]) => [key.slice(prefix.length), row] as const),
    end: nextToken ? { NextMarker: nextToken } : {},
  };
}

/** What a list leaves out of a function's configuration (API Reference, ListFunctions). */
export function listed({ State, LastUpdateStatus, ...rest }: FunctionConfiguration): FunctionConfiguration {
  return rest;
}
