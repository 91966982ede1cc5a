/*
 * Carillon's own pages of an engine that is up: asked and told over HTTP, and signed where the environment has keys to
 * sign with, since engines that other machines reach ask for that.
 */
import { CommandError } from './options.ts';
import { keysOfEnvironment, signed } from './signing.ts';

/** Whom our pages are for, as signatures name it. */
const SCOPE = { service: 'carillon', region: 'us-east-1' };

/** Sends to a page of the engine, or asks for it, and answers what it says. Throws a CommandError when it refuses. */
export type Control = (path: string, body?: object, signal?: AbortSignal) => Promise<unknown>;

export function controlOf(endpoint: string): Control {
  return async (path, body, signal) => {
    const request = {
      method: body ? 'POST' : 'GET',
      url: new URL(`/_carillon/${path}`, endpoint),
      body: body ? JSON.stringify(body) : '',
    };
    const keys = keysOfEnvironment();
    const headers = keys ? await signed(request, keys, SCOPE) : {};
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
