/* Calls to AWS's own APIs of the engine that is up, in the JSON protocols, for commands that look at what is there. */
import { CommandError } from './options.ts';
import { keysOfEnvironment, signed } from './signing.ts';

/** A call that the engine refused, by AWS's code. */
export class AwsRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A request of an API: what AWS's clients send. */
export interface AwsRequest {
  /** The service's name in signatures. */
  readonly service: string;
  /** `X-Amz-Target` of the JSON protocols. */
  readonly target?: string;
  /** The path of a GET, where the service has paths. */
  readonly path?: string;
  readonly input?: object;
}

/** Sends a request; resolves with the answer. Throws an AwsRefusal, or a CommandError where no engine answers. */
export type CallAws = (request: AwsRequest) => Promise<Record<string, unknown>>;

/** The region that calls are for. */
export function regionOfEnvironment(): string {
  return process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || 'us-east-1';
}

/** The account that calls are for: an access key of twelve digits is one. */
export function accountOfEnvironment(): string {
  const { accessKeyId = '' } = keysOfEnvironment() ?? {};
  return /^\d{12}$/.test(accessKeyId) ? accessKeyId : '000000000000';
}

export function awsOf(endpoint: string): CallAws {
  return async ({ service, target, path, input }) => {
    const request = {
      method: path ? 'GET' : 'POST',
      url: new URL(path ?? '/', endpoint),
      body: path ? '' : JSON.stringify(input ?? {}),
      headers: target ? { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target } : {},
    };
    const keys = keysOfEnvironment() ?? { accessKeyId: 'test', secretAccessKey: 'test' };
    const headers = await signed(request, keys, { service, region: regionOfEnvironment() });
    const { method, url, body } = request;
    const answer = await fetch(url, { method, headers, ...(body && { body }) }).catch(() => {
      throw new CommandError(
        `No Carillon is up at ${endpoint}. Start one with carillon start, or name its --endpoint.`,
      );
    });
    const said = (await answer.json().catch(() => undefined)) as Said | undefined;
    if (said === undefined) throw new CommandError(`What is up at ${endpoint} is no Carillon.`);
    if (answer.ok) return said;
    const type = String(said.__type ?? answer.headers.get('x-amzn-errortype') ?? answer.status);
    throw new AwsRefusal(
      type.split(':')[0]!.split('#').at(-1)!,
      said.message ?? said.Message ?? 'The engine gave no reason.',
    );
  };
}

interface Said extends Record<string, unknown> {
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
}
