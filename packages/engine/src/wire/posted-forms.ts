/*
 * Uploads that browsers post to S3 as forms. A form is turned into the PutObject that it stands for, its file read as it
 * comes; whoever signed the policy in it answers for it, and the form has to keep to that policy.
 *
 * Amazon S3 API Reference, "POST Object", "POST policy", "Authenticating requests in browser-based uploads using POST".
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { parseMoment } from '../kernel/clock.ts';
import { AwsError } from '../kernel/errors.ts';
import type { IncomingBody } from '../kernel/streams.ts';
import { LARGEST_STREAM, parts } from './incoming.ts';
import { loadModel } from './model.ts';
import type { Reply, WireRequest } from './protocol.ts';
import { escapeText, readDocument } from './protocols/xml-codec.ts';
import type { Head } from './rest-routes.ts';

/** The largest that a form's fields before its file may be, in bytes. */
const LARGEST_FIELDS = 20_000;

export interface PostedForm {
  /** By name in lower case, `${filename}` replaced. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: IncomingBody;
}

/** Sizes that a policy lets a file have, in bytes. */
interface Range {
  least: number;
  most: number;
}

export function isPostedForm({ method, headers }: Head): boolean {
  return method === 'POST' && /^multipart\/form-data\b/i.test(String(headers['content-type']));
}

/**
 * Reads a form up to its file, checks it against the policy in it, and has it used. Rejects with AwsError for what is
 * no form, or not what its policy allows; the file fails so too when its size is not.
 */
export async function withForm<T>(
  request: IncomingMessage,
  response: ServerResponse,
  { bucket, use }: { bucket: string; use(form: PostedForm): Promise<T> },
): Promise<T> {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(request.headers['content-type']!) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw malformed();
  if (request.headers.expect !== undefined) response.writeContinue();
  const source = parts(request);
  try {
    return await use(await readForm(new Bytes(source), boundary, bucket));
  } finally {
    // Lets go of the request, of which there may be more to come.
    await source.return(undefined);
  }
}

async function readForm(bytes: Bytes, boundary: string, bucket: string): Promise<PostedForm> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const given = new Map<string, string>();
  let left = LARGEST_FIELDS - (await bytes.text(delimiter, LARGEST_FIELDS)).length;
  for (;;) {
    if ((await bytes.text(LINE_END, 2)) === '--') throw fault(ONE_FILE);
    const { name, fileName } = dispositionOf(await bytes.text(HEAD_END, left));
    if (name === 'file') {
      const fields = withFileName(given, fileName ?? '');
      if (!fields.get('key')) throw fault(NO_KEY, { ArgumentName: 'key', ArgumentValue: '' });
      const range = checkPolicy(fields, bucket);
      const file = Readable.from(within(bytes.until(delimiter), range), { objectMode: false });
      return { fields, file: Object.assign(file, { isForm: true as const, announced: [], trailers: {} }) };
    }
    const value = await bytes.text(delimiter, left);
    left -= Buffer.byteLength(name) + Buffer.byteLength(value);
    given.set(name, value);
  }
}

const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/** A body as texts and bytes between marks. */
class Bytes {
  #source: AsyncGenerator<Buffer>;
  // The first delimiter may have no line before it.
  #held: Buffer = LINE_END;

  constructor(source: AsyncGenerator<Buffer>) {
    this.#source = source;
  }

  /** What is before a mark, which is passed over. Fails with AwsError when there is none. */
  async *until(mark: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const end = this.#held.indexOf(mark);
      // The mark may have begun at the end of what has come.
      const count = end >= 0 ? end : Math.max(this.#held.length - mark.length + 1, 0);
      const part = this.#held.subarray(0, count);
      this.#held = this.#held.subarray(end >= 0 ? end + mark.length : count);
      if (part.length > 0) yield part;
      if (end >= 0) return;
      const { done, value } = await this.#source.next();
      if (done) throw malformed();
      this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
    }
  }

  /** The same as text. Rejects with AwsError for more than `most` bytes. */
  async text(mark: Buffer, most: number): Promise<string> {
    const found: Buffer[] = [];
    let length = 0;
    for await (const part of this.until(mark)) {
      length += part.length;
      if (length > most) throw new AwsError('MaxPostPreDataLengthExceeded', FIELDS_TOO_LARGE);
      found.push(part);
    }
    return Buffer.concat(found).toString();
  }
}

/** Of `Content-Disposition: form-data; name="file"; filename="bell.png"`; a name that is not ASCII may be `filename*`. */
function dispositionOf(head: string): { name: string; fileName: string | undefined } {
  const line = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? '';
  const name = /(?:^|;)\s*name=(?:"([^"]*)"|([^\s;]+))/i.exec(line);
  if (!name) throw malformed();
  const fileName = /;\s*filename="([^"]*)"/i.exec(line)?.[1];
  const encoded = /;\s*filename\*=utf-8''([^\s;]+)/i.exec(line)?.[1];
  return { name: (name[1] ?? name[2]!).toLowerCase(), fileName: encoded ? decoded(encoded) : fileName };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

/** `${filename}` stands for the file's name, without folders that some browsers send with it. */
function withFileName(given: ReadonlyMap<string, string>, fileName: string): Map<string, string> {
  const base = fileName.replace(/^.*[/\\]/, '');
  return new Map([...given].map(([name, value]) => [name, value.replaceAll('${filename}', () => base)]));
}

async function* within(source: AsyncIterable<Buffer>, { least, most }: Range): AsyncGenerator<Buffer> {
  let count = 0;
  for await (const part of source) {
    count += part.length;
    if (count > most) {
      const members = { ProposedSize: count, MaxSizeAllowed: most };
      throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', { members });
    }
    yield part;
  }
  if (count >= least) return;
  const members = { ProposedSize: count, MinSizeAllowed: least };
  throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', { members });
}

/** Fields that no policy has to name. */
const FREE = /^(x-amz-signature|signature|awsaccesskeyid|file|policy|bucket|x-ignore-.*)$/;

/** Throws AwsError where a form is not what its policy says; returns what it says of the file. */
function checkPolicy(fields: ReadonlyMap<string, string>, bucket: string): Range {
  const range = { least: 0, most: LARGEST_STREAM };
  const policy = policyOf(fields);
  if (!policy) return range;
  const named = new Set<string>();
  const given = (name: string) => (name === 'bucket' ? bucket : fields.get(name));
  for (const condition of policy.conditions.flatMap(asLists)) {
    const [operator, field, value] = condition as [unknown, unknown, unknown];
    const kind = String(operator).toLowerCase();
    if (kind === 'content-length-range') {
      const [least, most] = [Number(field), Number(value)];
      if (!Number.isSafeInteger(least) || !Number.isSafeInteger(most)) throw badPolicy('Invalid content-length-range.');
      Object.assign(range, { least: Math.max(range.least, least), most: Math.min(range.most, most) });
      continue;
    }
    const isKnown = kind === 'eq' || kind === 'starts-with';
    if (!isKnown || typeof field !== 'string' || !field.startsWith('$') || typeof value !== 'string') {
      throw badPolicy(`Invalid Condition: ${JSON.stringify(condition)}`);
    }
    const name = field.slice(1).toLowerCase();
    named.add(name);
    const found = given(name);
    const holds = kind === 'eq' ? found === value : (found ?? '').startsWith(value);
    if (!holds) throw againstPolicy(`Policy Condition failed: ${JSON.stringify(condition)}`);
  }
  const extra = [...fields.keys()].filter((name) => !named.has(name) && !FREE.test(name));
  if (extra.length > 0) throw againstPolicy(`Extra input fields: ${extra.join(', ')}`);
  return range;
}

/** `{"acl": "private"}` says the same as `["eq", "$acl", "private"]`. */
function asLists(condition: unknown): readonly unknown[][] {
  if (Array.isArray(condition)) return [condition];
  if (typeof condition !== 'object' || condition === null) throw badPolicy('Invalid Condition.');
  return Object.entries(condition).map(([name, value]) => ['eq', `$${name}`, value]);
}

interface Policy {
  readonly expiration: string;
  readonly conditions: readonly unknown[];
}

/** Throws AwsError when a form's policy holds no longer. */
export function checkExpiry(fields: ReadonlyMap<string, string>, now: number): void {
  const policy = policyOf(fields);
  if (policy && momentOf(policy) <= now) throw againstPolicy('Policy expired.');
}

function momentOf({ expiration }: Policy): number {
  try {
    return parseMoment(expiration);
  } catch {
    throw badPolicy(`Invalid 'expiration' value: '${expiration}'`);
  }
}

/** The policy in a form. Throws AwsError for one that is none. */
function policyOf(fields: ReadonlyMap<string, string>): Policy | undefined {
  const encoded = fields.get('policy');
  if (encoded === undefined) return undefined;
  let policy: Policy;
  try {
    policy = JSON.parse(Buffer.from(encoded, 'base64').toString());
  } catch {
    throw badPolicy('Invalid JSON.');
  }
  if (typeof policy?.expiration !== 'string') throw badPolicy('Policy missing expiration.');
  if (!Array.isArray(policy.conditions)) throw badPolicy('Policy missing conditions.');
  return policy;
}

/** Fields that are headers of PutObject under the same name. */
const HEADERS = /^(cache-control|content-(type|disposition|encoding|language)|expires|x-amz-.+)$/;
/** Fields of the signature. */
const OF_SIGNATURE = /^x-amz-(algorithm|credential|date|signature|security-token)$/;

/** The PutObject that a form to a bucket stands for. */
export async function putOf({ fields, file }: PostedForm, bucket: string): Promise<WireRequest> {
  const headers: Record<string, string> = {};
  for (const [name, value] of fields) {
    if (HEADERS.test(name) && !OF_SIGNATURE.test(name)) headers[name] = value;
  }
  const acl = fields.get('acl');
  if (acl !== undefined) headers['x-amz-acl'] = acl;
  const tagging = fields.get('tagging');
  if (tagging !== undefined) headers['x-amz-tagging'] = await tagsOf(tagging);
  const path = `/${bucket}/${encodeURIComponent(fields.get('key')!)}`;
  return { method: 'PUT', path, query: '', headers, body: Buffer.alloc(0), stream: file };
}

/** A form has its tags as a document, PutObject in a header. */
async function tagsOf(document: string): Promise<string> {
  const { input } = (await loadModel('s3')).operations.get('PutObjectTagging')!;
  const { shape } = input.members.find(({ name }) => name === 'Tagging')!;
  const { TagSet = [] } = readDocument(shape, document) as { TagSet?: readonly { Key?: string; Value?: string }[] };
  return new URLSearchParams(TagSet.map(({ Key = '', Value = '' }) => [Key, Value])).toString();
}

/** What a browser is answered: the page that the form names, or the status. */
export function replyToForm(form: PostedForm, bucket: string, { host, reply }: { host: string; reply: Reply }): Reply {
  const { fields } = form;
  const [key, etag] = [fields.get('key')!, reply.headers.etag ?? ''];
  const page = URL.parse(fields.get('success_action_redirect') ?? fields.get('redirect') ?? '');
  if (page) {
    for (const [name, value] of Object.entries({ bucket, key, etag })) page.searchParams.append(name, value);
    return { status: 303, headers: { ...reply.headers, location: page.href }, body: '' };
  }
  const location = `http://${host}/${encodeURIComponent(key)}`;
  const headers = { ...reply.headers, location };
  const status = fields.get('success_action_status');
  if (status === '200') return { status: 200, headers, body: '' };
  if (status !== '201') return { status: 204, headers, body: '' };
  const members = Object.entries({ Location: location, Bucket: bucket, Key: key, ETag: etag });
  const text = members.map(([name, value]) => `<${name}>${escapeText(value)}</${name}>`).join('');
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>${text}</PostResponse>`;
  return { status: 201, headers: { ...headers, 'content-type': 'application/xml' }, body };
}

const ONE_FILE = 'POST requires exactly one file upload per request.';
const NO_KEY =
  "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.";
const FIELDS_TOO_LARGE = 'Your POST request fields preceding the upload file were too large.';

function fault(message: string, members = {}): AwsError {
  return new AwsError('InvalidArgument', message, { members });
}

function malformed(): AwsError {
  return new AwsError('MalformedPOSTRequest', 'The body of your POST request is not well-formed multipart/form-data.');
}

function badPolicy(words: string): AwsError {
  return new AwsError('InvalidPolicyDocument', `Invalid Policy: ${words}`);
}

function againstPolicy(words: string): AwsError {
  return new AwsError('AccessDenied', `Invalid according to Policy: ${words}`, { status: 403 });
}
