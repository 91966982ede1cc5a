/* The engine that is up: of `--port`, else of AWS_ENDPOINT_URL, else at the port that is expected. */
import { portOf, type Values } from './options.ts';

/** How long an engine may take to say that it is up. */
const HEALTH_TIMEOUT_MS = 2_000;

/** Where an engine that is up is to be found. */
export function endpointOf(values: Values): string {
  const given = values.port ? undefined : process.env.AWS_ENDPOINT_URL;
  return given?.replace(/\/+$/, '') || `http://127.0.0.1:${portOf(values, 4566)}`;
}

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
