/* The engine that is up: of `--port`, else of AWS_ENDPOINT_URL, else at the port that is expected. */
import { portOf, textOf, UsageError, type Values } from './options.ts';

/** How long an engine may take to say that it is up. */
const HEALTH_TIMEOUT_MS = 2_000;

/** Where an engine that is up is to be found. */
export function endpointOf(values: Values): string {
  const given = values.port ? undefined : process.env.AWS_ENDPOINT_URL;
  return given?.replace(/\/+$/, '') || `http://127.0.0.1:${portOf(values, 4566)}`;
}

/** The engine of `--endpoint`, else as above. Throws a UsageError for what is no URL. */
export function namedEndpointOf(values: Values): string {
  const endpoint = textOf(values, 'endpoint')?.replace(/\/+$/, '') ?? endpointOf(values);
  if (!URL.canParse(endpoint)) throw new UsageError(`${endpoint} is no URL. Give one as http://127.0.0.1:4566.`);
  return endpoint;
}

/** The options that name an engine. */
export const ENGINE_OPTIONS = {
  endpoint: { value: 'URL', help: 'The engine (that of AWS_ENDPOINT_URL, else http://127.0.0.1:4566)' },
  port: { value: 'PORT', help: 'The engine, by its port on this machine' },
} as const;

/** The endpoint of an engine that is up. */
export async function findEngine(values: Values): Promise<string | undefined> {
  const endpoint = endpointOf(values);
  try {
    const answer = await fetch(`${endpoint}/_carillon/health`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    const { status } = (await answer.json()) as { status?: string };
    return answer.ok && status === 'ok' ? endpoint : undefined;
  } catch {
    return undefined;
  }
}
