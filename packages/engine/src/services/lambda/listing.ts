/* Pages of functions, versions and the like, as Lambda gives them. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { invalidParameter } from './function.ts';

/** A page has at most 50 entries, whatever a client asks for (API Reference, ListFunctions). */
const MOST = 50;

export function pageOf({ Marker, MaxItems }: { Marker?: string | undefined; MaxItems?: number | undefined }) {
  const invalid = () => invalidParameter('The marker is not valid.');
  return { token: Marker, limit: MaxItems, most: MOST, invalid };
}

/** What a list leaves out of a function's configuration (API Reference, ListFunctions). */
export function listed({ State, LastUpdateStatus, ...rest }: FunctionConfiguration): FunctionConfiguration {
  return rest;
}
