/*
 * Carillon's own pages of an engine that is up: asked and told over HTTP, and signed where the environment has keys to
 * sign with, since engines that other machines reach ask for that.
 */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { JournalNote } from '@carillon/engine';
import { CommandError } from './options.ts';
import { keysOfEnvironment, signed } from './signing.ts';
import { remark } from './terminal.ts';

/** Whom our pages are for, as signatures name it. */
const SCOPE = { service: 'carillon', region: 'us-east-1' };

/** Sends to a page of the engine, or asks for it, and answers what it says. Throws a CommandError when it refuses. */
export type Control = (path: string, body?: object, signal?: AbortSignal) => Promise<unknown>;

export function controlOf(endpoint: string): Control {
  return async (path, body, signal) => read(await send(endpoint, path, body, signal), endpoint);
}

/** What the engine tells of what happens, with its moment as text. */
export type ToldNote = JournalNote & { readonly time: string };

/**
 * The notes of the engine's journal from now on, until the signal aborts; `onReady` is called once none is missed any
 * more. Throws a CommandError when the engine goes away.
 */
export async function* followJournal(
  endpoint: string,
  { kinds, signal, onReady }: { kinds?: readonly string[]; signal: AbortSignal; onReady?: () => void },
): AsyncGenerator<ToldNote> {
  try {
    const answer = await send(endpoint, `journal${kinds ? `?kind=${kinds.join(',')}` : ''}`, undefined, signal);
    if (!answer.ok || !answer.body) await read(answer, endpoint);
    const lines = createInterface({ input: Readable.fromWeb(answer.body as ReadableStream) });
    for await (const line of lines) {
      if (line === '') onReady?.();
      else {
        const told = JSON.parse(line) as ToldNote | { missed: number };
        if ('missed' in told) remark(`${told.missed} notes were missed: they came too fast.`);
        else yield told;
      }
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
  }
  if (!signal.aborted) throw new CommandError(`The engine at ${endpoint} has gone away.`);
}

async function send(endpoint: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  const request = {
    method: body ? 'POST' : 'GET',
    url: new URL(`/_carillon/${path}`, endpoint),
    body: body ? JSON.stringify(body) : '',
  };
  const keys = keysOfEnvironment();
  const headers = keys ? await signed(request, keys, SCOPE) : {};
  return fetch(request.url, {
    ...{ method: request.method, headers },
    ...(body && { body: request.body }),
    ...(signal && { signal }),
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new CommandError(`No Carillon is up at ${endpoint}. Start one, as with carillon start --clock virtual.`);
  });
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
