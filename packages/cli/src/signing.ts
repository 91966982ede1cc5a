/* Signs requests as AWS's clients do, with the keys of the environment. */
import { createHash, createHmac } from 'node:crypto';

export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whom a request is for: the service and region that a signature names. */
export interface Scope {
  readonly service: string;
  readonly region: string;
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The keys of the environment; undefined where it has none. */
export function keysOfEnvironment(): Keys | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = process.env;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }) };
}

/** The headers of a request, signed. */
export async function signed(request: Request, keys: Keys, scope: Scope): Promise<Record<string, string>> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const signer = new SignatureV4({ ...scope, sha256: Sha256, credentials: keys });
  const { protocol, hostname, host, pathname: path, searchParams } = request.url;
  const query = Object.fromEntries(searchParams);
  const { method, body, headers } = request;
  const answer = await signer.sign({ method, protocol, hostname, path, query, headers: { ...headers, host }, body });
  const { host: _, ...rest } = answer.headers;
  return rest;
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
