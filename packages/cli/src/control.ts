/*
 * Carillon's own pages of an engine that is up: asked and told over HTTP, and signed where the environment has keys to
 * sign with, since engines that other machines reach ask for that.
 */
import { createHash, createHmac } from 'node:crypto';
import { CommandError } from './options.ts';

/** Sends to a page of the engine, or asks for it, and answers what it says. Throws a CommandError when it refuses. */
export type Control = (path: string, body?: object, signal?: AbortSignal) => Promise<unknown>;

export function controlOf(endpoint: string): Control {
  return async (path, body, signal) => {
    const request = {
      method: body ? 'POST' : 'GET',
      url: new URL(`/_carillon/${path}`, endpoint),
      body: body ? JSON.stringify(body) : '',
    };
    const headers = await signed(request);
    const answer = await fetch(request.url, {
      ...{ method: request.method, headers },
      ...(body && { body: request.body }),
      ...(signal && { signal }),
    }).catch((error) => {
      if (signal?.aborted) throw error;
      throw new CommandError(`No Carillon is up at ${endpoint}. Start one, as with carillon start --clock virtual.`);
    });
    return read(answer, endpoint);
  };
}

async function read(answer: Response, endpoint: string): Promise<unknown> {
  const said = (await answer.json().catch(() => undefined)) as Refusal | undefined;
  if (said === undefined) throw new CommandError(`What is up at ${endpoint} is no Carillon.`);
  if (answer.ok) return said;
  if (answer.status === 403) {
    throw new CommandError(
      `Callers have to sign at ${endpoint}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to keys that it knows (${said.error?.code}).`,
    );
  }
  throw new CommandError(said.message ?? said.error?.message ?? `The engine answered with ${answer.status}.`);
}

interface Refusal {
  readonly message?: string;
  readonly error?: { readonly code?: string; readonly message?: string };
}

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

/** The headers of a request, signed with the environment's keys where it has some. */
async function signed({ method, url, body }: Request): Promise<Record<string, string>> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = process.env;
  if (!accessKeyId || !secretAccessKey) return {};
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const signer = new SignatureV4({
    service: 'carillon',
    region: 'us-east-1',
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }) },
  });
  const { protocol, hostname, host, pathname: path } = url;
  const request = await signer.sign({ method, protocol, hostname, path, headers: { host }, body });
  const { host: _, ...headers } = request.headers;
  return headers;
}

/** SHA-256 as the signer asks for it, with a secret and without. */
class Sha256 {
  #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}
