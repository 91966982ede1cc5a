/*
 * Where a template comes from: given as it is, or by a URL, which leads to the S3 of this engine whatever its host.
 */
import type { WaitingContext } from '../../kernel/service.ts';
import { MAX_TEMPLATE_BODY_BYTES, MAX_TEMPLATE_BYTES } from '../../languages/template/index.ts';
import { invalid } from './errors.ts';

interface Given {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
}

/** The text of a template; undefined when none is given. */
export async function readBody(ctx: WaitingContext, { TemplateBody, TemplateURL }: Given): Promise<string | undefined> {
  if (TemplateBody !== undefined && TemplateURL !== undefined) {
    throw invalid('Only one of TemplateBody or TemplateUrl may be specified.');
  }
  if (TemplateURL !== undefined) return readObject(ctx, TemplateURL, MAX_TEMPLATE_BYTES);
  if (TemplateBody !== undefined && Buffer.byteLength(TemplateBody) > MAX_TEMPLATE_BODY_BYTES) {
    const constraint = `Member must have length less than or equal to ${MAX_TEMPLATE_BODY_BYTES}`;
    throw invalid(
      `1 validation error detected: Value '${TemplateBody.slice(0, 100)}' at 'templateBody' failed to satisfy constraint: ${constraint}`,
    );
  }
  return TemplateBody;
}

/** The text of an object in S3, by any of the URLs that name one. */
export async function readObject(ctx: WaitingContext, url: string, mostBytes: number): Promise<string> {
  const { bucket, key } = objectOf(url, ctx.host.endpoint);
  let body: Uint8Array;
  try {
    const object = await ctx.call('s3', 'GetObject', { Bucket: bucket, Key: key });
    if ((object.ContentLength ?? 0) > mostBytes) throw invalid(`Template may not exceed ${mostBytes} bytes in size.`);
    body = await bytesOf(object.Body);
  } catch (error) {
    const { name = '', message = '' } = error as Error;
    if (name === 'ValidationError' || name === 'NotImplementedException') throw error;
    throw invalid(
      `S3 error: ${message}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
    );
  }
  if (body.byteLength > mostBytes) throw invalid(`Template may not exceed ${mostBytes} bytes in size.`);
  return Buffer.from(body).toString();
}

/** What an operation of S3 answers with from inside: bytes, or a stream of them. */
async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body instanceof Uint8Array) return body ?? new Uint8Array();
  if (typeof body === 'string') return Buffer.from(body);
  const parts: Uint8Array[] = [];
  for await (const part of body as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts);
}

const NO_URL = 'TemplateURL must be a supported URL.';

/** The forms that tools write: path style and virtual-hosted, with and without a region, ours, and `s3://`. */
export function objectOf(text: string, endpoint: string): { bucket: string; key: string } {
  if (!URL.canParse(text)) throw invalid(NO_URL);
  const url = new URL(text);
  const path = decodeURIComponent(url.pathname.slice(1));
  if (url.protocol === 's3:') return checked(url.host, path);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid(NO_URL);
  const [, bucket] = /^(.+?)\.s3[.-][\w.-]*amazonaws\.com(?:\.cn)?$/.exec(url.hostname) ?? [];
  if (bucket !== undefined) return checked(bucket, path);
  const ours = url.port === new URL(endpoint).port && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname);
  const subdomain = /^(.+)\.(?:s3\.)?localhost$/.exec(url.hostname)?.[1];
  if (subdomain !== undefined) return checked(subdomain, path);
  if (!ours && !/^s3[.-]?[\w.-]*amazonaws\.com(\.cn)?$/.test(url.hostname)) throw invalid(NO_URL);
  const slash = path.indexOf('/');
  return checked(path.slice(0, Math.max(slash, 0)), path.slice(slash + 1));
}

function checked(bucket: string, key: string): { bucket: string; key: string } {
  if (bucket === '' || key === '') throw invalid(NO_URL);
  return { bucket, key };
}
