/*
 * What web pages of other sites may ask of a bucket, by its rules.
 *
 * Amazon S3 User Guide, "Using cross-origin resource sharing (CORS)", "How does Amazon S3 evaluate the CORS
 * configuration on a bucket?"
 */
import type { CORSConfiguration, CORSRule } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/errors.ts';
import type { CrossOriginRequest } from '../../kernel/service.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { buckets } from './bucket.ts';

/** Headers that let a page in; undefined for what is no bucket's. Throws AccessForbidden where no rule lets it in. */
export function crossOrigin(rows: TableReader, request: CrossOriginRequest): Record<string, string> | undefined {
  const { path, origin, method, isPreflight, headers } = request;
  const bucket = rows(buckets).get(path.split('/')[1]!);
  if (!bucket) return undefined;
  const { CORSRules = [] } = (bucket.configurations.Cors ?? {}) as Partial<CORSConfiguration>;
  if (CORSRules.length === 0) throw forbidden('CORS is not enabled for this bucket.', method);
  const rule = CORSRules.find((rule) => lets(rule, request));
  if (!rule) {
    throw forbidden(
      "This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
      method,
    );
  }
  const { AllowedOrigins = [], AllowedMethods = [], ExposeHeaders = [], MaxAgeSeconds } = rule;
  const isForAll = AllowedOrigins.includes('*');
  return {
    'access-control-allow-origin': isForAll ? '*' : origin,
    'access-control-allow-methods': AllowedMethods.join(', '),
    ...(isPreflight && headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    ...(ExposeHeaders.length > 0 && { 'access-control-expose-headers': ExposeHeaders.join(', ') }),
    ...(MaxAgeSeconds !== undefined && { 'access-control-max-age': String(MaxAgeSeconds) }),
    ...(!isForAll && { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

function forbidden(message: string, method: string): AwsError {
  const members = { Method: method, ResourceType: 'OBJECT' };
  return new AwsError('AccessForbidden', `CORSResponse: ${message}`, { status: 403, members });
}

function lets({ AllowedOrigins = [], AllowedMethods = [], AllowedHeaders = [] }: CORSRule, asked: CrossOriginRequest) {
  const { origin, method, headers } = asked;
  return (
    AllowedOrigins.some((pattern) => fits(pattern, origin)) &&
    AllowedMethods.includes(method) &&
    headers.every((name) => AllowedHeaders.some((pattern) => fits(pattern.toLowerCase(), name.toLowerCase())))
  );
}

/** A pattern has one asterisk at most. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}
