/*
 * Lambda over plain HTTP: archives of code that clients fetch, and functions behind URLs.
 * Lambda Developer Guide, "Invoking Lambda function URLs" and "Control access to Lambda function URLs".
 */
import { readFile } from 'node:fs/promises';
import { accountOf } from '../../kernel/access-keys.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { WaitingContext, Web, WebReply, WebRequest } from '../../kernel/service.ts';
import { callerByUrl } from './access.ts';
import { codeArchive } from './code.ts';
import { preflight, withCors } from './cors.ts';
import { functionArn } from './function.ts';
import { type FunctionUrl, type UrlTarget, urlById } from './function-urls.ts';
import { BAD_GATEWAY, httpEvent, httpReply, streamedReply } from './http-events.ts';

const HOST = /^([0-9a-z]{32})\.lambda-url\./;
const PATH = /^\/_carillon\/lambda\/urls\/([0-9a-z]{32})(\/.*)?$/s;
const ARCHIVE = /^\/_carillon\/lambda\/([^/]+)$/;

const NOT_FOUND: WebReply = message(404, 'Not Found');
const FORBIDDEN: WebReply = message(403, 'Forbidden');

export const web: Web = {
  hosts: HOST,
  async serve(ctx, request) {
    const [, onHost] = HOST.exec(String(request.headers.host)) ?? [];
    if (onHost) return answer(ctx, onHost, request);
    const [, id, path = '/'] = PATH.exec(request.path) ?? [];
    if (id) return answer(ctx, id, { ...request, path });
    const [, name] = ARCHIVE.exec(request.path) ?? [];
    const archive = name && request.method === 'GET' && codeArchive(ctx.host, name);
    return archive ? { status: 200, body: await readFile(archive) } : NOT_FOUND;
  },
};

async function answer(ctx: WaitingContext, id: string, request: WebRequest): Promise<WebReply> {
  const found = await ctx.transact((tx) => urlById(tx, id));
  if (!found) return NOT_FOUND;
  const { cors, authType } = found.url;
  const asked = preflight(cors, request);
  if (asked) return asked;
  if (authType === 'AWS_IAM' && !request.signer) return FORBIDDEN;
  return withCors(cors, request, await invoke(ctx, found, request));
}

async function invoke(
  ctx: WaitingContext,
  { target, url }: { target: UrlTarget; url: FunctionUrl },
  request: WebRequest,
): Promise<WebReply> {
  const { scope, name, qualifier } = target;
  const signer = url.authType === 'AWS_IAM' ? request.signer : undefined;
  const { accessKeyId } = signer ?? {};
  const event = httpEvent(request, {
    urlId: url.id,
    region: scope.region,
    accountId: accessKeyId === undefined ? 'anonymous' : (accountOf(accessKeyId) ?? ctx.scope.account),
    accessKeyId,
    requestId: ctx.requestId,
    now: ctx.clock.now(),
  });
  const input = { FunctionName: functionArn(scope, name, qualifier), Payload: Buffer.from(JSON.stringify(event)) };
  try {
    const caller = callerByUrl(url.authType, signer);
    const { Payload, FunctionError } = await ctx.letTimePass(ctx.call('lambda', 'Invoke', input, { scope, caller }));
    if (FunctionError) return BAD_GATEWAY;
    const payload = Buffer.from(Payload ?? []);
    return url.invokeMode === 'RESPONSE_STREAM' ? streamedReply(payload) : httpReply(payload);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'AccessDeniedException') return FORBIDDEN;
    return message(error.status === 400 ? 502 : error.status, error.message);
  }
}

function message(status: number, Message: string): WebReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ Message }) };
}
